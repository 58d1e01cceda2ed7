"""Who is at the browser and what they may do."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from unfelt.engines.people.reading import reader_of
from unfelt.engines.people.rights import Reader, Right, Role, who_may
from unfelt.records.models import ChangeRow, Member, Rollout

Page = Callable[..., HttpResponse]
NOBODY = Reader("")
EVERY_TEAM = "*"
LATELY = 900
"""Seconds for which a second factor counts as just shown."""
PROVED = 600
"""Seconds for which somebody can change who may do what without saying again who they are."""


class NoRightError(Exception):
    """Whoever is at the browser may not do that; `roles` are those that may."""

    def __init__(self, *roles: Role) -> None:
        super().__init__(*roles)
        self.roles = roles


class NothingHereError(Exception):
    """There is no such thing, or it is not for these eyes: the answer is the same."""


def reader(request: HttpRequest) -> Reader:
    """Whoever is known there, read once a request."""
    kept = getattr(request, "unfelt_reader", None)
    if kept is None:
        member = member_at(request)
        kept = reader_of(member, now=datetime.now(UTC)) if member is not None else NOBODY
        request.unfelt_reader = kept
        if member is not None and request.session.get("back") != (back := back_for(kept)):
            request.session["back"] = back
    return kept


def member_at(request: HttpRequest) -> Member | None:
    """The member who has logged in there."""
    user = request.user
    return user if user.is_authenticated else None


def may(right: Right, *, team: str = "") -> Callable[[Page], Page]:
    """The page is for those who have that right for some team at least; which one, the page itself looks at."""

    def decorate(page: Page) -> Page:
        @wraps(page)
        @sensitive_post_parameters()
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
            must(reader(request), right, team)
            return page(request, *args, **kwargs)

        return wrapped

    return decorate


def must(who: Reader, right: Right, team: str = "") -> None:
    """NoRightError where they may not."""
    if not who.may(right, team):
        raise NoRightError(*who_may(right))


def must_in_house(who: Reader, right: Right) -> None:
    """NoRightError where no role that they hold everywhere gives the right."""
    if not who.in_house(right):
        raise NoRightError(*who_may(right))


def must_hold(who: Reader, role: Role, team: str) -> None:
    """NoRightError where they do not hold that role for what belongs to the team."""
    if role not in who.roles(team):
        raise NoRightError(role)


def team_of(change: str) -> str:
    """Whose the change is; empty: everybody's."""
    return str(ChangeRow.objects.filter(name=change).values_list("team", flat=True).first() or "")


def teams_of(changes: set[str]) -> dict[str, str]:
    """Whose each of these is, of those that are a team's."""
    return dict(ChangeRow.objects.filter(name__in=changes).exclude(team="").values_list("name", "team"))


def open_change(who: Reader, name: str, right: Right = "read") -> str:
    """The team of a change that may be opened so; NothingHereError where it is not theirs to see."""
    team = team_of(name)
    if not who.sees(team):
        raise NothingHereError
    must(who, right, team)
    return team


def open_rollout(who: Reader, rollout: str, right: Right = "read") -> None:
    """The same of a rollout, by its change."""
    change = Rollout.objects.filter(pk=rollout).values_list("change", flat=True).first()
    if change is None:
        raise Rollout.DoesNotExist
    open_change(who, change, right)


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
