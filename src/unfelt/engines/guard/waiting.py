"""Whether to wait until what hits old and new alike is over: what the proof would use up of the budget. Pure."""

from math import inf, sqrt

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.engines.guard.evidence import Evidence
from unfelt.engines.guard.impact import Impact
from unfelt.engines.guard.interference import Neighbour
from unfelt.engines.guard.standing import Standing, fractions
from unfelt.kernel.limits import ENGINEERING, information

FULL = 1.0
"""With more than the whole budget used once all is proved it is not enough, …"""
AGAIN = 0.85
"""… and who waits goes on when so much would do."""
WORTH = 1.25
"""Who waits saves so much at least: of what the proof depends on, not all gets easier with fewer failures."""

_FEW = 10.0


def is_too_dear(
    standing: Standing,
    evidence: Evidence,
    layout: Layout,
    impact: Impact,
    *,
    old: Neighbour,
    share: float,
    waits: bool,
) -> bool:
    """The proof would use up the budget at the rate of old by now, and clearly less of it at that of before."""
    bet = max(old.by_now if old.phase == "worse" else old.lately.share, 1e-9)

    def used(rate: float) -> float:
        return used_then(standing, evidence, layout, impact, rate=rate, bet=bet, share=share)

    at_once = used(old.by_now)
    if at_once <= (AGAIN if waits else FULL):
        return False
    return at_once > WORTH * used(old.before)


def used_then(
    standing: Standing,
    evidence: Evidence,
    layout: Layout,
    impact: Impact,
    *,
    rate: float,
    bet: float,
    share: float,
) -> float:
    """The part of the budget that is used once all is proved, if new is as good as old and `rate` of old are bad.

    What is not known of the affected grows with the root of the failures on new. Every metric is taken to be as
    many times as bad as anything is; bet: how bad that is where the bets are made. Infinite where nobody knows how
    much is missing.
    """
    n1, x1, n0, _x0 = evidence.counts[layout.anything]
    chosen = layout.required
    fraction = fractions(evidence.counts[chosen], evidence.counts[layout.whole[chosen]])
    if not (n1 and n0 and fraction.all()):
        return inf
    rates = np.clip(evidence.plugs[chosen] * rate / bet, 1e-9, 0.9)
    rho, d = (line[chosen] for line in layout.margins)
    worth = np.maximum(information(rates, rates, share, rho=rho, d=d), 1e-300)
    left = np.maximum(standing.needed - standing.promote, 0.0)
    more = float((ENGINEERING * left / worth / fraction).max(initial=0.0))
    return float(impact.used * sqrt(1 + more * rate / (x1 + _FEW)))
