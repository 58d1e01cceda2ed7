"""At most how many customers were affected: a bound on the excess that holds at every moment (STATISTICS §4)."""

from dataclasses import dataclass

import numpy as np

from unfelt.kernel.labelgrid import Counts, log_factors, past_rate
from unfelt.kernel.margins import TOP, Floats

EXCESS: Floats = np.geomspace(0.0005, 0.97, 88)
"""The excess rates (new less old) that are ruled out one after another."""

_PRIOR_FAILURES = 8.0


@dataclass(frozen=True, slots=True)
class ExcessBound:
    """Upper bounds on the constant excess of several cells, each with its own level.

    logs: running bets against "the excess is at least EXCESS[j]", natural logarithms, shape (cells, 88).
    bound: the smallest excess such that it and all above are ruled out; never grows; shape (cells,).
    new_n, new_bad, n, bad: what the plug-ins come from, shape (cells,).
    """

    logs: Floats
    bound: Floats
    new_n: Floats
    new_bad: Floats
    n: Floats
    bad: Floats

    @classmethod
    def begin(cls, cells: int) -> "ExcessBound":
        """Nothing is ruled out: the excess may be 1."""
        zero = np.zeros(cells)
        return cls(np.zeros((cells, len(EXCESS))), np.ones(cells), zero, zero, zero, zero)

    def advance(self, counts: Counts, *, level: float) -> "ExcessBound":
        """One look on; P(the bound is ever below a constant true excess) <= level, per cell.

        Formula: for each d, factor = P^(y|g)/P*(y|g) with P^ = (t1, t0) from the past, t0 the pooled rate p,
        t1 = (X1 + 8)/(N1 + 8/p), P* its projection onto p1 = p0 + d; d is ruled out once its product has
        reached 1/level. bound = the least d with every d' >= d ruled out.
        Assumes: labels drawn with q fixed before; an excess that does not change with time. Source: STATISTICS §4.
        Units: rates. Shapes: counts (rows,).

        >>> counts = Counts(np.array([0]), *(np.array([v]) for v in (0.5, 100.0, 0.0, 100.0, 0.0)))
        >>> after = ExcessBound.begin(1)
        >>> for _ in range(10): after = after.advance(counts, level=0.01)
        >>> 0.004 < float(after.bound[0]) < 0.02
        True
        """
        if not len(counts.cell):
            return self
        pooled = past_rate(self.bad, self.n)
        t1 = np.minimum((self.new_bad + _PRIOR_FAILURES) / (self.new_n + _PRIOR_FAILURES / pooled), TOP)
        at = counts.cell
        rows = log_factors(counts, t1[at][:, None], pooled[at][:, None], rho=1.0, d=EXCESS, side=-1)
        logs = self.logs + counts.sum_by_cell(rows, len(self.bound))
        return self._taken(counts, logs, level)

    def _taken(self, counts: Counts, logs: Floats, level: float) -> "ExcessBound":
        cells = len(self.bound)
        n1, x1, n0, x0 = (
            counts.sum_by_cell(column, cells) for column in (counts.n1, counts.x1, counts.n0, counts.x0)
        )
        bound = np.minimum(self.bound, lowest_excluded(logs, level=level))
        return ExcessBound(logs, bound, self.new_n + n1, self.new_bad + x1, self.n + n1 + n0, self.bad + x1 + x0)


def lowest_excluded(logs: Floats, *, level: float) -> Floats:
    """The least excess such that every one from it upwards stands at 1/level or more; 1 if none: shape (cells,).

    >>> logs = np.where(EXCESS >= 0.1, 5.0, 0.0)[None, :]
    >>> bool(lowest_excluded(logs, level=0.01)[0] == EXCESS[EXCESS >= 0.1][0])
    True
    """
    out = logs >= -np.log(level)
    kept = np.cumprod(out[:, ::-1], axis=1).sum(axis=1)
    edges = np.concatenate([EXCESS, [1.0]])
    result: Floats = edges[len(EXCESS) - kept]
    return result
