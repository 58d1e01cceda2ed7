"""The settings of the house: members, teams, webhooks."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.people import actions
from unfelt.engines.people.access import NothingHereError
from unfelt.engines.people.asked import MemberAsked, MemberChangeAsked, RecoverAsked, TeamAsked
from unfelt.engines.people.reading import PeopleError
from unfelt.engines.rights import ROLES
from unfelt.records.models import Member, Team
from unfelt.web.access.acting import by_now
from unfelt.web.access.links import Kind, end_links, make_link
from unfelt.web.accounts.logins import has_credentials
from unfelt.web.accounts.opening import open_again
from unfelt.web.accounts.proving import proven
from unfelt.web.accounts.recording import end_all, rights_changed
from unfelt.web.accounts.warning import warn
from unfelt.web.frame.forms import asked_in, ticked_in, typed_in
from unfelt.web.frame.page import Tab, action, form, page, problem_of
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table

INVITED_FOR = 3 * 86400
"""Seconds for which an invitation can be used."""

RECOVERED_FOR = 3600
"""The same for an account that is opened again."""

CHOOSE = "/settings/me/"


def members_like(wanted: str) -> list[Member]:
    """Members by name, title or address, with their teams."""
    rows = Member.objects.prefetch_related("memberships__team")
    if wanted:
        rows = rows.filter(Q(name__icontains=wanted) | Q(title__icontains=wanted) | Q(email__icontains=wanted))
    return list(rows)


@form("settings/members/", Message("Members"), right="admin", tabs=(Tab("settings", 6),))
@proven
def members(request: HttpRequest) -> HttpResponse:
    """Everybody who can log in; POST adds somebody."""
    if request.method == "POST":
        made = actions.add_member(**asked_in(request, MemberAsked).model_dump(), **by_now(request))
        return redirect("member", number=made.pk)
    wanted = request.GET.get("q", "").strip()[:200]
    shown = {
        "q": wanted,
        "members": members_like(wanted),
        "all_roles": ROLES,
        "problem": problem_of(request),
        "typed": typed_in(request, "name", "title", "email"),
        "ticked": ticked_in(request, "roles"),
    }
    return render(request, "members.html", with_reader(request, shown))


@page("settings/members.csv", Message("Members"), right="admin")
def members_export(request: HttpRequest) -> HttpResponse:
    """The list as it is shown."""
    rows = [
        {
            "name": one.name,
            "title": one.title,
            "email": one.email or "",
            "roles": ", ".join(one.roles),
            "teams": "; ".join(f"{held.team_id}: {', '.join(held.roles)}" for held in one.memberships.all()),
            "active": one.is_active,
            "last_login": one.last_login.isoformat() if one.last_login else "",
        }
        for one in members_like(request.GET.get("q", "").strip()[:200])
    ]
    return harmless_table(
        "members.csv", ("name", "title", "email", "roles", "teams", "active", "last_login"), rows
    )


@form("settings/members/<int:number>/", Message("Members"), right="admin")
@proven
def member(request: HttpRequest, number: int) -> HttpResponse:
    """One of them: what they are called, their roles everywhere and in each team."""
    found = Member.objects.filter(pk=number).first()
    if found is None:
        raise NothingHereError
    if request.method == "POST":
        _save(request, found)
        return redirect("member", number=number)
    return _member(request, found)


def _member(request: HttpRequest, found: Member, *, link: str | None = None) -> HttpResponse:
    held = {one.team_id: one.roles for one in found.memberships.all()}
    shown = {
        "member": found,
        "teams": [(team, held.get(team.id, ())) for team in Team.objects.all()],
        "all_roles": ROLES,
        "problem": problem_of(request),
        "typed": typed_in(request, title=found.title, email=found.email or ""),
        "link": link,
        "has_credentials": has_credentials(found),
        "has_factor": is_mfa_enabled(found),
    }
    return render(request, "member.html", with_reader(request, shown))


def _save(request: HttpRequest, found: Member) -> None:
    said, given, address = by_now(request), asked_in(request, MemberChangeAsked), found.email
    wanted = given.model_dump(include={"title", "email", "roles"})
    actions.change_member(found, **said, **wanted, is_active=given.active)
    before = {one.team_id: sorted(one.roles) for one in found.memberships.all()}
    for team in Team.objects.all():
        roles = given.team.get(team.id, [])
        if sorted(roles) != before.get(team.id, []):
            actions.put_in_team(found, team, roles, **said)
    if found.is_active:
        rights_changed(found)
    else:
        end_all(found)
        end_links(settings.UNFELT_HOME, by=found.name)
    if address and address != found.email:
        warn(found, Message("An admin changed your address for mail here."), to=address)


@action("settings/members/<int:number>/invite/", right="admin", shows="member")
@proven
def invite(request: HttpRequest, number: int) -> HttpResponse:
    """A link for them that works once, shown to the admin to be handed on."""
    found = Member.objects.filter(pk=number, is_active=True).first()
    if found is None:
        raise NothingHereError
    if has_credentials(found):
        said = Message(
            "{name} can log in by themselves: no link is made. Who has lost how, is let in below.", name=found.name
        )
        raise PeopleError("link", said)
    actions.invite(found, **by_now(request))
    return _member(request, found, link=_link(request, found, "invitation"))


@action("settings/members/<int:number>/recover/", right="admin", shows="member")
@proven
def recover(request: HttpRequest, number: int) -> HttpResponse:
    """An account is opened for who has lost how to log in: on record, told to them, and their sessions end."""
    found = Member.objects.filter(pk=number, is_active=True).first()
    if found is None:
        raise NothingHereError
    ends_factor = asked_in(request, RecoverAsked).factor and is_mfa_enabled(found)
    open_again(found, ends_factor=ends_factor, **by_now(request))
    return _member(request, found, link=_link(request, found, "recovery"))


def _link(request: HttpRequest, found: Member, kind: Kind) -> str:
    valid = INVITED_FOR if kind == "invitation" else RECOVERED_FOR
    token = make_link(settings.UNFELT_HOME, by=found.name, to=CHOOSE, valid=valid, kind=kind)
    return str(request.build_absolute_uri(f"/login/{token}/"))


@form("settings/teams/", Message("Teams"), right="admin", tabs=(Tab("settings", 7),))
@proven
def teams(request: HttpRequest) -> HttpResponse:
    """Every team with its members; POST adds one."""
    if request.method == "POST":
        asked = asked_in(request, TeamAsked)
        actions.add_team(asked.id, asked.title, **by_now(request))
        return redirect("teams")
    found = Team.objects.prefetch_related("memberships__member")
    if request.GET.get("as") == "csv":
        rows = [
            {"team": team.id, "title": team.title, "member": held.member.name, "roles": ", ".join(held.roles)}
            for team in found
            for held in team.memberships.all()
        ]
        return harmless_table("teams.csv", ("team", "title", "member", "roles"), rows)
    shown = {"teams": found, "problem": problem_of(request), "typed": typed_in(request, "id", "title")}
    return render(request, "teams.html", with_reader(request, shown))
