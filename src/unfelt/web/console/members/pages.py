"""The settings: members, teams, and what is one's own."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from unfelt.conf.language import Message
from unfelt.conf.settings import settings as settings_here
from unfelt.engines.people import actions
from unfelt.engines.people.reading import PeopleError, member_called
from unfelt.engines.people.rights import ROLES, SCOPES
from unfelt.engines.teamwork.telling import add_webhook, end_webhook, wish
from unfelt.records.models import Deputy, Member, Team, Telling, Token, Webhook
from unfelt.web.console.guarding import LANGUAGES
from unfelt.web.console.links import make_link
from unfelt.web.console.members.reader import NothingHereError, may, member_at
from unfelt.web.console.pages import answering, harmless_table
from unfelt.web.console.shown import with_reader

EVERY = ("0", "60", "1440")
"""Minutes between two digests that may be chosen."""
INVITED_FOR = 3 * 86400
"""Seconds for which an invitation can be used."""


def members_like(wanted: str) -> list[Member]:
    """Members by name, title or address, with their teams."""
    rows = Member.objects.prefetch_related("memberships__team")
    if wanted:
        rows = rows.filter(Q(name__icontains=wanted) | Q(title__icontains=wanted) | Q(email__icontains=wanted))
    return list(rows)


@require_http_methods(["GET", "POST"])
@answering
@may("admin")
def members(request: HttpRequest) -> HttpResponse:
    """Everybody who can log in; POST adds somebody."""
    problem, typed = None, {key: request.POST.get(key, "") for key in ("name", "title", "email")}
    if request.method == "POST":
        try:
            made = actions.add_member(**typed, **_by(request), roles=request.POST.getlist("roles"))
        except PeopleError as error:
            problem = error
        else:
            return redirect("member", number=made.pk)
    wanted = request.GET.get("q", "").strip()
    shown = {"q": wanted, "members": members_like(wanted), "all_roles": ROLES, "problem": problem, "typed": typed}
    status = 409 if problem else 200
    return render(request, "members.html", with_reader(request, shown), status=status)


@require_GET
@answering
@may("admin")
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
        for one in members_like(request.GET.get("q", "").strip())
    ]
    return harmless_table(
        "members.csv", ("name", "title", "email", "roles", "teams", "active", "last_login"), rows
    )


@require_http_methods(["GET", "POST"])
@answering
@may("admin")
def member(request: HttpRequest, number: int) -> HttpResponse:
    """One of them: what they are called, their roles everywhere and in each team."""
    found = Member.objects.filter(pk=number).first()
    if found is None:
        raise NothingHereError
    problem = None
    if request.method == "POST":
        try:
            _save(request, found)
        except PeopleError as error:
            problem = error
        else:
            return redirect("member", number=number)
    held = {one.team_id: one.roles for one in found.memberships.all()}
    teams = [(team, held.get(team.id, ())) for team in Team.objects.all()]
    shown = {"member": found, "teams": teams, "all_roles": ROLES, "problem": problem, "link": None}
    return render(request, "member.html", with_reader(request, shown), status=409 if problem else 200)


def _save(request: HttpRequest, found: Member) -> None:
    said, given = _by(request), request.POST
    actions.change_member(
        found,
        **said,
        title=given.get("title", ""),
        email=given.get("email", ""),
        roles=given.getlist("roles"),
        is_active="active" in given,
    )
    before = {one.team_id: sorted(one.roles) for one in found.memberships.all()}
    for team in Team.objects.all():
        roles = given.getlist(f"team:{team.id}")
        if sorted(roles) != before.get(team.id, []):
            actions.put_in_team(found, team, roles, **said)


@require_POST
@answering
@may("admin")
def invite(request: HttpRequest, number: int) -> HttpResponse:
    """A link for them that works once, shown to the admin to be handed on."""
    found = Member.objects.filter(pk=number, is_active=True).first()
    if found is None:
        raise NothingHereError
    token = make_link(settings.UNFELT_HOME, by=found.name, to="/settings/me/", valid=INVITED_FOR)
    link = request.build_absolute_uri(f"/login/{token}/")
    held = {one.team_id: one.roles for one in found.memberships.all()}
    teams = [(team, held.get(team.id, ())) for team in Team.objects.all()]
    shown = {"member": found, "teams": teams, "all_roles": ROLES, "problem": None, "link": link}
    return render(request, "member.html", with_reader(request, shown))


@require_http_methods(["GET", "POST"])
@answering
@may("admin")
def teams(request: HttpRequest) -> HttpResponse:
    """Every team with its members; POST adds one."""
    problem, typed = None, {key: request.POST.get(key, "") for key in ("id", "title")}
    if request.method == "POST":
        try:
            actions.add_team(typed["id"], typed["title"], **_by(request))
        except PeopleError as error:
            problem = error
        else:
            return redirect("teams")
    found = Team.objects.prefetch_related("memberships__member")
    shown = {"teams": found, "problem": problem, "typed": typed}
    return render(request, "teams.html", with_reader(request, shown), status=409 if problem else 200)


# What is one's own


Own = Callable[[HttpRequest, Member], str | None]
"""Does what a form asks; returns what is to be shown once."""


@require_GET
@answering
@may("read")
def me(request: HttpRequest) -> HttpResponse:
    """Who I am here, my deputy, my tokens, my password and second factor."""
    return _me(request)


def own(act: Own) -> Callable[[HttpRequest], HttpResponse]:
    """A form on that page."""

    @require_POST
    @answering
    @may("read")
    @wraps(act)
    def page(request: HttpRequest) -> HttpResponse:
        found = member_at(request)
        if found is None:
            raise NothingHereError
        try:
            once = act(request, found)
        except PeopleError as error:
            return _me(request, problem=error)
        return _me(request, once=once) if once else redirect("me")

    made: Callable[[HttpRequest], HttpResponse] = page
    return made


@own
def add_deputy(request: HttpRequest, found: Member) -> None:
    """Somebody stands in from one day to another."""
    deputy = member_called(request.POST.get("deputy", ""), field="deputy")
    since, until = (_day(request.POST.get(key, ""), key) for key in ("since", "until"))
    actions.name_deputy(found, deputy, since=since, until=until + timedelta(days=1), **_by(request))


@own
def end_deputy(request: HttpRequest, found: Member) -> None:
    """Nobody stands in any more."""
    actions.end_deputy(found, _whole(request.POST.get("number")), **_by(request))


@own
def make_token(request: HttpRequest, found: Member) -> str:
    """A token, shown once."""
    days = request.POST.get("days", "")
    valid = timedelta(days=int(days)) if days.isdecimal() and len(days) < 5 else timedelta(0)
    given = request.POST
    return actions.make_token(found, given.get("title", ""), given.getlist("scopes"), valid=valid, **_by(request))


@own
def revoke_token(request: HttpRequest, found: Member) -> None:
    """A token of theirs works no more."""
    for row in Token.objects.filter(member=found, pk=_whole(request.POST.get("number"))):
        actions.revoke_token(row, **_by(request))


@own
def leave_everywhere(request: HttpRequest, found: Member) -> None:
    """Every other session of theirs has ended."""
    found.generation += 1
    found.save(update_fields=["generation"])
    update_session_auth_hash(request, found)


@own
def telling(request: HttpRequest, found: Member) -> None:
    """How and when they are told, and in which language."""
    given = request.POST
    every = given.get("every", "0")
    if every not in EVERY:
        raise PeopleError("every", Message("Choose how often."))
    found.language = given.get("language", "") if given.get("language") in LANGUAGES else ""
    found.save(update_fields=["language"])
    wish(
        found,
        mail="mail" in given,
        chat=given.get("chat", "").strip(),
        every=int(every),
        quiet=(_clock(given.get("quiet_from", "")), _clock(given.get("quiet_to", ""))),
        zone=given.get("zone", "").strip(),
        at=datetime.now(UTC),
    )


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise PeopleError(
            "quiet_from", Message("A time of day is due, such as 22:00; given: {text}", text=text)
        ) from None


@require_http_methods(["GET", "POST"])
@answering
@may("admin")
def webhooks(request: HttpRequest) -> HttpResponse:
    """Addresses that are sent what happens; POST adds one."""
    problem, once = None, ""
    if request.method == "POST":
        kinds = [kind.strip() for kind in request.POST.get("kinds", "").split(",") if kind.strip()]
        try:
            once = add_webhook(request.POST.get("url", "").strip(), kinds, **_by(request)).secret
        except PeopleError as error:
            problem = error
    hooks = Webhook.objects.filter(ended_at=None)
    shown = {"hooks": hooks, "problem": problem, "typed": request.POST, "once": once}
    return render(request, "webhooks.html", with_reader(request, shown), status=409 if problem else 200)


@require_POST
@answering
@may("admin")
def webhook_end(request: HttpRequest) -> HttpResponse:
    """Nothing is sent there any more."""
    end_webhook(_whole(request.POST.get("number")), **_by(request))
    return redirect("webhooks")


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0


def _me(request: HttpRequest, *, problem: PeopleError | None = None, once: str | None = None) -> HttpResponse:
    found = member_at(request)
    if found is None:
        raise NothingHereError
    now = datetime.now(UTC)
    shown = {
        "member": found,
        "memberships": found.memberships.select_related("team"),
        "deputies": Deputy.objects.filter(member=found, until__gt=now).select_related("stands_in"),
        "tokens": Token.objects.filter(member=found, revoked_at=None, until__gt=now),
        "all_scopes": SCOPES,
        "has_factor": is_mfa_enabled(found),
        "telling": Telling.objects.filter(member=found).first(),
        "has_mail": settings_here().mail is not None,
        "every": EVERY,
        "others": Member.objects.filter(is_active=True).exclude(pk=found.pk),
        "problem": problem,
        "typed": request.POST,
        "once": once,
    }
    return render(request, "me.html", with_reader(request, shown), status=409 if problem else 200)


def _by(request: HttpRequest) -> dict[str, Any]:
    found = member_at(request)
    return {"by": found.name if found else "", "at": datetime.now(UTC)}


def _day(text: str, field: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
    except ValueError:
        raise PeopleError(
            field, Message("A day is due, such as 2027-01-31; given: {text}", text=text or "–")
        ) from None
