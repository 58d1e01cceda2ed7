"""One rollout over a record: the guard of a live one decides, and the customers move as it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from unfelt.documents.change import Change
from unfelt.engines.guard import Guard
from unfelt.engines.guard.calibration.customers import Customers
from unfelt.engines.guard.pace import lead_seconds


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended: back, promote, spent or undecided; after so many seconds.

    affected: customers whom new harmed. exposed: customers ever on new. at_most: what the guard said of the
    affected; None where it never decided. metric, segment: what decided, if one did.
    """

    action: str
    seconds: float
    affected: int
    exposed: int
    at_most: int | None = None
    metric: str | None = None
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The part of the record that a rollout has: seconds since its beginning, and the time at 0."""

    since: float
    until: float
    began: datetime


def roll_out(
    change: Change,
    customers: Customers,
    *,
    stretch: Stretch,
    rate: float | None,
    segments: Mapping[str, Sequence[str]] | None = None,
) -> Ending:
    """The rollout of the plan up to its promotion, its going back, or the end of the record."""
    guard, tick = Guard(change, segments=segments, rate=rate), change.guard.tick.total_seconds()
    share, number = 0.0, round(stretch.since / tick)
    spent: Ending | None = None
    while (number + 1) * tick <= stretch.until:
        seen = customers.step(number * tick, (number + 1) * tick)
        number += 1
        now = number * tick
        at = stretch.began + timedelta(seconds=now)
        decision = guard.observe(**seen, at=at, share=share, is_shown=False)
        ending = Ending(
            decision.action,
            now - stretch.since,
            customers.affected,
            customers.exposed,
            decision.affected.at_most,
            decision.metric,
            decision.segment,
        )
        if decision.action in ("back", "promote"):
            return ending
        if spent is None and decision.action == "spent":
            spent = ending
        if spent is not None and ending.seconds > spent.seconds + 2 * lead_seconds(change):
            return spent
        wanted = 0.0 if spent is not None else share if decision.share is None else decision.share
        if wanted != share:
            share = wanted
            customers.move(share, now=now)
    return spent or Ending("undecided", stretch.until - stretch.since, customers.affected, customers.exposed)
