"""What the proof would use up of the budget: how slowly to go, and whether to wait for something to be over."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import inf, isinf, sqrt

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.evidence import Evidence
from unfelt.engines.guard.impact import Impact
from unfelt.engines.guard.interference import Neighbour
from unfelt.engines.guard.standing import Standing, fractions
from unfelt.kernel.limits import ENGINEERING, information
from unfelt.kernel.margins import Floats
from unfelt.kernel.plugins import Remembered

FULL = 1.0
"""With more than the whole budget used once all is proved it is not enough, …"""
AGAIN = 0.85
"""… and it is again when so much would do."""
RESERVE = 0.5
"""What comes little by little is waited out with half of the budget left, which is for the proof after it."""
WORTH = 1.25
"""Who waits saves so much at least: of what the proof depends on, not all gets easier with fewer failures."""

_FEW = 10.0
"""Before so many failures on new a forecast is a guess."""


class Worth:
    """What a customer on new is worth to the proof of each required cell, by rates of old and share."""

    def __init__(self, layout: Layout) -> None:
        self._lines = tuple(line[layout.required] for line in layout.margins)
        self._known: dict[float, Remembered] = {}

    def __call__(self, rates: Floats, share: float) -> Floats:
        """Natural logarithms for each customer, (required,); what was worked out last is remembered."""
        known = self._known.setdefault(share, Remembered(partial(_worth, *self._lines)))
        return known(rates, np.array(share))


def _worth(rho: Floats, d: Floats, rates: Floats, share: Floats) -> Floats:
    return np.maximum(information(rates, rates, share, rho=rho, d=d), 1e-300)


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known at this moment of the way to the proof, if new is as good as old."""

    standing: Standing
    evidence: Evidence
    layout: Layout
    impact: Impact
    old: Neighbour
    worth: Worth

    def enough(self, shares: Sequence[float], *, share: float) -> float:
        """The largest of the shares at which the budget is enough for the proof, else the smallest; first any is.

        Above the present share it has to be clearly enough. What a customer on new tells goes with 1 - share.
        """
        if self.evidence.counts[self.layout.anything, 1] < _FEW:
            return max(shares)
        for one in sorted(shares, reverse=True):
            used = self.used_then(share=one)
            if isinf(used) or used <= (AGAIN if one > share else FULL):
                return one
        return min(shares)

    def is_too_dear(self, *, share: float, waits: bool) -> bool:
        """The proof would use up the budget at the rate of old by now, and clearly less at that of before."""
        if not waits and self.old.phase != "worse" and self.impact.used < RESERVE:
            return False
        used = self.used_then(share=share, rate=self.old.by_now)
        if used <= (AGAIN if waits else FULL):
            return False
        return used > WORTH * self.used_then(share=share, rate=self.old.before)

    def used_then(self, *, share: float, rate: float | None = None) -> float:
        """The part of the budget that is used once all is proved, if so many of old are bad (None: as by now).

        What is not known of the affected grows with the root of the failures on new. Every metric is taken to be
        as many times as bad as anything is. Infinite where nobody knows how much is missing.
        """
        n1, x1, n0, _x0 = self.evidence.counts[self.layout.anything]
        chosen = self.layout.required
        fraction = fractions(self.evidence.counts[chosen], self.evidence.counts[self.layout.whole[chosen]])
        if not (n1 and n0 and fraction.all()):
            return inf
        rates, by_now = self.evidence.plugs[chosen], self.old.by_now
        if rate is not None and rate != by_now:
            rates = np.clip(rates * rate / max(by_now, 1e-9), 1e-9, 0.9)
        left = np.maximum(self.standing.needed - self.standing.promote, 0.0)
        more = float((ENGINEERING * left / self.worth(rates, share) / fraction).max(initial=0.0))
        failures = more * (by_now if rate is None else rate)
        return float(self.impact.used * sqrt(1 + failures / (x1 + _FEW)))
