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

    def affected(self, *, confidence: float) -> Affected:
        """The bound and the estimate, to be shown."""
        estimate = float(np.clip(self.net, 0.0, self.at_most))
        return Affected(at_most=self.at_most, estimate=estimate, of=self.exposed, confidence=confidence)


def impact_of(evidence: Evidence, layout: Layout, *, exposed: int, in_flight: int, budget: float) -> Impact:
    """The bounds for customers exposed so far, those in flight included.

    Customers whose window straddled a share change are exposed and never known to be good, so they count in full
    in `certain`; closed bad ones plus those in flight are its floor.
    """
    n1, x1, _n0, _x0 = evidence.counts[layout.anything]
    exposed = max(exposed, int(n1))
    excess = float(evidence.excess.bound[0])
    certain = max(exposed - (n1 - x1), x1 + in_flight)
    return Impact(
        exposed=exposed,
        excess=excess,
        likely=exposed * excess,
        certain=float(certain),
        closed=float(min(n1 * excess, x1)),
        headroom=float(max(budget / excess - exposed, budget - certain)),
        net=_net(evidence, layout),
    )


def _net(evidence: Evidence, layout: Layout) -> float:
    """Bad customers on new beyond what old stands for, as they happen or among the closed, whichever are more."""
    new, _old, expected = evidence.failures(layout.anything)
    return new - expected
