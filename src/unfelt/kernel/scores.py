"""Bets on the mean of a score between 0 and 1, such as "how bad was it" (STATISTICS §1e)."""

from dataclasses import dataclass

import numpy as np

from unfelt.kernel.margins import Floats
from unfelt.kernel.onset import log_mean

BINS: Floats = np.linspace(0.0, 1.0, 21)
"""Scores arrive as counts of customers at these values."""

FRACTIONS: Floats = np.array([0.02, 0.04, 0.08, 0.15, 0.25, 0.4, 0.6, 0.85])
"""The parts of the largest bet that are staked."""

_WEIGHTS: Floats = np.full(len(FRACTIONS), 1 / len(FRACTIONS))
_PRIOR_N = 2.0


@dataclass(frozen=True, slots=True)
class MeanScore:
    """The running evidence about the difference of the mean scores, new less old, and a margin d.

    logs: running bets per fraction, natural logarithms, shape (8,). total, n: of the scores of both arms so far.
    side: +1 bets against "the difference is at most d" (to go back), -1 against "at least d" (to promote).
    """

    logs: Floats
    total: float
    n: float
    d: float
    side: int

    @classmethod
    def begin(cls, *, d: float, side: int) -> "MeanScore":
        """Nothing seen."""
        return cls(np.zeros(len(FRACTIONS)), 0.0, 0.0, d, side)

    def advance(self, new: Floats, old: Floats, q: float) -> "MeanScore":
        """One look on: customers per bin on each arm, shape (21,), all assigned with propensity q.

        Formula: b = g/q·(y - m) - (1-g)/(1-q)·(y - m) - d, m the mean score before; factor 1 + f·l·side·b, with l
        so large that no outcome makes it negative. E0[factor] <= 1; the mean over the fractions f is the
        e-process. Assumes: labels drawn with q fixed before; each customer one score. Source: STATISTICS §1e;
        Waudby-Smith & Ramdas 2023 for betting on means.

        >>> low, high = np.zeros(21), np.zeros(21)
        >>> low[4], high[8] = 50.0, 50.0  # 0.2 on old, 0.4 on new
        >>> 2 < MeanScore.begin(d=0.0, side=1).advance(high, low, 0.5).log_evalue < 40
        True
        """
        mean = (self.total + 0.5 * _PRIOR_N) / (self.n + _PRIOR_N)
        gain_new, gain_old = (BINS - mean) / q - self.d, -(BINS - mean) / (1 - q) - self.d
        worst = -min((self.side * gain_new).min(), (self.side * gain_old).min())
        stake = self.side * FRACTIONS[:, None] / max(worst, 1e-12)
        logs = self.logs + np.log1p(stake * gain_new) @ new + np.log1p(stake * gain_old) @ old
        both = new + old
        return MeanScore(logs, self.total + float(both @ BINS), self.n + float(both.sum()), self.d, self.side)

    @property
    def log_evalue(self) -> float:
        """ln of the mean over the fractions."""
        return float(log_mean(self.logs[None, :], _WEIGHTS)[0])


def binned(scores: Floats) -> Floats:
    """Customers per bin, shape (21,), for scores (n,): each goes to the nearest bin.

    >>> binned(np.array([0.0, 0.02, 0.03, 1.0]))[[0, 1, 20]].tolist()
    [2.0, 1.0, 1.0]
    """
    places = np.rint(np.clip(np.asarray(scores, dtype=float), 0.0, 1.0) * (len(BINS) - 1)).astype(np.intp)
    result: Floats = np.bincount(places, minlength=len(BINS)).astype(float)
    return result
