"""How many customers were affected at most, and how many more may be exposed."""

from dataclasses import dataclass

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.decision import Affected
from unfelt.engines.guard.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Impact:
    """What can be said of those made worse.

    working: at most so many, if within a group no metric heals some and hurts others; P(it is ever too small) ≤
    missed_harm, whatever the rates do. coming: so many of those under way may still be, at most, at the rate so
    far. certain: nobody else can be affected: who had anything bad, and who is under way. ceiling: who had
    anything bad, as far as is known. floor: at least so many; P(it is ever too large) ≤ missed_harm.
    closed: the part of `working` whose windows are over. estimate: what it looks like. headroom: how many more
    customers may be exposed before the budget could be passed.
    """

    exposed: int
    working: float
    coming: float
    certain: float
    ceiling: float
    floor: float
    closed: float
    estimate: float
    headroom: float

    @property
    def at_most(self) -> int:
        """The smaller upper bound, in whole customers, with those under way."""
        return int(np.floor(min(self.working + self.coming, self.certain) + 1e-9))

    @property
    def used(self) -> float:
        """The part of the budget that is used: 0 before anybody is exposed, 1 when nobody more may be."""
        return self.exposed / max(self.exposed + max(self.headroom, 0.0), 1.0)

    def affected(self, *, confidence: float) -> Affected:
        """Bounds and estimate, to be shown."""
        at_least = min(int(np.ceil(self.floor - 1e-9)), self.at_most)
        return Affected(
            at_most=self.at_most,
            estimate=float(np.clip(self.estimate, at_least, self.at_most)),
            of=self.exposed,
            confidence=confidence,
            at_least=at_least,
            ceiling=int(np.ceil(self.ceiling - 1e-9)),
        )


@dataclass(frozen=True, slots=True)
class People:
    """Customers ever exposed; those of them in flight; those to whom anything bad happened, their window over."""

    exposed: int
    in_flight: int
    felt: int | None


def impact_of(evidence: Evidence, layout: Layout, people: People, *, budget: float, level: float) -> Impact:
    """The bounds for customers exposed so far, those in flight included.

    Of those whose windows are still open or were cut, everybody who had anything bad counts. Where nobody counts
    who felt it in a window that was cut, as many as may be by `rate` do.
    """
    n1, x1, _n0, _x0 = evidence.counts[layout.anything].tolist()
    exposed = max(people.exposed, int(n1))
    closed = min(evidence.worse, x1)
    open_bad = max(0.0, float(evidence.seen[layout.anything, 0]) - x1)
    cut = max(0.0, exposed - n1 - people.in_flight)
    cut_bad = cut * evidence.rate if people.felt is None else max(0.0, people.felt - x1)
    working = closed + open_bad + cut_bad
    certain = x1 + cut + people.in_flight if people.felt is None else max(people.felt, x1) + people.in_flight
    room = (budget - working) / evidence.rate - people.in_flight
    return Impact(
        exposed=exposed,
        working=float(working),
        coming=float(max(0.0, people.in_flight - open_bad) * evidence.rate),
        certain=float(certain),
        ceiling=float(min(x1 + open_bad + (cut if people.felt is None else cut_bad), exposed)),
        floor=evidence.harmed.at_least(level=level),
        closed=float(closed),
        estimate=_estimate(evidence, layout, exposed),
        headroom=float(max(room, budget - certain)),
    )


def _estimate(evidence: Evidence, layout: Layout, exposed: int) -> float:
    """What it looks like: of anything, or of one metric where that is more.

    The difference of the rates times the customers exposed, once most of them have closed: who comes back has
    several windows and is one customer. Before that, failures on new beyond what those on old stand for.
    """
    return max(
        _looks(evidence, place, exposed)
        for place in (layout.anything, *(layout.index[name, None, None] for name in layout.crowd.metrics))
    )


def _looks(evidence: Evidence, place: int, exposed: int) -> float:
    if evidence.counts[place, 0] >= exposed / 2 and evidence.score.w[place]:
        return float(exposed * evidence.score.s[place] / evidence.score.w[place])
    new, _old, expected = evidence.failures(place)
    return new - expected
