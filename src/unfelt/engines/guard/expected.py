"""The guard played on expected customers: every count is what is expected, every decision the guard's own. Pure.

On such counts a bet stands where it stands in the middle of many runs: its mixtures rise with the failures on new,
so that half of the runs are above, and half below.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import floor, prod
from typing import Literal

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.documents.change import Change
from unfelt.engines.guard.cells import OTHER, Cell, Layout, lay_out
from unfelt.engines.guard.crowd import Sets
from unfelt.engines.guard.decide import Facts, Verdict, decide
from unfelt.engines.guard.evidence import Bets, Evidence, advance
from unfelt.engines.guard.gather import Look
from unfelt.engines.guard.impact import People, impact_of
from unfelt.engines.guard.interference import Neighbour
from unfelt.engines.guard.levels import levels_of
from unfelt.engines.guard.pace import Pace, lead_seconds, observe_seconds
from unfelt.engines.guard.standing import standing_of
from unfelt.engines.guard.waiting import Worth
from unfelt.kernel.labelgrid import Counts
from unfelt.kernel.margins import Floats
from unfelt.kernel.patterns import MOST_AT_ONCE
from unfelt.kernel.tally import LAST_BIN

COARSE = 0.03
"""A look takes at least a tick, and at most this part of the time so far: what comes out is up to so much late."""
EARLY = 0.8
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
    budget, levels, evidence = change.guard.impact_budget, levels_of(change, layout), Evidence.begin(layout)
    bets, worth = Bets.of(layout, budget=budget, relevant=levels.relevant), Worth(layout)
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
        impact = impact_of(evidence, layout, crowd.people, budget=budget, level=levels.level)
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
                worth=worth,
                budget=budget,
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
        crowd = layout.crowd
        sizes = (_size(name, values) for name in crowd.groups)
        self._groups = [(row, size) for row, size in zip(crowd.groups.values(), sizes, strict=True) if size]
        self._sets = [_sets([rates.get(name, (0.0, 0.0))[arm] for name in crowd.metrics]) for arm in (0, 1)]
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
        closing = list(self._closing(since - self._lag, until - self._lag))
        closed = [self._rows(q, n) for q, n in closing]
        fresh = [(share, came)] if 0 < share < 1 else []
        failed = [self._rows(q, n, counted=False) for q, n in fresh]
        splits = [Split(q, n * (1 - q), n * q) for q, n in fresh]  # type: ignore[arg-type]  # expected, not whole
        return Look(_joined(closed), _joined(failed), splits, self._scores(closed), self._met(closing))

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

    def _met(self, closing: Sequence[tuple[float, float]]) -> dict[float, Sets]:
        """By what they met; failures of several metrics are taken to be independent."""
        found: dict[float, dict[tuple[bool, int, int], float]] = {}
        for q, n in closing:
            sets = found.setdefault(q, {})
            for is_new, part, chances in ((True, q, self._sets[1]), (False, 1 - q, self._sets[0])):
                for row, size in self._groups:
                    for bits, chance in chances.items():
                        place = is_new, row, bits
                        sets[place] = sets.get(place, 0.0) + n * part * size * chance
        return {q: found[q] for q in sorted(found)}

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
    return _size(cell.segment, values)


def _sets(rates: Sequence[float]) -> dict[int, float]:
    """How likely each set of failures is, by bit pattern; of more than MOST_AT_ONCE none and single ones."""
    if len(rates) <= MOST_AT_ONCE:
        return {bits: _chance(bits, rates) for bits in range(2 ** len(rates))}
    alone = {1 << place: rate for place, rate in enumerate(rates)}
    return {0: max(0.0, 1 - sum(rates)), **alone}


def _chance(bits: int, rates: Sequence[float]) -> float:
    return prod(rate if bits >> place & 1 else 1 - rate for place, rate in enumerate(rates))


def _size(segment: str | None, values: Mapping[str, tuple[str, ...]]) -> float:
    """The part of all customers that a group has."""
    if segment is None:
        return 1.0
    by, _equals, value = segment.partition("=")
    fixed = [one for one in values[by] if one != OTHER]
    return float(value == OTHER) if not fixed else float(value != OTHER) / len(fixed)


def _joined(rows: list[Counts]) -> Counts:
    if not rows:
        return Counts(np.zeros(0, dtype=np.intp), *(np.zeros(0) for _ in range(5)))
    columns = ("cell", "q", "n1", "x1", "n0", "x0")
    return Counts(*(np.concatenate([getattr(one, name) for one in rows]) for name in columns))
