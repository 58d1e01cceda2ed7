"""Bets on the label of customers whose outcome is known (STATISTICS §1b, §1c): LabelGrid."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unfelt.kernel.margins import TOP, Floats, Numbers, project

Ints = NDArray[np.intp]

RATIOS: Floats = np.exp(np.geomspace(np.log(1.04), np.log(12.0), 14))
"""How many times the odds at the null's edge: the alternatives of going back. Their logarithms grow by 1.4 each:
what lies between two of them is bet on with a fifth too much or too little, which costs a twentieth at most."""

FRACTIONS: Floats = np.geomspace(0.97, 0.15, 13)
"""Parts of the margin's edge: the alternatives of promoting, beside "no difference"."""

BACK_WEIGHTS: Floats = np.array([*[0.016] * 6, 0.075, 0.1, 0.17, 0.15, 0.045, 0.09, 0.205, 0.069])
"""A tenth on odds up to 1.2: they need more customers for it, and what is graver hardly any. Of the rest most on
1.65, 2 and 6, by which what lies between is seen too. Found by search over the cells of `benchmarks/arena`."""
PROMOTE_WEIGHTS: Floats = np.concatenate([[0.5], np.full(13, 0.5 / 13)])
"""Half on "no difference": a good change is what promotion is for."""

PRIOR_RATE = 0.01
"""How often something bad is taken to happen before anybody has come."""
_PRIOR_N = 50.0
_FLOOR = 1e-7


Outcomes = Sequence[tuple[float, Floats]]
"""For each propensity: bad and good customers on new, then on old, shape (4, cells)."""


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

    def outcomes(self) -> Floats:
        """Bad and good customers on new, then on old: shape (4, rows)."""
        return np.stack([self.x1, self.n1 - self.x1, self.x0, self.n0 - self.x0])

    def by_propensity(self, cells: int) -> Outcomes:
        """Each propensity with its outcomes per cell, the lowest first."""
        found = []
        for q in np.unique(self.q).tolist():
            here = self.q == q
            outcomes = np.zeros((4, cells))
            outcomes[:, self.cell[here]] = self.outcomes()[:, here]
            found.append((q, outcomes))
        return found

    def sum_by_cell(self, rows: Floats, cells: int) -> Floats:
        """Rows added up per cell; `rows` is (rows,) or (rows, K)."""
        total = np.zeros((cells, *rows.shape[1:]))
        np.add.at(total, self.cell, rows)
        return total


def past_rate(bad: Numbers, n: Numbers, *, prior: Numbers = PRIOR_RATE) -> Floats:
    """The plug-in rate from the past: (bad + 50·prior) / (n + 50), so that it is never 0 or 1.

    Any value here is valid, because it is fixed before the customers it is used for; a poor one costs power.
    For a group, the prior is the past rate of everybody. Shapes: any, broadcast together.

    >>> float(past_rate(0, 0)), float(past_rate(10, 950))
    (0.01, 0.0105)
    """
    rate = (np.asarray(bad, dtype=float) + _PRIOR_N * prior) / (np.asarray(n, dtype=float) + _PRIOR_N)
    result: Floats = np.clip(rate, _FLOOR, TOP - 0.001)
    return result


def back_alternatives(t0: Floats, *, rho: Numbers, d: Numbers, ratios: Floats = RATIOS) -> Floats:
    """Rates on new with `ratios` times the odds of the edge e = rho·t0 + d: shape (..., 14) for t0 of shape (...).

    Formula: r·e / (1 - e + r·e): r times the rate where e is small, 1/r of the good where it is large.

    >>> [round(float(t), 4) for t in back_alternatives(np.array([0.01, 0.97]), rho=1.0, d=0.0)[:, -1]]
    [0.1081, 0.9974]
    """
    edge = np.minimum(np.asarray(rho * t0 + d), TOP)[..., None]
    more = edge * ratios
    result: Floats = np.minimum(more / (1 - edge + more), TOP)
    return result


def promote_alternatives(t0: Floats, *, rho: Numbers, d: Numbers) -> Floats:
    """The old rate itself, then FRACTIONS of the edge rho·t0 + d: shape (..., 14) for t0 of shape (...).

    >>> [round(float(t), 4) for t in promote_alternatives(np.array([0.01]), rho=1.0, d=0.02)[0, [0, 1, -1]]]
    [0.01, 0.0291, 0.0045]
    """
    edge = np.minimum(np.asarray(rho * t0 + d), TOP)[..., None]
    result: Floats = np.concatenate([np.asarray(t0)[..., None], np.maximum(edge * FRACTIONS, _FLOOR)], axis=-1)
    return result


def log_factors(counts: Counts, t1: Floats, t0: Floats, *, rho: Numbers, d: Numbers, side: int) -> Floats:
    """Log factors per row and alternative for one plug-in alternative each; 0 where it lies inside the null.

    side: +1 for the null p1 <= rho·p0 + d, -1 for p1 >= rho·p0 + d. Shapes: t1 (rows, K), t0 (rows, 1), out
    (rows, K). Formula, assumptions and source as in `back_bets`.

    >>> one = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 1.0, 1.0, 0.0, 0.0)))
    >>> factor = log_factors(one, np.array([[0.2]]), np.array([[0.1]]), rho=1.0, d=0.0, side=1)
    >>> round(float(np.exp(factor[0, 0])), 4)  # 0.2 / 0.15
    1.3333
    """
    return weighed(counts.outcomes(), coefficients(t1, t0, counts.q[:, None], rho=rho, d=d, side=side))


def coefficients(t1: Floats, t0: Floats, q: Numbers, *, rho: Numbers, d: Numbers, side: int) -> Floats:
    """What one customer adds to a bet: bad on new, good on new, bad on old, good on old: shape (4, rows, K).

    ln of t1/m1, (1-t1)/(1-m1), t0/m0, (1-t0)/(1-m0); 0 where the alternative lies inside the null. Shapes and
    side as in `log_factors`. Each depends on its own row and alternative alone, to the last bit.

    >>> a = coefficients(np.array([[0.2]]), np.array([[0.1]]), 0.5, rho=1.0, d=0.0, side=1)
    >>> np.round(np.exp(a[:, 0, 0]), 4).tolist()
    [1.3333, 0.9412, 0.6667, 1.0588]
    """
    m1, m0 = project(t1, t0, q, rho=rho, d=d)
    parts = np.log(t1 / m1), np.log1p(-t1) - np.log1p(-m1), np.log(t0 / m0), np.log1p(-t0) - np.log1p(-m0)
    outside = side * (t1 - rho * t0 - d) > 0
    result: Floats = np.where(outside, np.stack(parts), 0.0)
    return result


def weighed(outcomes: Floats, each: Floats) -> Floats:
    """Log factors of so many outcomes, shape (4, rows), by what each adds, shape (4, rows, K): (rows, K).

    >>> weighed(np.array([[1.0], [2.0], [0.0], [3.0]]), np.array([[[10.0]], [[1.0]], [[7.0]], [[0.1]]])).round(1)
    array([[12.3]])
    """
    result: Floats = outcomes[0][:, None] * each[0]
    for n, one in zip(outcomes[1:], each[1:], strict=True):
        result += n[:, None] * one
    return result
