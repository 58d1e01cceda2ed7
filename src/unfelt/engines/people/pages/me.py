"""What is one's own: password, second factor, deputy, tokens, how one is told."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import wraps

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.adapters.channels import Channel
from unfelt.adapters.channels.registered import by_channel, given_channels
from unfelt.conf.language import Message
from unfelt.conf.settings import settings as settings_here
from unfelt.engines.people import actions
from unfelt.engines.people.access import NothingHereError
from unfelt.engines.people.reading import PeopleError, member_called
from unfelt.engines.rights import token_scopes
from unfelt.engines.teamwork.notifications import way_field, wish
from unfelt.records.models import Deputy, Member, Telling, Token
from unfelt.web.access.acting import by_now, number_in
from unfelt.web.access.clock import now_of
from unfelt.web.access.guarding import LANGUAGES
from unfelt.web.access.reader import View, member_at
from unfelt.web.accounts.proving import proven
from unfelt.web.accounts.recording import end_others
from unfelt.web.frame.page import Page, Tab, action, page
from unfelt.web.frame.shown import with_reader

EVERY = ("0", "60", "1440")
"""Minutes between two digests that may be chosen."""
Own = Callable[[HttpRequest, Member], str | None]
"""Does what a form asks; returns what is to be shown once."""


@page(
    "settings/me/",
    Message("Me"),
    right="read",
    tabs=(Tab("main", 5, Message("Settings")), Tab("settings", 1)),
)
def me(request: HttpRequest) -> HttpResponse:
    """Who I am here, my deputy, my tokens, my password and second factor."""
    return _me(request)


def own(at: str, guard: Callable[[View], View] = lambda view: view) -> Callable[[Own], Page]:
    """A form on that page; the guard may want to know again who they are."""

    def decorate(act: Own) -> Page:
        @wraps(act)
        def view(request: HttpRequest) -> HttpResponse:
            found = member_at(request)
            if found is None:
                raise NothingHereError
            try:
                once = act(request, found)
            except PeopleError as error:
                return _me(request, problem=error)
            return _me(request, once=once) if once else redirect("me")

        return action(at, right="read", shows="me")(guard(view))

    return decorate


@own("settings/me/deputy/", proven)
def add_deputy(request: HttpRequest, found: Member) -> None:
    """Somebody stands in from one day to another."""
    deputy = member_called(request.POST.get("deputy", ""), field="deputy")
    since, until = (_day(request.POST.get(key, ""), key) for key in ("since", "until"))
    actions.name_deputy(found, deputy, since=since, until=until + timedelta(days=1), **by_now(request))


@own("settings/me/deputy/end/")
def end_deputy(request: HttpRequest, found: Member) -> None:
    """Nobody stands in any more."""
    actions.end_deputy(found, number_in(request.POST.get("number")), **by_now(request))


@own("settings/me/token/", proven)
def make_token(request: HttpRequest, found: Member) -> str:
    """A token, shown once."""
    days = request.POST.get("days", "")
    valid = timedelta(days=int(days)) if days.isdecimal() and len(days) < 5 else timedelta(0)
    given = request.POST
    return actions.make_token(
        found, given.get("title", ""), given.getlist("scopes"), valid=valid, **by_now(request)
    )


@own("settings/me/token/revoke/")
def revoke_token(request: HttpRequest, found: Member) -> None:
    """A token of theirs works no more."""
    for row in Token.objects.filter(member=found, pk=number_in(request.POST.get("number"))):
        actions.revoke_token(row, **by_now(request))


@own("settings/me/leave/")
def leave_everywhere(request: HttpRequest, found: Member) -> None:
    """Every other session of theirs has ended; tokens go on, each is revoked by itself."""
    end_others(request, found)


@own("settings/me/seen/")
def seen(_request: HttpRequest, found: Member) -> None:
    """They have read what the banner said."""
    actions.look_away(found)


@own("settings/me/telling/")
def telling(request: HttpRequest, found: Member) -> None:
    """How and when they are told, and in which language."""
    given = request.POST
    every = given.get("every", "0")
    if every not in EVERY:
        raise PeopleError("every", Message("Choose how often."))
    wish(
        found,
        mail="mail" in given,
        given={name: given.get(way_field(name), "").strip() for name in given_channels()},
        every=int(every),
        quiet=(_clock(given.get("quiet_from", "")), _clock(given.get("quiet_to", ""))),
        zone=given.get("zone", "").strip(),
        at=now_of(request),
    )
    found.language = given.get("language", "") if given.get("language") in LANGUAGES else ""
    found.save(update_fields=["language"])


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise PeopleError(
            "quiet_from", Message("A time of day is due, such as 22:00; given: {text}", text=text)
        ) from None


def _me(request: HttpRequest, *, problem: PeopleError | None = None, once: str | None = None) -> HttpResponse:
    found = member_at(request)
    if found is None:
        raise NothingHereError
    now, telling = now_of(request), Telling.objects.filter(member=found).first()
    shown = {
        "member": found,
        "memberships": found.memberships.select_related("team"),
        "deputies": Deputy.objects.filter(member=found, until__gt=now).select_related("stands_in"),
        "tokens": Token.objects.filter(member=found, revoked_at=None, until__gt=now),
        "all_scopes": [one for one in token_scopes() if one != "admin" or "admin" in found.roles],
        "has_factor": is_mfa_enabled(found),
        "telling": telling,
        "ways": _ways(telling),
        "has_mail": settings_here().mail is not None,
        "every": EVERY,
        "others": Member.objects.filter(is_active=True).exclude(pk=found.pk),
        "problem": problem,
        "typed": request.POST,
        "once": once,
    }
    return render(request, "me.html", with_reader(request, shown), status=409 if problem else 200)


def _ways(telling: Telling | None) -> list[tuple[str, Channel, str]]:
    """What each channel is called in the form, the channel, and the address that they gave for it."""
    known = by_channel(telling.chat if telling else "")
    return [(way_field(name), one, known.get(name, "")) for name, one in given_channels().items()]


def _day(text: str, field: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=UTC)
    except ValueError:
        raise PeopleError(
            field, Message("A day is due, such as 2027-01-31; given: {text}", text=text or "–")
        ) from None
