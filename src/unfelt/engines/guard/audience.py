"""Customers that are expected, not drawn: what each tick of a forecast tells the guard. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import floor, prod, sqrt

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.documents.change import Change
from unfelt.engines.guard.cells import OTHER, Layout
from unfelt.engines.guard.crowd import Sets
from unfelt.engines.guard.gather import Look
from unfelt.engines.guard.impact import People
from unfelt.engines.guard.pace import observe_seconds
from unfelt.kernel.labelgrid import Counts
from unfelt.kernel.margins import Floats
from unfelt.kernel.patterns import MOST_AT_ONCE
from unfelt.kernel.tally import LAST_BIN

Rates = Mapping[str, tuple[float, float]]
"""How often each question is answered with yes on old and on new; of a score the means."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who comes: rates, of scores the standard deviations among customers, the parts that groups have.

    only: the group that new differs for, `device=phone`; everybody where it is None.
    """

    rates: Rates
    spread: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)
    only: str | None = None

    def hurt(self, group: str | None, sizes: Mapping[str | None, float]) -> float:
        """The part of a group that new differs for; groups of two columns are taken to be independent."""
        if self.only is None or group == self.only:
            return 1.0
        column = self.only.partition("=")[0]
        return 0.0 if group is not None and group.partition("=")[0] == column else sizes[self.only]


@dataclass
class _Stay:
    """A share from its first moment to its last; windows that are open then are cut."""

    share: float
    since: float
    until: float = float("inf")


class Audience:
    """Expected customers, as ticks tell of them."""

    def __init__(self, change: Change, layout: Layout, who: Who, rate: float) -> None:
        self._layout, self._rate = layout, rate
        self._observe = observe_seconds(change)
        self._lag = self._observe + change.experience.grace.total_seconds()
        rates, sizes = who.rates, sizes_of(change, who.parts)
        parts = [sizes.get(cell.segment, 0.0) if cell.metric in rates else 0.0 for cell in layout.cells]
        self._cells = np.flatnonzero(parts)
        self._part = np.array(parts)[self._cells]
        cells = [layout.cells[place] for place in self._cells]
        old, new = np.array([rates[cell.metric] for cell in cells]).T
        hurt = np.array([who.hurt(cell.segment, sizes) for cell in cells])
        self._old, self._new = old, old + hurt * (new - old)
        self._spread = [who.spread.get(cell.metric, 1.0) for cell in cells]
        before, after = rates[layout.cells[layout.anything].metric]
        self._anything = before + who.hurt(None, sizes) * (after - before)
        crowd = layout.crowd
        self._groups = [(row, name, sizes[name]) for name, row in crowd.groups.items() if sizes.get(name)]
        alone = [_sets([rates.get(name, (0.0, 0.0))[arm] for name in crowd.metrics]) for arm in (0, 1)]
        parted = {name: who.hurt(name, sizes) for _row, name, _size in self._groups}
        self._sets = {name: (alone[0], _between(*alone, hurt=part)) for name, part in parted.items()}
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
            for row, name, size in self._groups:
                for is_new, part in ((False, 1 - q), (True, q)):
                    for bits, chance in self._sets[name][is_new].items():
                        place = is_new, row, bits
                        sets[place] = sets.get(place, 0.0) + n * part * size * chance
        return {q: found[q] for q in sorted(found)}

    def _scores(self, closed: list[Counts]) -> dict[float, tuple[Floats, Floats]]:
        """Scores by bins; where their spread is not known they are 0 or 1, as uneven as their mean allows."""
        found: dict[float, tuple[Floats, Floats]] = {}
        if not self._layout.is_score.any():
            return found
        for rows in closed:
            arms = found.setdefault(float(rows.q[0]), (self._blank(), self._blank()))
            for arm, n, shape in zip(arms, (rows.n1, rows.n0), self._shapes, strict=True):
                arm[rows.cell] += n[:, None] * shape
        return {q: found[q] for q in sorted(found)}

    @cached_property
    def _shapes(self) -> tuple[Floats, Floats]:
        """What part of the customers on new and on old is in each bin, by cell; nothing where it is no score."""
        is_score = self._layout.is_score[self._cells]
        new, old = (
            np.array([spread_over(mean, sd) for mean, sd in zip(means, self._spread, strict=True)])
            * is_score[:, None]
            for means in (self._new, self._old)
        )
        return new, old

    def _blank(self) -> Floats:
        return np.zeros((len(self._layout.cells), LAST_BIN + 1))


def spread_over(mean: float, sd: float) -> Floats:
    """Parts of customers by bin, (21,): the mean exactly, the standard deviation or as much as the mean allows.

    Two values, as far below the mean as above where there is room; each is divided between the bins beside it,
    which adds less than a bin's width. Bets on a mean see hardly more of scores than these two numbers.

    >>> from unfelt.kernel.scores import BINS
    >>> shape = spread_over(0.2, 0.12)
    >>> round(float(shape @ BINS), 9), round(float(np.sqrt(shape @ (BINS - 0.2) ** 2)), 2)
    (0.2, 0.12)
    >>> np.flatnonzero(spread_over(0.3, 1.0)).tolist()
    [0, 20]
    """
    variance = min(sd * sd, mean * (1 - mean))
    below = min(sqrt(variance), mean)
    if below and variance / below > 1 - mean:
        below = variance / (1 - mean)
    above = variance / below if below else 0.0
    shape = np.zeros(LAST_BIN + 1)
    for value, part in ((mean - below, above), (mean + above, below)) if below else ((mean, 1.0),):
        low = min(floor(value * LAST_BIN + 1e-9), LAST_BIN - 1)
        over = value * LAST_BIN - low
        shape[[low, low + 1]] += part * np.array([1 - over, over])
    result: Floats = shape / shape.sum()
    return result


def _sets(rates: Sequence[float]) -> dict[int, float]:
    """How likely each set of failures is, by bit pattern; of more than MOST_AT_ONCE none and single ones."""
    if len(rates) <= MOST_AT_ONCE:
        return {bits: _chance(bits, rates) for bits in range(2 ** len(rates))}
    alone = {1 << place: rate for place, rate in enumerate(rates)}
    return {0: max(0.0, 1 - sum(rates)), **alone}


def _chance(bits: int, rates: Sequence[float]) -> float:
    return prod(rate if bits >> place & 1 else 1 - rate for place, rate in enumerate(rates))


def _between(old: Mapping[int, float], new: Mapping[int, float], *, hurt: float) -> dict[int, float]:
    """The sets of customers of whom that part meets new as it is, and the others what they would meet on old."""
    return {bits: (1 - hurt) * chance + hurt * new[bits] for bits, chance in old.items()}


def sizes_of(change: Change, parts: Mapping[str, float]) -> dict[str | None, float]:
    """The part of all customers that each group has: as given, what is left of a column shared equally.

    Where no value of a column is fixed, everybody is in `other`; where all are, nobody is.
    """
    sizes: dict[str | None, float] = {None: 1.0}
    for segment in change.experience.segments:
        names = [f"{segment.by}={value}" for value in segment.values if value != OTHER]
        given = {name: parts[name] for name in names if name in parts}
        open_to = len(names) - len(given)
        left = max(0.0, 1 - sum(given.values()))
        sizes |= {name: given.get(name, left / max(open_to, 1)) for name in names}
        sizes[f"{segment.by}={OTHER}"] = 0.0 if open_to else left
    return sizes


def _joined(rows: list[Counts]) -> Counts:
    if not rows:
        return Counts(np.zeros(0, dtype=np.intp), *(np.zeros(0) for _ in range(5)))
    columns = ("cell", "q", "n1", "x1", "n0", "x0")
    return Counts(*(np.concatenate([getattr(one, name) for one in rows]) for name in columns))
