"""Sources: where experience comes from. A source answers one question, in counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from unfelt.kernel.tally import Tally


@dataclass(frozen=True, slots=True)
class Split:
    """Customers freshly assigned at one propensity since the last batch: the sample-ratio check reads it."""

    propensity: float
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Intake:
    """What was read since the last batch, and what could not be: nothing is dropped in silence."""

    lines: int = 0
    unparsed: int = 0
    late: int = 0
    """Lines that arrived after the window they belong to had closed."""
    unknown: int = 0
    """Outcomes still missing when their window closed; they count as bad."""
    examples: tuple[str, ...] = ()
    """Up to three lines that did not parse, shortened, with values that may be personal masked."""
    strays: dict[str, dict[str, int]] = field(default_factory=dict)
    """Lines that a sound log does not hold, by kind (`ahead`, `impossible`, `late`, `twice`, `astray`) and arm."""
    by_arm: dict[str, int] = field(default_factory=dict)
    """Lines that were taken in, by arm (`old`, `new`, `none`)."""
    ended: int = 0
    """Lines that say of a request that it ended, with a customer or without, left out or not."""
    behind: bool = False
    """More lines were there than were read."""


@dataclass(frozen=True, slots=True)
class Batch:
    """All that closed up to `until`. Asking again for the same number gives the same batch."""

    number: int
    until: datetime | None
    """The watermark: every window that ends before it is closed. None before the first line."""
    tallies: tuple[Tally, ...] = ()
    failures: tuple[Tally, ...] = ()
    """Failures in the order in which they happened, before their windows close (n = 0)."""
    splits: tuple[Split, ...] = ()
    exposed: int = 0
    """Customers ever assigned to `new` in the rollout, those in flight included (a running total)."""
    in_flight: int = 0
    """Of these, customers whose window is still open."""
    felt: int | None = None
    """Running total of those whose window is over and in which anything bad happened, cut windows included."""
    fallen_back: int = 0
    """Running total of customers assigned to `new` that had to be served by `old`; they are bad for `new`."""
    customers: int = 0
    """Running total of customers with an id."""
    mid_journey: int = 0
    """Running total of customers whose version changed while a window of theirs was open."""
    stores: dict[str, dict[str, dict[str, int]]] = field(default_factory=dict)
    """Running totals by reconciled metric and store: promises kept, lost, doubled, wrong; in new's store alone
    (`alone`, of `alone_of` customers); rows that nobody was promised (`unpromised`), where they were counted."""
    crossed: int = 0
    """Running total of customers seen in both arms within one epoch."""
    excluded: dict[str, int] = field(default_factory=dict)
    """Running totals of customers kept out of the comparison, by reason: share_change, lapse, pinned."""
    stale: tuple[str, ...] = ()
    """Metrics whose own source has not reported up to where it should: they are unmeasured, never 0 bad."""
    intake: Intake = Intake()
    asked: dict[str, Any] = field(default_factory=dict)
    """Running totals of requests by how they count, and ids that many share; empty where a source cannot tell."""
    read: datetime | None = None
    """The reader's clock when the batch was made; `until` is never after it. None where no clock was asked."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """The time between two share changes, as the router really applied them. Shares are fractions."""

    number: int
    phase: str
    """`baseline` (assigned and logged, all served by old), `watch`, `soak`, `settled`."""
    share: float
    salt: str
    """Names the randomisation: customers keep their place within one salt and are drawn afresh under another."""
    began: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lapse:
    """A time in which customers of `new` were served by `old`, or could not be trusted: excluded in both arms."""

    began: datetime
    ended: datetime | None
    why: str


class Source(Protocol):
    """Experience of one rollout. Values in, values out; it owns its store and nobody else opens it."""

    def collect(self, after: int, *, epochs: Sequence[Epoch], lapses: Sequence[Lapse], now: datetime) -> Batch:
        """The batch after batch `after`; the same one again if it was already made and not yet passed."""

    def segments(self, *, most: int) -> dict[str, tuple[str, ...]]:
        """The values seen so far of each segment column, most customers first, at most `most` of each."""

    def close(self) -> None:
        """Everything written, every file closed."""


class SourceError(Exception):
    """The source cannot answer, and says why and what to do."""


class RetryableSourceError(SourceError):
    """It may answer later: the metric is unmeasured until then."""
