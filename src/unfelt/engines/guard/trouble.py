"""Why what was read cannot be trusted at this moment: pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from unfelt.adapters.sources import Batch, Intake
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard.soundness import HALF, limit_of
from unfelt.kernel.tally import ANYTHING

Stray = tuple[str, str]
"""The kind of a line and its arm."""
Key = TypeVar("Key")

CROSSED = 0.01
"""The part of the customers that may be met in both arms of one epoch."""
JUMP = timedelta(seconds=1)
"""How far the wall clock may run away from the steady clock between two ticks."""
COUNTED = frozenset({"excess", "missing"})
"""Kinds that the router's own count shows."""
REFUSED = frozenset({"ahead", "impossible", "astray"}) | COUNTED
"""Kinds of which a single line is enough: what it says is lost, nobody is where the records have them, or the
router's own count has shown it."""
STRAYS = 3
"""So many lines of another kind and arm that a sound log does not hold may be among the newest ones."""
STRAY = 0.01
"""The part of the newest lines of an arm that may be such lines."""
FADING = 0.9
"""What is left of a count at the next look: what came lately is what counts, and a drip adds up."""


@dataclass(frozen=True, slots=True)
class Lately:
    """Lines of the last looks, fading: those that a sound log does not hold by kind and arm, and all by arm."""

    strays: Mapping[Stray, float] = field(default_factory=dict)
    lines: Mapping[str, float] = field(default_factory=dict)
    newest: frozenset[Stray] = frozenset()
    """What the last look itself brought."""

    def after(self, intake: Intake, found: Mapping[Stray, int] = MappingProxyType({})) -> "Lately":
        """With one more look, at which the router's own count has found those."""
        new = {(kind, arm): n for kind, arms in intake.strays.items() for arm, n in arms.items()} | dict(found)
        if intake.unparsed:
            new["unparsed", "all"] = intake.unparsed
        lines = dict(intake.by_arm) | {"all": intake.lines}
        return Lately(_faded(self.strays, new), _faded(self.lines, lines), frozenset(new))

    def worst(self) -> tuple[str, str, int] | None:
        """The kind and arm with the most lines beyond what is borne, and how many; None where none are."""
        beyond = [stray for stray in self.strays if self._is_beyond(stray)]
        if not beyond:
            return None
        # What is wrong with single lines says more than that there are too many or too few.
        worst = max(beyond, key=lambda stray: (stray[0] not in COUNTED, self.strays[stray], stray))
        return *worst, max(1, round(self.strays[worst]))

    def _is_beyond(self, stray: Stray) -> bool:
        kind, arm = stray
        borne = max(STRAYS + 0.5, STRAY * self.lines.get(arm, 0.0))
        return self.strays[stray] > borne or (kind in REFUSED and stray in self.newest)


def _faded(before: Mapping[Key, float], new: Mapping[Key, int]) -> dict[Key, float]:
    sums = {key: FADING * before.get(key, 0.0) + new.get(key, 0) for key in before.keys() | new.keys()}
    return {key: n for key, n in sums.items() if n > 0.1}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read and when: reading began at `since`; the wall clock ran `jump` ahead of the steady one."""

    batch: Batch
    now: datetime
    since: datetime
    jump: timedelta
    lately: Lately = field(default_factory=Lately)


def trouble_of(reading: Reading, change: Change) -> Message | None:
    """The first reason not to believe the batch, or None."""
    return (
        _clock(reading)
        or _unparsed(reading.batch, limit_of(change))
        or _stopped(reading, change)
        or _stray(reading.lately)
        or _behind(reading, change)
        or _crossed(reading.batch)
        or _stale(reading.batch)
        or _unknown(reading.batch)
    )


def recorded_trouble_of(batch: Batch, change: Change) -> Message | None:
    """The first reason not to believe recorded experience up to here, or None: it cannot be late."""
    return (
        _unparsed(batch, limit_of(change))
        or _stray(Lately().after(batch.intake))
        or _crossed(batch)
        or _stale(batch)
    )


def lateness(change: Change) -> timedelta:
    """How old the newest telemetry may be."""
    return change.experience.grace + max(timedelta(seconds=3), 3 * change.guard.tick)


def _clock(reading: Reading) -> Message | None:
    if abs(reading.jump) <= JUMP:
        return None
    return Message("the clock of this machine jumped by {seconds:+.1f} s", seconds=reading.jump.total_seconds())


def _stray(lately: Lately) -> Message | None:
    found = lately.worst()
    if found is None:
        return None
    kind, arm, n = found
    return _KINDS[kind](n, arm)


_KINDS: Mapping[str, Callable[[int, str], Message]] = {
    "ahead": lambda n, arm: Message(
        "{n} new log lines (arm {arm}) are dated later than the clock allows and were left out", n=n, arm=arm
    ),
    "impossible": lambda n, arm: Message(
        "{n} new log lines (arm {arm}) hold a time or a number that cannot be and were left out", n=n, arm=arm
    ),
    "late": lambda n, arm: Message(
        "{n} new log lines (arm {arm}) came after the windows they belong to had closed", n=n, arm=arm
    ),
    "twice": lambda n, arm: Message(
        "{n} new log lines (arm {arm}) answer requests that were answered before", n=n, arm=arm
    ),
    "astray": lambda n, arm: Message(
        "{n} new log lines (arm {arm}) show customers where the records have nobody", n=n, arm=arm
    ),
    "excess": lambda n, arm: Message("the log holds {n} answers that the router did not give", n=n),
    "missing": lambda n, arm: Message("{n} answers of the router are missing in its log", n=n),
    "unparsed": lambda n, arm: Message("{n} new log lines do not parse", n=n),
}


def _age(reading: Reading) -> timedelta:
    return reading.now - (reading.batch.until or reading.since)


def _stopped(reading: Reading, change: Change) -> Message | None:
    age = _age(reading)
    if age <= lateness(change) or reading.batch.intake.lines:
        return None
    return Message("telemetry is {seconds:.0f} s late: the router's log has stopped", seconds=age.total_seconds())


def _behind(reading: Reading, change: Change) -> Message | None:
    if _age(reading) <= lateness(change):
        return None
    return Message("the router's log goes on, but its lines are dated too far behind the clock of this machine")


def _unparsed(batch: Batch, limit: float) -> Message | None:
    intake = batch.intake
    if intake.unparsed <= max(5, limit * intake.lines):
        return None
    example = intake.examples[0] if intake.examples else ""
    return Message(
        "{unparsed} of {lines} log lines do not parse, such as {example}",
        unparsed=intake.unparsed,
        lines=intake.lines,
        example=example,
    )


def _unknown(batch: Batch) -> Message | None:
    """Where most outcomes of a look are missing nothing was measured; new may be worse for it all the same."""
    unknown = batch.intake.unknown
    whole = [
        one
        for one in batch.tallies
        if one.segment is None and one.stratum is None and not one.metric.startswith(ANYTHING)
    ]
    if unknown <= max(STRAYS, HALF * sum(one.n for one in whole)):
        return None
    return Message("the outcomes of {unknown} windows are missing, which is most of them", unknown=unknown)


def _crossed(batch: Batch) -> Message | None:
    if batch.crossed <= max(3, CROSSED * batch.customers):
        return None
    return Message(
        "{crossed} of {customers} customers were met on both old and new without a change of share",
        crossed=batch.crossed,
        customers=batch.customers,
    )


def _stale(batch: Batch) -> Message | None:
    if not batch.stale:
        return None
    return Message("no data for {metrics}: its source does not answer", metrics=", ".join(batch.stale))
