"""What the guard says at a tick."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from unfelt.conf.language import Message

Action = Literal["widen", "hold", "back", "promote", "spent", "unmeasured"]


class GuardError(Exception):
    """The guard was given something that it cannot judge."""


@dataclass(frozen=True, slots=True)
class Affected:
    """At most `at_most` of `of` customers on new were affected, with that confidence; it looks like `estimate`.

    of: customers ever exposed to new. at_most holds at every moment at once, whatever the rates do, if within a
    group no metric heals some and hurts others. at_least: the same from below, without that. ceiling: customers on
    new who had anything bad at all.
    """

    at_most: int
    estimate: float
    of: int
    confidence: float
    at_least: int = 0
    ceiling: int = 0


class CellView(NamedTuple):
    """One metric in one group, for the eye.

    back, promote: how far the evidence is towards its threshold, 0 to 1 on a logarithmic scale; promote is None
    where promotion does not ask for the cell. estimate, low, high: the difference new less old, an asymptotic
    interval for display only; None where nothing has closed.
    """

    metric: str
    segment: str | None
    stratum: str | None
    new: int
    new_bad: int
    old: int
    old_bad: int
    back: float | None
    promote: float | None
    margin: str | None
    estimate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class SplitView:
    """Whether customers were divided as asked, and the evidence against it; once failed it stays failed."""

    ok: bool
    e_value: float


@dataclass(frozen=True, slots=True)
class Decision:
    """One answer of the guard.

    action: what to do. share: where the router should be, also where the action is `hold` (a short budget narrows
    the share); None in judging. because: the reason in one sentence. metric, segment: the cell that
    decided, if one did.
    hurt: every cell that the evidence names (at most missed_harm of such names are wrong on average).
    more: customers on new that are still needed for the proof, as forecast; None where it cannot be said.
    """

    action: Action
    share: float | None
    because: Message
    affected: Affected
    metric: str | None
    segment: str | None
    at: datetime
    cells: tuple[CellView, ...]
    split: SplitView
    hurt: tuple[tuple[str, str | None], ...] = ()
    more: int | None = None
