"""Who is at the browser and what they may do."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from unfelt.engines.people.access import must
from unfelt.engines.people.reading import reader_of
from unfelt.engines.people.rights import Reader
from unfelt.engines.rights import Right
from unfelt.records.models import Member
from unfelt.web.access.clock import now_of

View = Callable[..., HttpResponse]

NOBODY = Reader("")

EVERY_TEAM = "*"

LATELY = 900
"""Seconds for which a second factor counts as just shown."""

PROVED = 600
"""Seconds for which somebody can change who may do what without saying again who they are."""


def reader(request: HttpRequest) -> Reader:
    """Whoever is known there, read once a request."""
    kept = getattr(request, "unfelt_reader", None)
    if kept is None:
        member = member_at(request)
        kept = reader_of(member, now=now_of(request)) if member is not None else NOBODY
        request.unfelt_reader = kept
        if member is not None and request.session.get("back") != (back := back_for(kept)):
            request.session["back"] = back
    return kept


def member_at(request: HttpRequest) -> Member | None:
    """The member who has logged in there."""
    user = request.user
    return user if user.is_authenticated else None


def may(right: Right, *, team: str = "") -> Callable[[View], View]:
    """The page is for those who have that right for some team at least; which one, the page itself looks at."""

    def decorate(page: View) -> View:
        @wraps(page)
        @sensitive_post_parameters()
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
            must(reader(request), right, team)
            return page(request, *args, **kwargs)

        return wrapped

    return decorate


def owes_second_factor(request: HttpRequest) -> bool:
    """They have a second factor, and did not show it in the last quarter of an hour."""
    if not is_mfa_enabled(request.user):
        return False
    shown = [one["at"] for one in get_authentication_records(request, request.user) if one.get("method") == "mfa"]
    return not any(time.time() - at < LATELY for at in shown)


def proved_lately(request: HttpRequest) -> bool:
    """They have shown who they are, by whatever way they have, within the last ten minutes."""
    shown = get_authentication_records(request, request.user)
    return any(time.time() - one["at"] < PROVED for one in shown)


def back_for(who: Reader) -> list[str]:
    """The teams whose customers they may take back; `*` for all. The session keeps it: see `may_take_back`."""
    if Reader(who.name, who.everywhere).may("back"):
        return [EVERY_TEAM]
    return sorted(team for team in who.teams if who.may("back", team))


def may_take_back(request: HttpRequest, team: str) -> bool:
    """By the session alone: going back asks no database."""
    teams = request.session.get("back", [])
    return bool(teams) and (EVERY_TEAM in teams or team in teams or not team)


def everywhere(request: HttpRequest) -> Reader:
    """The reader with the roles that they hold everywhere: the chain is of all teams."""
    known = reader(request)
    return Reader(known.name, known.everywhere)
