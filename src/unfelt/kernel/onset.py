"""Mixtures of bets over alternatives and over the moment at which the harm begins (STATISTICS §1i)."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from unfelt.kernel.margins import Floats

PLAIN = 0.9
"""The weight of harm that is there from the beginning; the rest is for harm that begins later."""
_AHEAD = 10


def start_weight(look: int) -> float:
    """The weight of "it begins at this look": ∝ 1/((j+10)·ln(j+10)^1.5) over j = 1, 2, …; the sum is 1.

    >>> round(start_weight(1) / start_weight(2), 4)
    1.1508
    >>> round(sum(start_weight(j) for j in range(1, 100_000)), 2)  # the tail is long
    0.55
    """
    return _raw(look) / _total()


def _raw(look: int) -> float:
    later = look + _AHEAD
    return float(1 / (later * np.log(later) ** 1.5))


@cache
def _total() -> float:
    exact = 10_000
    j = np.arange(1, exact + 1) + _AHEAD
    tail = 2 / np.sqrt(np.log(exact + _AHEAD))  # the integral from the last term on is above what is left
    return float(np.sum(1 / (j * np.log(j) ** 1.5)) + tail)


@dataclass(frozen=True, slots=True)
class Mixture:
    """Running bets of many cells: `plain` from the beginning, `late` from every later look on.

    plain, late: natural logarithms, shape (cells, K). looks: how many have been taken. ahead: the start weight
    that no look has used yet. The weighted sum of both is an e-process: P(ever >= 1/a) <= a.
    """

    plain: Floats
    late: Floats
    looks: int
    ahead: float

    @classmethod
    def begin(cls, cells: int, alternatives: int) -> "Mixture":
        """No evidence yet: every bet stands at 1, and all weight is ahead."""
        shape = (cells, alternatives)
        return cls(np.zeros(shape), np.full(shape, -np.inf), 0, 1.0)

    def advance(self, factors: Floats) -> "Mixture":
        """One look on: plain += factors; late = factors + ln(e^late + w). Shapes: (cells, K).

        Assumes E0[e^factor | past] <= 1 per cell and alternative. Source: Shin, Ramdas & Rinaldo (e-detectors).

        >>> after = Mixture.begin(1, 1).advance(np.array([[3.0]]))
        >>> round(float(after.log_evalue(np.ones(1))[0]), 4)  # most of it plain; the mixture is behind
        2.9021
        """
        look = self.looks + 1
        weight = start_weight(look)
        late = factors + np.logaddexp(self.late, np.log(weight))
        return Mixture(self.plain + factors, late, look, self.ahead - weight)

    def log_evalue(self, weights: Floats) -> Floats:
        """ln of PLAIN·Σ w·plain + (1-PLAIN)·(Σ w·late + ahead), per cell: shape (cells,)."""
        plain, late = self.log_plain(weights) + np.log(PLAIN), self.log_late(weights) + np.log(1 - PLAIN)
        both: Floats = np.logaddexp(plain, late)
        return both

    def log_plain(self, weights: Floats) -> Floats:
        """ln Σ w·plain, per cell: the e-process for harm that is there from the beginning."""
        return log_mean(self.plain, weights)

    def log_late(self, weights: Floats) -> Floats:
        """ln(Σ w·late + ahead), per cell: the e-process for harm that begins at an unknown look."""
        late: Floats = np.logaddexp(log_mean(self.late, weights), np.log(self.ahead))
        return late


def log_mean(logs: Floats, weights: Floats) -> Floats:
    """ln Σ w·e^log over the last axis, with neither overflow nor underflow; weights sum to 1.

    >>> round(float(log_mean(np.array([[2000.0, -2000.0]]), np.array([0.5, 0.5]))[0]), 4)
    1999.3069
    """
    top = logs.max(axis=-1, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        result: Floats = np.log(np.exp(logs - top) @ weights) + top[..., 0]
    return result
