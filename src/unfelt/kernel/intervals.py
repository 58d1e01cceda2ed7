"""Estimates for the eye: the difference of the rates with an asymptotic interval. No decision rests on it."""

from dataclasses import dataclass

import numpy as np

from unfelt.kernel.labelgrid import Counts
from unfelt.kernel.margins import Floats

_TUNED_AT = 10.0
"""The variance (about 10 bad customers at half and half) at which the interval is narrowest."""


@dataclass(frozen=True, slots=True)
class Score:
    """Running sums per cell, shape (cells,): s = Σ(g-q)(y-p), w = Σq(1-q), v = Σ(g-q)²(y-p)²."""

    s: Floats
    w: Floats
    v: Floats

    @classmethod
    def begin(cls, cells: int) -> "Score":
        """Nothing seen."""
        return cls(np.zeros(cells), np.zeros(cells), np.zeros(cells))

    def advance(self, counts: Counts, past: Floats) -> "Score":
        """One look on. `past` is the pooled rate p before it, shape (cells,); drift and share may move."""
        cells, p, q = len(self.s), past[counts.cell], counts.q
        good1, good0 = counts.n1 - counts.x1, counts.n0 - counts.x0
        s = (1 - q) * (counts.x1 * (1 - p) - good1 * p) - q * (counts.x0 * (1 - p) - good0 * p)
        v = (1 - q) ** 2 * (counts.x1 * (1 - p) ** 2 + good1 * p**2)
        v += q**2 * (counts.x0 * (1 - p) ** 2 + good0 * p**2)
        w = q * (1 - q) * (counts.n1 + counts.n0)
        return Score(*(a + counts.sum_by_cell(b, cells) for a, b in ((self.s, s), (self.w, w), (self.v, v))))

    def display_interval(self, *, confidence: float) -> tuple[Floats, Floats, Floats]:
        """(estimate, low, high) of the difference new less old, per cell; for display only; nan where empty.

        Formula: s/w ± sqrt((v+h)(ln((v+h)/h) + 2 ln(1/a)))/w, h = v*/(2 ln(1/2a) + ln(1 + 2 ln(1/2a))), v* = 10.
        Assumes: many bad customers (asymptotic), a difference that does not change. Valid at all looks at once,
        as far as it is valid. Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024; STATISTICS §1f.
        Units: rates. Shapes: (cells,).

        >>> counts = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 1000.0, 80.0, 1000.0, 50.0)))
        >>> shown = Score.begin(1).advance(counts, np.array([0.06])).display_interval(confidence=0.99)
        >>> [round(float(x[0]), 3) for x in shown]
        [0.03, -0.01, 0.07]
        """
        a = 1 - confidence
        log = 2 * np.log(1 / (2 * a))
        h = _TUNED_AT / (log + np.log1p(log))
        radius = np.sqrt((self.v + h) * (np.log((self.v + h) / h) + 2 * np.log(1 / a)))
        w = np.where(self.w > 0, self.w, np.nan)
        estimate = self.s / w
        return estimate, np.maximum(estimate - radius / w, -1.0), np.minimum(estimate + radius / w, 1.0)
