"""Why what was read cannot be trusted at this moment: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from unfelt.adapters.sources import Batch
from unfelt.conf.language import Message
from unfelt.documents.change import Change

UNPARSED = 0.01
"""The part of the lines that may not parse before the log is not believed."""
CROSSED = 0.01
"""The part of the customers that may be met in both arms of one epoch."""
JUMP = timedelta(seconds=1)
"""How far the wall clock may run away from the steady clock between two ticks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read and when: reading began at `since`; the wall clock ran `jump` ahead of the steady one."""

    batch: Batch
    now: datetime
    since: datetime
    jump: timedelta


def trouble_of(reading: Reading, change: Change) -> Message | None:
    """The first reason not to believe the batch, or None."""
    return (
        _clock(reading)
        or _late(reading, change)
        or _unparsed(reading.batch)
        or _crossed(reading.batch)
        or _stale(reading.batch)
    )


def recorded_trouble_of(batch: Batch) -> Message | None:
    """The first reason not to believe recorded experience up to here, or None: it cannot be late."""
    return _unparsed(batch) or _crossed(batch) or _stale(batch)


def lateness(change: Change) -> timedelta:
    """How old the newest telemetry may be."""
    return change.experience.grace + max(timedelta(seconds=3), 3 * change.guard.tick)


def _clock(reading: Reading) -> Message | None:
    if abs(reading.jump) <= JUMP:
        return None
    return Message("the clock of this machine jumped by {seconds:+.1f} s", seconds=reading.jump.total_seconds())


def _late(reading: Reading, change: Change) -> Message | None:
    age = reading.now - (reading.batch.until or reading.since)
    if age <= lateness(change):
        return None
    return Message("telemetry is {seconds:.0f} s late: the router's log has stopped", seconds=age.total_seconds())


def _unparsed(batch: Batch) -> Message | None:
    intake = batch.intake
    if intake.unparsed <= max(5, UNPARSED * intake.lines):
        return None
    example = intake.examples[0] if intake.examples else ""
    return Message(
        "{unparsed} of {lines} log lines do not parse, such as {example}",
        unparsed=intake.unparsed,
        lines=intake.lines,
        example=example,
    )


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
