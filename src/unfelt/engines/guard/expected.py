"""The guard played on expected customers: every count is what is expected, every decision the guard's own. Pure.

On such counts a bet stands where it stands in the middle of many runs: its mixtures rise with the failures on new,
so that half of the runs are above, and half below.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor
from typing import Literal

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.documents.change import Change
from unfelt.engines.guard.cells import OTHER, Cell, Layout, lay_out
from unfelt.engines.guard.decide import Facts, Verdict, decide
from unfelt.engines.guard.evidence import Bets, Evidence, advance
from unfelt.engines.guard.gather import Look
from unfelt.engines.guard.impact import People, impact_of
from unfelt.engines.guard.interference import Neighbour
from unfelt.engines.guard.levels import levels_of
from unfelt.engines.guard.pace import Pace, lead_seconds, observe_seconds
from unfelt.engines.guard.standing import standing_of
from unfelt.kernel.labelgrid import Counts
from unfelt.kernel.margins import Floats
from unfelt.kernel.tally import LAST_BIN

COARSE = 0.03
"""A look takes at least a tick, and at most this part of the time so far: what comes out is up to so much late."""
EARLY = 0.85
"""It goes back where the expected evidence has this part of its threshold: half of the runs have crossed by then,
as one of two processes needs to cross, for a moment. Measured with `benchmarks/forecast.py`."""
_BEGAN = datetime(2000, 1, 1, tzinfo=UTC)

Rates = Mapping[str, tuple[float, float]]
"""How often each question is answered with yes on old and on new; of a score the means."""


@dataclass(frozen=True, slots=True)
class Course:
    """How it ends, undecided when the time is over; after so many seconds, with so many customers on new."""

    action: Literal["back", "promote", "spent", "undecided"]
    seconds: float
    exposed: float


def play(change: Change, rates: Rates, *, rate: float, until: float) -> Course:
    """The rollout of so many customers a second, each of whom comes once and fails at once, up to so many seconds.

    Groups of one column are taken to be equally large; each part of the load that must be seen holds everybody.
    Questions without rates, such as later looks, tell nothing.
    """
    layout, tick = lay_out(change), change.guard.tick.total_seconds()
    crowd = _Crowd(change, layout, rates, rate)
    levels, bets, evidence = levels_of(change, layout), Bets.of(layout), Evidence.begin(layout)
    now, share, seen, changed = 0.0, 0.0, 0.0, _BEGAN
    spent: Course | None = None
    while now < until:
        step = tick * max(1, floor(COARSE * now / tick))
        look = crowd.look(now, now + step, share)
        now += step
        at = _BEGAN + timedelta(seconds=now)
        changed, seen = (at, share) if share != seen else (changed, seen)
        evidence = advance(evidence, look, layout, bets, level=levels.level)
        standing = standing_of(evidence, levels)
        if standing.back.max(initial=0.0) >= EARLY:
            return Course("back", now, crowd.exposed)
        impact = impact_of(evidence, layout, crowd.people, budget=change.guard.impact_budget)
        verdict = decide(
            Facts(
                plan=change,
                layout=layout,
                evidence=evidence,
                bets=bets,
                standing=standing,
                impact=impact,
                affected=impact.affected(confidence=1 - levels.level),
                pace=Pace(arrived=rate, seconds=1.0, at=at, share=share, changed=changed),
                neighbour=Neighbour(),
                budget=change.guard.impact_budget,
                share=share,
                at=at,
                reason=None,
            )
        )
        ended = _ended(verdict, now, crowd.exposed)
        if ended is not None and ended.action != "spent":
            return ended
        if ended is not None and spent is None:
            spent, until = ended, min(until, now + 2 * lead_seconds(change))
        share = 0.0 if spent else share if verdict.share is None else verdict.share
    return spent or Course("undecided", now, crowd.exposed)


def _ended(verdict: Verdict, now: float, exposed: float) -> Course | None:
    if verdict.action in ("back", "promote", "spent"):
        return Course(verdict.action, now, exposed)
    return None


@dataclass
class _Stay:
    """A share from its first moment to its last; windows that are open then are cut."""

    share: float
    since: float
    until: float = float("inf")


class _Crowd:
    """Expected customers, as ticks tell of them."""

    def __init__(self, change: Change, layout: Layout, rates: Rates, rate: float) -> None:
        self._layout, self._rate = layout, rate
        self._observe = observe_seconds(change)
        self._lag = self._observe + change.experience.grace.total_seconds()
        values = {segment.by: segment.values for segment in change.experience.segments}
        parts = [_part(cell, values) if cell.metric in rates else 0.0 for cell in layout.cells]
        known = [rates.get(cell.metric, (0.0, 0.0)) for cell in layout.cells]
        self._cells = np.flatnonzero(parts)
        self._part = np.array(parts)[self._cells]
        self._old, self._new = np.array(known)[self._cells].T
        self._anything = rates[layout.cells[layout.anything].metric][1]
        self._stays: list[_Stay] = []
        self._now = 0.0
        self.exposed = 0.0

    @property
    def people(self) -> People:
        """Customers ever on new, those of them in flight, and the others to whom anything bad happened."""
        open_since = self._now - self._lag
        flight = sum(n * stay.share for stay, n in self._between(open_since, self._now))
        felt = (self.exposed - flight) * self._anything
        return People(round(self.exposed), round(flight), round(felt))

    def look(self, since: float, until: float, share: float) -> Look:
        """What the tick at `until` tells: who closed, who failed, who came at that share since the last one."""
        self._move(share, since)
        self._now = until
        came = self._rate * (until - since)
        self.exposed += came * share
        closed = [self._rows(q, n) for q, n in self._closing(since - self._lag, until - self._lag)]
        fresh = [(share, came)] if 0 < share < 1 else []
        failed = [self._rows(q, n, counted=False) for q, n in fresh]
        splits = [Split(q, n * (1 - q), n * q) for q, n in fresh]  # type: ignore[arg-type]  # expected, not whole
        return Look(_joined(closed), _joined(failed), splits, self._scores(closed))

    def _move(self, share: float, at: float) -> None:
        if not self._stays or self._stays[-1].share != share:
            if self._stays:
                self._stays[-1].until = at
            self._stays.append(_Stay(share, at))

    def _between(self, since: float, until: float, *, cut: float = 0.0) -> Iterator[tuple[_Stay, float]]:
        """Customers who came in that time, per stay; without those of its last `cut` seconds."""
        for stay in self._stays:
            length = min(until, stay.until - cut) - max(since, stay.since)
            if length > 0:
                yield stay, self._rate * length

    def _closing(self, since: float, until: float) -> Iterator[tuple[float, float]]:
        for stay, n in self._between(since, until, cut=self._observe):
            if 0 < stay.share < 1:
                yield stay.share, n

    def _rows(self, q: float, n: float, *, counted: bool = True) -> Counts:
        is_score = self._layout.is_score[self._cells]
        cells = self._cells if counted else self._cells[~is_score]
        part, old, new = (a if counted else a[~is_score] for a in (self._part, self._old, self._new))
        n1, n0 = n * q * part, n * (1 - q) * part
        told = 1.0 if counted else 0.0
        return Counts(cells, np.full(len(cells), q), told * n1, n1 * new, told * n0, n0 * old)

    def _scores(self, closed: list[Counts]) -> dict[float, tuple[Floats, Floats]]:
        """Scores are 0 or 1, as uneven as their mean allows."""
        found: dict[float, tuple[Floats, Floats]] = {}
        if not self._layout.is_score.any():
            return found
        for rows in closed:
            arms = found.setdefault(float(rows.q[0]), (self._blank(), self._blank()))
            for arm, n, x in zip(arms, (rows.n1, rows.n0), (rows.x1, rows.x0), strict=True):
                arm[rows.cell, 0] += n - x
                arm[rows.cell, LAST_BIN] += x
        return {q: found[q] for q in sorted(found)}

    def _blank(self) -> Floats:
        return np.zeros((len(self._layout.cells), LAST_BIN + 1))


def _part(cell: Cell, values: Mapping[str, tuple[str, ...]]) -> float:
    """The part of all customers that a cell has."""
    if cell.segment is None:
        return 1.0
    by, _equals, value = cell.segment.partition("=")
    fixed = [one for one in values[by] if one != OTHER]
    return float(value == OTHER) if not fixed else float(value != OTHER) / len(fixed)


def _joined(rows: list[Counts]) -> Counts:
    if not rows:
        return Counts(np.zeros(0, dtype=np.intp), *(np.zeros(0) for _ in range(5)))
    columns = ("cell", "q", "n1", "x1", "n0", "x0")
    return Counts(*(np.concatenate([getattr(one, name) for one in rows]) for name in columns))
