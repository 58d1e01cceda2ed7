"""Bets on the mean of a score between 0 and 1, such as "how bad was it" (STATISTICS §1e)."""

import numpy as np

from unfelt.kernel.margins import Floats
from unfelt.kernel.tally import LAST_BIN

BINS: Floats = np.linspace(0.0, 1.0, LAST_BIN + 1)
"""Scores arrive as counts of customers at these values."""

BACK_STAKES: Floats = np.geomspace(0.004, 0.85, 14)
"""The parts of the largest bet that are staked to go back, under BACK_WEIGHTS: the smallest are for differences of
a thousandth of the range."""

PROMOTE_STAKES: Floats = np.concatenate([[0.6], np.geomspace(0.85, 0.05, 13)])
"""The same for promotion, under PROMOTE_WEIGHTS: the first has half of the weight."""

ENOUGH = 20
"""So many customers come before the first bet: the mean that bets lean on has to be near."""


def score_factors(new: Floats, old: Floats, q: float, mean: Floats, *, d: Floats, side: int) -> Floats:
    """Log factors against "the mean on new is higher by at most d" (side +1) or "at least d" (-1): (cells, 14).

    new, old: customers per bin, all assigned with propensity q, (cells, 21). mean: of the scores before, (cells,);
    a poor one costs power, never validity. d: (cells,), in parts of the whole range.
    Formula: b = g/q·(y - m) - (1-g)/(1-q)·(y - m) - d; factor 1 + f·l·side·b, l so large that no outcome makes it
    negative, f the stakes. E0[factor] <= 1. Assumes: labels drawn with q fixed before; each customer one score.
    Source: STATISTICS §1e; Waudby-Smith & Ramdas 2023 for betting on means.

    >>> low, high = np.zeros((1, 21)), np.zeros((1, 21))
    >>> low[0, 4], high[0, 8] = 50.0, 50.0  # 0.2 on old, 0.4 on new
    >>> factors = score_factors(high, low, 0.5, np.array([0.3]), d=np.array([0.0]), side=1)
    >>> bool(8 < factors.max() < 40)
    True
    """
    off = BINS - mean[:, None]
    gain_new, gain_old = side * (off / q - d[:, None]), side * (-off / (1 - q) - d[:, None])
    worst = -np.minimum(gain_new.min(axis=1), gain_old.min(axis=1))
    stakes = BACK_STAKES if side > 0 else PROMOTE_STAKES
    stake = (stakes / np.maximum(worst, 1e-12)[:, None])[:, :, None]
    won: Floats = np.log1p(stake * gain_new[:, None, :]) @ new[:, :, None]
    lost: Floats = np.log1p(stake * gain_old[:, None, :]) @ old[:, :, None]
    result: Floats = (won + lost)[:, :, 0]
    return result


def binned(scores: Floats) -> Floats:
    """Customers per bin, shape (21,), for scores (n,): each goes to the nearest bin.

    >>> binned(np.array([0.0, 0.02, 0.03, 1.0]))[[0, 1, 20]].tolist()
    [2.0, 1.0, 1.0]
    """
    places = np.rint(np.clip(np.asarray(scores, dtype=float), 0.0, 1.0) * LAST_BIN).astype(np.intp)
    result: Floats = np.bincount(places, minlength=len(BINS)).astype(float)
    return result
