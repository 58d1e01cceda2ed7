"""Bets on the label of failures alone, in the order in which they happen (STATISTICS §1a)."""

import numpy as np

from unfelt.kernel.margins import Floats, Numbers

FAILURE_RATIOS: Floats = np.concatenate([np.exp(np.geomspace(np.log(1.04), np.log(12.0), 13)), [100.0]])
"""How many times as many failures on new: the alternatives. The last is for what fails most customers."""

_SMALLER: Floats = np.array([*[0.015] * 6, 0.05, 0.1, *[0.15] * 5])
FAILURE_WEIGHTS: Floats = np.concatenate([0.88 * _SMALLER / _SMALLER.sum(), [0.12]])
"""With them two failures on new in a hundredth of the customers can be enough where old has next to none."""


def failure_factors(
    x1: Numbers, x0: Numbers, q: Numbers, *, rho: Numbers = 1.0, ratios: Floats = FAILURE_RATIOS
) -> Floats:
    """Log factors of x1 failures on new and x0 on old against "at most rho times as many": shape (..., 14).

    Formula: x1·ln(r/rho) - (x1+x0)·ln[(q·r + 1-q) / (q·rho + 1-q)], r = rho·ratios.
    Assumes: customers are drawn into new with q, fixed before; new fails at most rho times as often as old at
    every moment and every age of a window. Needs neither denominators nor base rates, and waits for no window.
    Source: STATISTICS §1a (conditional binomial; Lindon & Malek 2022 for counts).
    Units: failures (a window fails once), natural logarithms.
    Shapes: x1, x0, q, rho broadcast; ratios (14,) or (..., 14).

    Four failures, all on new at share 5 %, are worth more than 1 : 600:

    >>> factors = failure_factors(4, 0, 0.05)
    >>> bool(np.logaddexp.reduce(factors) - np.log(14) > np.log(600))
    True
    >>> float(failure_factors(0, 0, 0.05).max())
    0.0
    """
    x1, x0, q, rho = (np.asarray(a, dtype=float)[..., None] for a in (x1, x0, q, rho))
    at_edge = np.log1p(q * (rho - 1))
    result: Floats = x1 * np.log(ratios) - (x1 + x0) * (np.log1p(q * (rho * ratios - 1)) - at_edge)
    return result
