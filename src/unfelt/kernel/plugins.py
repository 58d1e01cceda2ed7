"""Plug-ins that are renewed as the evidence grows, and the coefficients that follow from them (STATISTICS §1c)."""

from collections.abc import Callable

import numpy as np

from unfelt.kernel.labelgrid import (
    PROMOTE_WEIGHTS,
    RATIOS,
    Ints,
    Outcomes,
    back_alternatives,
    coefficients,
    promote_alternatives,
    weighed,
)
from unfelt.kernel.margins import Floats

GROWTH = 1.05
"""A plug-in is renewed once it can come from a twentieth more customers."""
_AHEAD = 50.0
_FEWEST, _NUMBERS = 4, 4_000_000
"""So many propensities are remembered at least; more as long as they take no more than so many numbers."""


def is_due(n: Floats, taken_at: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Whether a plug-in that came from `taken_at` customers is to be renewed now that there are `n`: same shape.

    Both are taken with the 50 customers of the prior. What is not renewed stays fixed before the customers that it
    is used for, as it must; it lacks less than a twentieth of what is known, which costs next to no power.

    >>> is_due(np.array([2.0, 3.0, 1000.0]), np.array([0.0, 0.0, 950.0])).tolist()
    [False, True, False]
    """
    due: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] = n + _AHEAD > GROWTH * (taken_at + _AHEAD)
    return due


class Remembered:
    """The last answer of a pure function of arrays, given again where the question is the same."""

    def __init__(self, answer: Callable[..., Floats]) -> None:
        self._answer = answer
        self._question: tuple[Floats, ...] | None = None
        self._last = np.zeros(0)

    def __call__(self, *question: Floats) -> Floats:
        """The function of these; the arrays must not be changed in place."""
        known = self._question
        if known is None or not all(map(np.array_equal, known, question)):
            self._last, self._question = self._answer(*question), question
        return self._last


class Coefficients:
    """What each outcome adds to the bets of each cell, worked out where plug-in or propensity are new.

    Nothing depends on what is remembered: the factors are the same bits as without.
    """

    def __init__(self, work_out: Callable[[Ints, Floats, float], Floats], alternatives: int) -> None:
        """work_out: (cells, their plug-ins (cells, P), propensity) → `coefficients` (4, cells, alternatives)."""
        self._work_out = work_out
        self._alternatives = alternatives
        self._known: dict[float, tuple[Floats, Floats]] = {}

    def factors(self, closed: Outcomes, plugs: Floats) -> Floats:
        """Log factors of the customers per cell and alternative; plugs (cells, P), out (cells, alternatives)."""
        total = np.zeros((len(plugs), self._alternatives))
        for q, outcomes in closed:
            total += weighed(outcomes, self._at(q, plugs, np.flatnonzero(outcomes.any(axis=0))))
        return total

    def _at(self, q: float, plugs: Floats, cells: Ints) -> Floats:
        """The coefficients at that propensity, right for these cells; others may have another plug-in."""
        known = self._known.pop(q, None)
        if known is None:
            known = np.full(plugs.shape, np.nan), np.zeros((4, len(plugs), self._alternatives))
        stale = cells[(known[0][cells] != plugs[cells]).any(axis=1)]
        if len(stale):
            known[0][stale] = plugs[stale]
            known[1][:, stale] = self._work_out(stale, plugs[stale], q)
        self._known[q] = known
        while len(self._known) > max(_FEWEST, _NUMBERS // known[1].size):
            del self._known[next(iter(self._known))]
        return known[1]


def back_bets(rho: Floats, d: Floats) -> Coefficients:
    """Against "new is at most rho·p0 + d", per cell and for each of RATIOS; rho and d of shape (cells,).

    Formula: factor = product over the cell's customers of P^(y|g) / P*(y|g), P^ = (t1, t0), P* its projection; the
    plug-in is t0, t1 are its `back_alternatives`.
    Assumes: each label is drawn with its row's q, fixed before; t0 comes from before these customers.
    E0[factor] <= 1 for every pair of rates in the null, whatever happened before: drift and share may move.
    Source: STATISTICS §1b-c (Turner, Ly & Grünwald's E-variable with the propensity as block weight).
    Units: natural logarithms.

    Ten of ten bad on new against none of ten on old, half and half:

    >>> from unfelt.kernel.labelgrid import Counts
    >>> counts = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 10.0, 10.0, 10.0, 0.0)))
    >>> factors = back_bets(np.ones(1), np.zeros(1)).factors(counts.by_propensity(1), np.array([[0.05]]))
    >>> bool(factors.max() > np.log(500))
    True
    """

    def work_out(cells: Ints, plugs: Floats, q: float) -> Floats:
        t0, line = plugs[:, 0], {"rho": rho[cells], "d": d[cells]}
        return _on_lines(back_alternatives(t0, **line), t0, q, **line, side=1)

    return Coefficients(work_out, len(RATIOS))


def promote_bets(rho: Floats, d: Floats) -> Coefficients:
    """Against "new is at least rho·p0 + d": as `back_bets`, with the half-space turned round.

    300 good customers on each arm exclude +2 %:

    >>> from unfelt.kernel.labelgrid import Counts
    >>> counts = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 300.0, 0.0, 300.0, 0.0)))
    >>> factors = promote_bets(np.ones(1), np.array([0.02])).factors(counts.by_propensity(1), np.array([[0.001]]))
    >>> bool(factors[0, 0] > np.log(100))
    True
    """

    def work_out(cells: Ints, plugs: Floats, q: float) -> Floats:
        t0, line = plugs[:, 0], {"rho": rho[cells], "d": d[cells]}
        return _on_lines(promote_alternatives(t0, **line), t0, q, **line, side=-1)

    return Coefficients(work_out, len(PROMOTE_WEIGHTS))


def _on_lines(t1: Floats, t0: Floats, q: float, *, rho: Floats, d: Floats, side: int) -> Floats:
    return coefficients(t1, t0[:, None], q, rho=rho[:, None], d=d[:, None], side=side)
