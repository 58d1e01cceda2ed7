"""Means without bounds: asymptotic evidence, with its conditions (STATISTICS §1f)."""

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

LEAST_BAD = 30
"""Bad customers on each arm before the normal approximation is used."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Running sums of the stratified difference: s = Σ w(m1 - m0), v its variance; one stratum per look.

    bad_new, bad_old: how many events each arm has shown, which `is_usable` asks for.
    """

    s: float = 0.0
    v: float = 0.0
    bad_new: float = 0.0
    bad_old: float = 0.0

    def advance(self, new: "Moments", old: "Moments") -> "Difference":
        """One look on: what closed in it, compared within it alone, so that drift and a moving share do no harm.

        Formula: w = n1·n0/(n1+n0), s += w(m1 - m0), v += w·(pooled variance). A look that lacks an arm says
        nothing.
        """
        n = new.n + old.n
        events = {"bad_new": self.bad_new + new.events, "bad_old": self.bad_old + old.events}
        if not new.n or not old.n:
            return Difference(self.s, self.v, **events)
        weight = new.n * old.n / n
        mean = (new.n * new.mean + old.n * old.mean) / n
        square = (new.square + old.square) / n - mean**2
        return Difference(self.s + weight * (new.mean - old.mean), self.v + weight * max(square, 0.0), **events)

    @property
    def is_usable(self) -> bool:
        """Both arms have shown enough: before that the approximation gives too many false alarms."""
        return min(self.bad_new, self.bad_old) >= LEAST_BAD

    def log_evalue(self, *, tuned_at: float, level: float) -> float:
        """ln E against "new is no higher than old"; 0 until it `is_usable`.

        Formula: ½ ln(4h/(v+h)) + s²/(2(v+h)) + ln Φ(s/√(v+h)), h = tuned_at/(2 ln(1/2a) + ln(1 + 2 ln(1/2a))).
        Assumes: many events on each arm (asymptotic: not exact at any sample size); never pooled over a share that
        moves. Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024; Robbins 1970. tuned_at: the variance v
        at which it is strongest.

        >>> one = Difference(s=60.0, v=200.0, bad_new=99.0, bad_old=40.0)
        >>> round(one.log_evalue(tuned_at=200.0, level=0.01), 1)
        7.7
        >>> Difference(s=60.0, v=200.0, bad_new=99.0, bad_old=3.0).log_evalue(tuned_at=200.0, level=0.01)
        0.0
        """
        if not self.is_usable:
            return 0.0
        log = 2 * np.log(1 / (2 * level))
        h = tuned_at / (log + np.log1p(log))
        total = self.v + h
        return float(0.5 * np.log(4 * h / total) + self.s**2 / (2 * total) + log_ndtr(self.s / np.sqrt(total)))


@dataclass(frozen=True, slots=True)
class Moments:
    """One arm in one look: customers, the mean of their values, the sum of squares, how many were above 0."""

    n: float
    mean: float
    square: float
    events: float
