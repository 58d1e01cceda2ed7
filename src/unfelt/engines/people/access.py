"""Who may open what: a change by its team, a rollout by its change. No request is known here."""

from django.db.models import Q, QuerySet

from unfelt.engines.people.rights import Reader
from unfelt.engines.rights import Right, Role, who_may
from unfelt.records.models import ChangeRow, Rollout


class NoRightError(Exception):
    """Whoever is at the browser may not do that; `roles` are those that may."""

    def __init__(self, *roles: Role) -> None:
        super().__init__(*roles)
        self.roles = roles


class NothingHereError(Exception):
    """There is no such thing, or it is not for these eyes: the answer is the same."""


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


def visible(known: Reader) -> QuerySet[ChangeRow]:
    """The changes that may be opened by the reader."""
    rows = ChangeRow.objects.all()
    return rows if known.sees_all else rows.filter(Q(team="") | Q(team__in=list(known.teams)))
