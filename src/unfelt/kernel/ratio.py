"""Is the split what was asked? The sample-ratio check, with a propensity that may change (STATISTICS §1h)."""

import numpy as np

from unfelt.kernel.margins import Floats, Numbers
from unfelt.kernel.onset import log_mean

RELEVANT = 0.002
"""The smallest imbalance that matters, where nobody says: the odds of new are 1.002 times what was asked."""
STEPS: Floats = np.array([1.002, 1.005, 1.01, 1.02, 1.05, 1.1, 1.25, 1.5, 2.0])
"""How many times beyond what is borne the odds of new may be."""
ODDS: Floats = np.concatenate([1 / STEPS[::-1], STEPS])
"""The alternatives, too few on new and too many, beside the edge of what is borne on their side."""

ODDS_WEIGHTS: Floats = np.full(len(ODDS), 1 / len(ODDS))


def split_factors(new: Numbers, old: Numbers, q: Numbers, *, relevant: float = RELEVANT) -> Floats:
    """Log factors of `new` and `old` fresh assignments at propensity q, per alternative: shape (..., 18).

    Formula: with the edge e = 1+relevant above and 1/(1+relevant) below, and r = e·m for each m of ODDS,
    new·ln m + (new+old)·ln((q·e + 1-q) / (q·r + 1-q)): the likelihood of odds r against that of the edge on its
    side. Null: the odds of new are those of q times any s from 1/(1+relevant) to 1+relevant, which may differ from
    customer to customer. E_s = 1 at the edge and less within, as the likelihood ratio is monotone in s; so the
    running product is a supermartingale under all of them, for any q fixed before.
    Assumes: assignments are independent, each to new with its own probability. Source: STATISTICS §1h; Lindon &
    Malek 2022; against a composite null, Grünwald, de Heide & Koolen 2024.
    Units: customers, natural logarithms. Shapes: broadcast.

    At half and half, 700 to 300 is beyond belief; 510 to 490 is not:

    >>> [bool(log_split_evalue(split_factors(n, 1000 - n, 0.5)) > np.log(1000)) for n in (700, 510)]
    [True, False]

    Of nine million customers, odds of 1.018 are found, and odds of 1.001 are borne, unless nothing is to be:

    >>> many = [9_000_000 * odds / (1 + odds) for odds in (1.018, 1.001)]
    >>> [bool(log_split_evalue(split_factors(n, 9_000_000 - n, 0.5)) > np.log(1000)) for n in many]
    [True, False]
    >>> bool(log_split_evalue(split_factors(4_509_000, 4_491_000, 0.5, relevant=0)) > np.log(1000))
    True
    """
    new, old, q = (np.asarray(a, dtype=float)[..., None] for a in (new, old, q))
    edges = np.where(ODDS > 1, 1 + relevant, 1 / (1 + relevant))
    beside = np.log1p(q * (edges - 1)) - np.log1p(q * (edges * ODDS - 1))
    result: Floats = new * np.log(ODDS) + (new + old) * beside
    return result


def log_split_evalue(factors: Floats) -> Floats:
    """ln of the mean over the alternatives of running log factors (..., 18): shape (...).

    >>> abs(round(float(log_split_evalue(np.zeros(18))), 12))
    0.0
    """
    return np.asarray(log_mean(np.atleast_2d(factors), ODDS_WEIGHTS)).reshape(factors.shape[:-1])
