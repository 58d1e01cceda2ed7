"""How many customers were affected at most, and how many more may be exposed."""

from dataclasses import dataclass

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.decision import Affected
from unfelt.engines.guard.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Impact:
    """Two upper bounds on the affected, of which the smaller holds.

    likely: exposed times the bound on the excess; P(it is ever too small) ≤ missed_harm.
    certain: exposed customers of whom it is not known that nothing bad happened to them. Who is affected has had
    something bad, or may still have it, so this is no less, whatever the rates do.
    headroom: how many more customers may be exposed while one of the two stays within the budget.
    """

    exposed: int
    excess: float
    likely: float
    certain: float
    closed: float
    headroom: float
    net: float

    @property
    def at_most(self) -> int:
        """The smaller bound, in whole customers."""
        return int(np.floor(min(self.likely, self.certain) + 1e-9))

    @property
    def used(self) -> float:
        """The part of the budget that is used: 0 before anybody is exposed, 1 when nobody more may be."""
        return self.exposed / max(self.exposed + max(self.headroom, 0.0), 1.0)

    def affected(self, *, confidence: float) -> Affected:
        """The bound and the estimate, to be shown."""
        estimate = float(np.clip(self.net, 0.0, self.at_most))
        return Affected(at_most=self.at_most, estimate=estimate, of=self.exposed, confidence=confidence)


@dataclass(frozen=True, slots=True)
class People:
    """Customers ever exposed; those of them in flight; those to whom anything bad happened, their window over."""

    exposed: int
    in_flight: int
    felt: int | None


def impact_of(evidence: Evidence, layout: Layout, people: People, *, budget: float) -> Impact:
    """The bounds for customers exposed so far, those in flight included.

    Where nobody counts who felt it, customers whose window straddled a share change are never known to be good and
    count in full in `certain`.
    """
    n1, x1, _n0, _x0 = evidence.counts[layout.anything]
    exposed = max(people.exposed, int(n1))
    excess = float(evidence.excess.bound[0])
    certain = _not_known_good(people, n1=n1, x1=x1)
    return Impact(
        exposed=exposed,
        excess=excess,
        likely=exposed * excess,
        certain=float(certain),
        closed=float(min(n1 * excess, x1)),
        headroom=float(max(budget / excess - exposed, budget - certain)),
        net=_net(evidence, layout),
    )


def _not_known_good(people: People, *, n1: float, x1: float) -> float:
    if people.felt is None:
        return max(max(people.exposed, n1) - (n1 - x1), x1 + people.in_flight)
    return people.felt + people.in_flight


def _net(evidence: Evidence, layout: Layout) -> float:
    """Bad customers on new beyond what old stands for, as they happen or among the closed, whichever are more."""
    new, _old, expected = evidence.failures(layout.anything)
    return new - expected
