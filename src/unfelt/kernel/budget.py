"""At most how many customers were affected: a bound on the excess that holds at every moment (STATISTICS §4)."""

from dataclasses import dataclass

import numpy as np

from unfelt.kernel.labelgrid import Ints, Outcomes, coefficients, past_rate
from unfelt.kernel.margins import TOP, Floats
from unfelt.kernel.plugins import Coefficients, is_due

EXCESS: Floats = np.geomspace(0.0005, 0.97, 352)
"""The excess rates (new less old) that are ruled out one after another."""

_PRIOR_FAILURES = 8.0


@dataclass(frozen=True, slots=True)
class ExcessBound:
    """Upper bounds on the constant excess of several cells, each with its own level.

    logs: running bets against "the excess is at least EXCESS[j]", natural logarithms, shape (cells, 352).
    bound: the smallest excess such that it and all above are ruled out; never grows; shape (cells,).
    counts: bad and good customers on new, then on old, shape (4, cells). plugs: the pooled rate p and the rate t1
    of new that the next bets are made with, shape (cells, 2); taken_at: customers on new and on old that they came
    from, shape (cells, 2).
    """

    logs: Floats
    bound: Floats
    counts: Floats
    plugs: Floats
    taken_at: Floats

    @classmethod
    def begin(cls, cells: int) -> "ExcessBound":
        """Nothing is ruled out: the excess may be 1."""
        none = np.zeros((4, cells))
        return cls(np.zeros((cells, len(EXCESS))), np.ones(cells), none, _plugs(none), np.zeros((cells, 2)))

    def advance(self, closed: Outcomes, *, level: float, bets: Coefficients | None = None) -> "ExcessBound":
        """One look on; P(the bound is ever below a constant true excess) <= level, per cell.

        Formula: for each d, factor = P^(y|g)/P*(y|g) with P^ = (t1, t0) from the past, t0 the pooled rate p,
        t1 = (X1 + 8)/(N1 + 8/p), P* its projection onto p1 = p0 + d; d is ruled out once its product has
        reached 1/level. bound = the least d with every d' >= d ruled out. Plug-ins are renewed when either arm
        `is_due`. bets: `excess_bets()`, kept from look to look to save work.
        Assumes: labels drawn with q fixed before; an excess that does not change with time. Source: STATISTICS §4.
        Units: rates.

        >>> closed = [(0.5, np.array([[0.0], [100.0], [0.0], [100.0]]))]
        >>> after = ExcessBound.begin(1)
        >>> for _ in range(10): after = after.advance(closed, level=0.01)
        >>> 0.004 < float(after.bound[0]) < 0.02
        True
        """
        if not closed:
            return self
        logs = self.logs + (bets or excess_bets()).factors(closed, self.plugs)
        bound = np.minimum(self.bound, lowest_excluded(logs, level=level))
        seen = self.counts + sum(outcomes for _q, outcomes in closed)
        arms = np.stack([seen[0] + seen[1], seen[2] + seen[3]], axis=1)
        due = is_due(arms, self.taken_at).any(axis=1, keepdims=True)
        plugs, taken_at = np.where(due, _plugs(seen), self.plugs), np.where(due, arms, self.taken_at)
        return ExcessBound(logs, bound, seen, plugs, taken_at)


def _plugs(seen: Floats) -> Floats:
    bad1, good1, bad0, good0 = seen
    pooled = past_rate(bad1 + bad0, bad1 + good1 + bad0 + good0)
    t1 = np.minimum((bad1 + _PRIOR_FAILURES) / (bad1 + good1 + _PRIOR_FAILURES / pooled), TOP)
    return np.stack([pooled, t1], axis=1)


def excess_bets() -> Coefficients:
    """The bets of `ExcessBound`, one against each excess; the plug-ins are the rates of old and new.

    A thousand good customers on each arm exclude all excess from 2 % upwards:

    >>> closed = [(0.5, np.array([[0.0], [1000.0], [0.0], [1000.0]]))]
    >>> factors = excess_bets().factors(closed, np.array([[0.001, 0.001]]))
    >>> bool((factors[0, EXCESS > 0.02] > np.log(100)).all())
    True
    """

    def work_out(_cells: Ints, plugs: Floats, q: float) -> Floats:
        return coefficients(plugs[:, 1:], plugs[:, :1], q, rho=1.0, d=EXCESS, side=-1)

    return Coefficients(work_out, len(EXCESS))


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
