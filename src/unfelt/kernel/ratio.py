"""Is the split what was asked? The sample-ratio check, with a propensity that may change (STATISTICS §1h)."""

import numpy as np

from unfelt.kernel.margins import Floats, Numbers
from unfelt.kernel.onset import log_mean

ODDS: Floats = np.array([0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2.0])
"""How many times too few or too many customers may have come to new: the alternatives."""

ODDS_WEIGHTS: Floats = np.full(len(ODDS), 1 / len(ODDS))


def split_factors(new: Numbers, old: Numbers, q: Numbers) -> Floats:
    """Log factors of `new` and `old` fresh assignments at propensity q, per alternative: shape (..., 10).

    Formula: new·ln r - (new+old)·ln(q·r + 1-q); E0 = 1 exactly, for any q fixed before.
    Assumes: assignments are independent, each to new with its q. Source: STATISTICS §1h; Lindon & Malek 2022.
    Units: customers, natural logarithms. Shapes: broadcast.

    At half and half, 700 to 300 is beyond belief; 510 to 490 is not:

    >>> [bool(log_split_evalue(split_factors(n, 1000 - n, 0.5)) > np.log(1000)) for n in (700, 510)]
    [True, False]
    """
    new, old, q = (np.asarray(a, dtype=float)[..., None] for a in (new, old, q))
    result: Floats = new * np.log(ODDS) - (new + old) * np.log1p(q * (ODDS - 1))
    return result


def log_split_evalue(factors: Floats) -> Floats:
    """ln of the mean over the alternatives of running log factors (..., 10): shape (...).

    >>> abs(round(float(log_split_evalue(np.zeros(10))), 12))
    0.0
    """
    return np.asarray(log_mean(np.atleast_2d(factors), ODDS_WEIGHTS)).reshape(factors.shape[:-1])
