"""What is one's own: password, second factor, deputy, tokens, how one is told."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import wraps
from typing import Any, get_args

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.adapters.channels import Channel
from unfelt.adapters.channels.registered import by_channel, given_channels
from unfelt.conf.language import Message
from unfelt.conf.settings import settings as settings_here
from unfelt.engines.asked import NumberAsked
from unfelt.engines.people import actions
from unfelt.engines.people.access import NothingHereError
from unfelt.engines.people.asked import DeputyAsked, Every, TellingAsked, TokenAsked
from unfelt.engines.people.reading import member_called
from unfelt.engines.rights import token_scopes
from unfelt.engines.teamwork.notifications import way_field, wish
from unfelt.records.models import Deputy, Member, Telling, Token
from unfelt.web.access.acting import by_now
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import View, member_at
from unfelt.web.accounts.proving import proven
from unfelt.web.accounts.recording import end_others
from unfelt.web.frame.forms import asked_in, ticked_in, typed_in
from unfelt.web.frame.page import Page, Tab, action, page, problem_of
from unfelt.web.frame.shown import with_reader

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
            once = act(request, found)
            return _me(request, once=once) if once else redirect("me")

        return action(at, right="read", shows="me")(guard(view))

    return decorate


@own("settings/me/deputy/", proven)
def add_deputy(request: HttpRequest, found: Member) -> None:
    """Somebody stands in from one day to another."""
    asked = asked_in(request, DeputyAsked)
    deputy = member_called(asked.deputy, field="deputy")
    since, until = _begin(asked.since), _begin(asked.until) + timedelta(days=1)
    actions.name_deputy(found, deputy, since=since, until=until, **by_now(request))


@own("settings/me/deputy/end/")
def end_deputy(request: HttpRequest, found: Member) -> None:
    """Nobody stands in any more."""
    actions.end_deputy(found, asked_in(request, NumberAsked).number, **by_now(request))


@own("settings/me/token/", proven)
def make_token(request: HttpRequest, found: Member) -> str:
    """A token, shown once."""
    asked = asked_in(request, TokenAsked)
    return actions.make_token(
        found, asked.title, asked.scopes, valid=timedelta(days=asked.days), **by_now(request)
    )


@own("settings/me/token/revoke/")
def revoke_token(request: HttpRequest, found: Member) -> None:
    """A token of theirs works no more."""
    for row in Token.objects.filter(member=found, pk=asked_in(request, NumberAsked).number):
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
    asked = asked_in(request, TellingAsked)
    quiet = (asked.quiet_from, asked.quiet_to)
    said: dict[str, Any] = {"mail": asked.mail, "given": asked.way, "zone": asked.zone}
    wish(found, **said, every=int(asked.every), quiet=quiet, at=now_of(request))
    found.language = asked.language
    found.save(update_fields=["language"])


def _me(request: HttpRequest, *, once: str | None = None) -> HttpResponse:
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
        "every": get_args(Every),
        "others": Member.objects.filter(is_active=True).exclude(pk=found.pk),
        "problem": problem_of(request),
        "typed": typed_in(request, "deputy", "since", "until", "title", days="90"),
        "ticked": ticked_in(request, "scopes") or ["read"],
        "once": once,
    }
    return render(request, "me.html", with_reader(request, shown))


def _ways(telling: Telling | None) -> list[tuple[str, Channel, str]]:
    """What each channel is called in the form, the channel, and the address that they gave for it."""
    known = by_channel(telling.chat if telling else "")
    return [(way_field(name), one, known.get(name, "")) for name, one in given_channels().items()]


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
