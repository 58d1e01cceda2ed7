"""Bets on the label of customers whose outcome is known (STATISTICS §1b, §1c): LabelGrid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unfelt.kernel.margins import TOP, Floats, Numbers, project

Ints = NDArray[np.intp]

RATIOS: Floats = np.geomspace(1.15, 24.0, 14)
"""How many times worse than the null's edge: the alternatives of going back."""

FRACTIONS: Floats = np.geomspace(0.97, 0.15, 13)
"""Parts of the margin's edge: the alternatives of promoting, beside "no difference"."""

RATIO_WEIGHTS: Floats = np.full(14, 1 / 14)
PROMOTE_WEIGHTS: Floats = np.concatenate([[0.5], np.full(13, 0.5 / 13)])
"""Half on "no difference": a good change is what promotion is for."""

_PRIOR_RATE, _PRIOR_N = 0.01, 50.0
_FLOOR = 1e-7


@dataclass(frozen=True, slots=True)
class Counts:
    """Closed customers, one row per (cell, propensity): all arrays have shape (rows,).

    cell: which cell a row belongs to. q: the propensity of the row.
    n1, x1: customers on new, and of these the bad ones. n0, x0: the same for old.
    """

    cell: Ints
    q: Floats
    n1: Floats
    x1: Floats
    n0: Floats
    x0: Floats

    def sum_by_cell(self, rows: Floats, cells: int) -> Floats:
        """Rows added up per cell; `rows` is (rows,) or (rows, K)."""
        total = np.zeros((cells, *rows.shape[1:]))
        np.add.at(total, self.cell, rows)
        return total


def past_rate(bad: Numbers, n: Numbers, *, prior: Numbers = _PRIOR_RATE) -> Floats:
    """The plug-in rate from the past: (bad + 50·prior) / (n + 50), so that it is never 0 or 1.

    Any value here is valid, because it is fixed before the customers it is used for; a poor one costs power.
    For a group, the prior is the past rate of everybody. Shapes: any, broadcast together.

    >>> float(past_rate(0, 0)), float(past_rate(10, 950))
    (0.01, 0.0105)
    """
    rate = (np.asarray(bad, dtype=float) + _PRIOR_N * prior) / (np.asarray(n, dtype=float) + _PRIOR_N)
    result: Floats = np.clip(rate, _FLOOR, TOP - 0.001)
    return result


def back_alternatives(t0: Floats, *, rho: Numbers, d: Numbers) -> Floats:
    """Rates on new that are RATIOS times the edge rho·t0 + d: shape (..., 14) for t0 of shape (...).

    >>> [round(float(t), 3) for t in back_alternatives(np.array([0.01]), rho=1.0, d=0.0)[0, [0, -1]]]
    [0.011, 0.24]
    """
    edge = np.asarray(rho * t0 + d)[..., None]
    result: Floats = np.minimum(edge * RATIOS, TOP)
    return result


def promote_alternatives(t0: Floats, *, rho: Numbers, d: Numbers) -> Floats:
    """The old rate itself, then FRACTIONS of the edge rho·t0 + d: shape (..., 14) for t0 of shape (...).

    >>> [round(float(t), 4) for t in promote_alternatives(np.array([0.01]), rho=1.0, d=0.02)[0, [0, 1, -1]]]
    [0.01, 0.0291, 0.0045]
    """
    edge = np.minimum(np.asarray(rho * t0 + d), TOP)[..., None]
    result: Floats = np.concatenate([np.asarray(t0)[..., None], np.maximum(edge * FRACTIONS, _FLOOR)], axis=-1)
    return result


def back_factors(counts: Counts, t0: Floats, *, rho: Floats, d: Floats) -> Floats:
    """Log factors against "new is at most rho·p0 + d", per cell and alternative: shape (cells, 14).

    Formula: sum over the cell's customers of ln P^(y|g) / P*(y|g), P^ = (t1, t0), P* its projection.
    Assumes: each label is drawn with its row's q, fixed before; t0 comes from before these customers.
    E0[factor] <= 1 for every pair of rates in the null, whatever happened before: drift and share may move.
    Source: STATISTICS §1b-c (Turner, Ly & Grünwald's E-variable with the propensity as block weight).
    Units: natural logarithms. Shapes: counts (rows,), t0, rho, d (cells,).

    Ten of ten bad on new against none of ten on old, half and half:

    >>> counts = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 10.0, 10.0, 10.0, 0.0)))
    >>> zero, one = np.zeros(1), np.ones(1)
    >>> bool(back_factors(counts, np.array([0.05]), rho=one, d=zero).max() > np.log(500))
    True
    """
    return _factors(counts, t0, back_alternatives(t0, rho=rho, d=d), rho=rho, d=d, side=1)


def promote_factors(counts: Counts, t0: Floats, *, rho: Floats, d: Floats) -> Floats:
    """Log factors against "new is at least rho·p0 + d", per cell and alternative: shape (cells, 14).

    As `back_factors`, with the half-space turned round. 300 good customers on each arm exclude +2 %:

    >>> counts = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 300.0, 0.0, 300.0, 0.0)))
    >>> factors = promote_factors(counts, np.array([0.001]), rho=np.ones(1), d=np.array([0.02]))
    >>> bool(factors[0, 0] > np.log(100))
    True
    """
    return _factors(counts, t0, promote_alternatives(t0, rho=rho, d=d), rho=rho, d=d, side=-1)


def _factors(counts: Counts, t0: Floats, t1: Floats, *, rho: Floats, d: Floats, side: int) -> Floats:
    at = counts.cell
    rows = log_factors(counts, t1[at], t0[at][:, None], rho=rho[at][:, None], d=d[at][:, None], side=side)
    return counts.sum_by_cell(rows, len(t0))


def log_factors(counts: Counts, t1: Floats, t0: Floats, *, rho: Numbers, d: Numbers, side: int) -> Floats:
    """Log factors per row and alternative for one plug-in alternative each; 0 where it lies inside the null.

    side: +1 for the null p1 <= rho·p0 + d, -1 for p1 >= rho·p0 + d. Shapes: t1 (rows, K), t0 (rows, 1), out
    (rows, K). Formula, assumptions and source as in `back_factors`.

    >>> one = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 1.0, 1.0, 0.0, 0.0)))
    >>> factor = log_factors(one, np.array([[0.2]]), np.array([[0.1]]), rho=1.0, d=0.0, side=1)
    >>> round(float(np.exp(factor[0, 0])), 4)  # 0.2 / 0.15
    1.3333
    """
    m1, m0 = project(t1, t0, counts.q[:, None], rho=rho, d=d)
    n1, x1, n0, x0 = (a[:, None] for a in (counts.n1, counts.x1, counts.n0, counts.x0))
    new = x1 * np.log(t1 / m1) + (n1 - x1) * (np.log1p(-t1) - np.log1p(-m1))
    old = x0 * np.log(t0 / m0) + (n0 - x0) * (np.log1p(-t0) - np.log1p(-m0))
    outside = side * (t1 - rho * t0 - d) > 0
    result: Floats = np.where(outside, new + old, 0.0)
    return result
