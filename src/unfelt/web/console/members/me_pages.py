"""What is one's own: password, second factor, deputy, tokens, how one is told."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import wraps

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from unfelt.adapters.channels import Channel
from unfelt.adapters.channels.registered import by_channel, given_channels
from unfelt.conf.language import Message
from unfelt.conf.settings import settings as settings_here
from unfelt.engines.people import actions
from unfelt.engines.people.reading import PeopleError, member_called
from unfelt.engines.people.rights import SCOPES
from unfelt.engines.teamwork.telling import way_field, wish
from unfelt.records.models import Deputy, Member, Telling, Token
from unfelt.web.console.guarding import LANGUAGES
from unfelt.web.console.members.acting import by_now, number_in
from unfelt.web.console.members.proving import proven
from unfelt.web.console.members.reader import NothingHereError, Page, may, member_at
from unfelt.web.console.members.recording import end_others
from unfelt.web.console.pages import answering
from unfelt.web.console.shown import with_reader

EVERY = ("0", "60", "1440")
"""Minutes between two digests that may be chosen."""
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
    return _form(act, lambda page: page)


def own_proven(act: Own) -> Callable[[HttpRequest], HttpResponse]:
    """One that wants to know again who they are."""
    return _form(act, proven)


def _form(act: Own, guard: Callable[[Page], Page]) -> Callable[[HttpRequest], HttpResponse]:
    @require_POST
    @answering
    @may("read")
    @guard
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


@own_proven
def add_deputy(request: HttpRequest, found: Member) -> None:
    """Somebody stands in from one day to another."""
    deputy = member_called(request.POST.get("deputy", ""), field="deputy")
    since, until = (_day(request.POST.get(key, ""), key) for key in ("since", "until"))
    actions.name_deputy(found, deputy, since=since, until=until + timedelta(days=1), **by_now(request))


@own
def end_deputy(request: HttpRequest, found: Member) -> None:
    """Nobody stands in any more."""
    actions.end_deputy(found, number_in(request.POST.get("number")), **by_now(request))


@own_proven
def make_token(request: HttpRequest, found: Member) -> str:
    """A token, shown once."""
    days = request.POST.get("days", "")
    valid = timedelta(days=int(days)) if days.isdecimal() and len(days) < 5 else timedelta(0)
    given = request.POST
    return actions.make_token(
        found, given.get("title", ""), given.getlist("scopes"), valid=valid, **by_now(request)
    )


@own
def revoke_token(request: HttpRequest, found: Member) -> None:
    """A token of theirs works no more."""
    for row in Token.objects.filter(member=found, pk=number_in(request.POST.get("number"))):
        actions.revoke_token(row, **by_now(request))


@own
def leave_everywhere(request: HttpRequest, found: Member) -> None:
    """Every other session of theirs has ended; tokens go on, each is revoked by itself."""
    end_others(request, found)


@own
def seen(_request: HttpRequest, found: Member) -> None:
    """They have read what the banner said."""
    actions.look_away(found)


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
        given={name: given.get(way_field(name), "").strip() for name in given_channels()},
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


def _me(request: HttpRequest, *, problem: PeopleError | None = None, once: str | None = None) -> HttpResponse:
    found = member_at(request)
    if found is None:
        raise NothingHereError
    now, telling = datetime.now(UTC), Telling.objects.filter(member=found).first()
    shown = {
        "member": found,
        "memberships": found.memberships.select_related("team"),
        "deputies": Deputy.objects.filter(member=found, until__gt=now).select_related("stands_in"),
        "tokens": Token.objects.filter(member=found, revoked_at=None, until__gt=now),
        "all_scopes": [one for one in SCOPES if one != "admin" or "admin" in found.roles],
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
