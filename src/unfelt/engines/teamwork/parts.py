"""What a plan asks of somebody: roles, steps with their times, and for whom they stand in. Pure."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from unfelt.documents.change import Change
from unfelt.documents.sections import Away, Person, Step
from unfelt.documents.values import Role
from unfelt.engines.people.persons import is_same

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whom the plan names: among its people, as its owner, or as both."""

    name: str
    people: tuple[Person, ...] = ()
    is_owner: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """What they answer for."""
        said: tuple[Role, ...] = ("owner",) if self.is_owner else ()
        return tuple(dict.fromkeys((*said, *(role for one in self.people for role in one.roles))))

    @property
    def away(self) -> tuple[Away, ...]:
        """When they cannot be reached."""
        return tuple(time for one in self.people for time in one.away)


@dataclass(frozen=True, slots=True)
class Timed:
    """A step, and from when to when it is done if each takes as long as usual; no times where none follow."""

    step: Step
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoodInFor:
    """Somebody whose deputy they are, with what that person answers for and does."""

    person: Person
    steps: tuple[Timed, ...]
    way_back: tuple[Timed, ...]


@dataclass(frozen=True, slots=True)
class YourPart:
    """What the plan asks of one person."""

    named: tuple[Named, ...]
    steps: tuple[Timed, ...]
    way_back: tuple[Timed, ...]
    stands_in: tuple[StoodInFor, ...]

    @property
    def roles(self) -> tuple[Role, ...]:
        """What they answer for."""
        return tuple(dict.fromkeys(role for one in self.named for role in one.roles))


def named_in(change: Change) -> tuple[Named, ...]:
    """Everybody whom the plan names, each once: its people in their order, and its owner if not among them."""
    owner, by_name = change.change.owner, dict[str, list[Person]]()
    for person in change.people:
        by_name.setdefault(person.name.strip().lower(), []).append(person)
    found = [Named(some[0].name, tuple(some), is_same(some[0].name, owner)) for some in by_name.values()]
    return tuple(found if any(one.is_owner for one in found) else [*found, Named(owner, is_owner=True)])


def part_of(change: Change, name: str) -> YourPart | None:
    """What the plan asks of who has that name; None where it names them nowhere."""
    named = tuple(one for one in named_in(change) if is_same(one.name, name))
    if not named:
        return None
    mine = {person.id for one in named for person in one.people}
    times = _times(change)
    others = (one for one in change.people if one.deputy in mine and one.id not in mine)
    return YourPart(named, *_work(change, mine, times), tuple(_stood_in(change, others, times)))


def _stood_in(change: Change, people: Iterable[Person], times: dict[str, Span]) -> Iterator[StoodInFor]:
    for person in people:
        yield StoodInFor(person, *_work(change, {person.id}, times))


def _work(change: Change, ids: set[str], times: dict[str, Span]) -> tuple[tuple[Timed, ...], tuple[Timed, ...]]:
    """Their steps of the work, and of the way back."""
    steps = (Timed(step, *times.get(step.id, (None, None))) for step in change.steps if step.by in ids)
    return tuple(steps), tuple(Timed(step) for step in change.way_back if step.by in ids)


def _times(change: Change) -> dict[str, Span]:
    """From the beginning of the window on; nothing without one, or where steps wait for each other."""
    if change.window is None or not change.steps:
        return {}
    from unfelt.engines.planning.schedule import spans

    with suppress(ValueError):
        return spans(change.steps, change.window.start)
    return {}
