"""Is new slower? Bets on how many customers wait longer than old's quantiles (STATISTICS §1d)."""

from dataclasses import dataclass

import numpy as np

from unfelt.kernel.labelgrid import BACK_WEIGHTS, Outcomes, past_rate
from unfelt.kernel.margins import Floats
from unfelt.kernel.onset import log_mean
from unfelt.kernel.plugins import Coefficients, back_bets, is_due
from unfelt.kernel.tally import OLD_QUANTILES

QUANTILES: Floats = np.array(OLD_QUANTILES)
"""Old's quantiles whose exceedance is bet on: from "half of everybody" to "one in a thousand"."""


def thresholds_of(waits: Floats) -> Floats:
    """Old's QUANTILES as they were before the change: shape (8,), in the unit of `waits` (n,).

    Any thresholds that are fixed beforehand are valid; poor ones cost power. A wait that never ended is infinite.

    >>> thresholds_of(np.arange(1001.0)).tolist()
    [500.0, 750.0, 900.0, 950.0, 980.0, 990.0, 995.0, 999.0]
    """
    result: Floats = np.quantile(waits, QUANTILES, method="lower")
    return result


def passed(waits: Floats, is_new: Floats, thresholds: Floats) -> Floats:
    """Outcomes per threshold, as bets take them: shape (4, J) for waits and is_new (n,), thresholds (J,).

    >>> passed(np.array([1.0, 5.0, 9.0]), np.array([1, 1, 0]), np.array([4.0])).T.tolist()
    [[1.0, 1.0, 1.0, 0.0]]
    """
    new = np.asarray(is_new, dtype=bool)
    slow = np.asarray(waits, dtype=float)[:, None] > thresholds
    counts = [(slow[arm] == bad).sum(axis=0) for arm in (new, ~new) for bad in (True, False)]
    return np.array(counts, dtype=float)


@dataclass(frozen=True, slots=True)
class Slower:
    """The running evidence that new passes old's quantiles more often, at any of them.

    logs: running bets per threshold and alternative, natural logarithms, shape (J, 14). counts: outcomes so far,
    shape (4, J). plugs: the rate at which each threshold is passed, from `taken_at` customers; both (J,).
    """

    logs: Floats
    counts: Floats
    plugs: Floats
    taken_at: Floats

    @classmethod
    def begin(cls, rates: Floats | None = None) -> "Slower":
        """Nothing seen. rates: how often old passes each threshold by its history; 1 - QUANTILES if not given."""
        plugs = 1 - QUANTILES if rates is None else np.asarray(rates, dtype=float)
        return cls(
            np.zeros((len(plugs), len(BACK_WEIGHTS))), np.zeros((4, len(plugs))), plugs, np.zeros(len(plugs))
        )

    def advance(self, closed: Outcomes, *, bets: Coefficients | None = None) -> "Slower":
        """One look on; P(log_evalue is ever >= ln 1/a) <= a where new passes no threshold more often than old.

        Formula: `back_bets` at ratio 1 for each threshold, whose mean is taken: all of them are about the same
        customers at the same moment, so that it is exact. The first plug-ins are those of the history.
        Assumes: labels drawn with q fixed before; per moment, old passes each threshold at least as often as new.
        Source: STATISTICS §1d. bets: `slower_bets(J)`, kept from look to look to save work.

        Two in three on new pass what half pass on old:

        >>> closed = [(0.5, np.array([[67.0], [33.0], [50.0], [50.0]]))]
        >>> after = Slower.begin(np.array([0.5]))
        >>> for _ in range(5): after = after.advance(closed)
        >>> bool(after.log_evalue > np.log(1000))
        True
        """
        if not closed:
            return self
        logs = self.logs + (bets or slower_bets(len(self.plugs))).factors(closed, self.plugs[:, None])
        counts = self.counts + sum(outcomes for _q, outcomes in closed)
        n = counts.sum(axis=0)
        due = is_due(n, self.taken_at)
        plugs = np.where(due, past_rate(counts[0] + counts[2], n, prior=self.plugs), self.plugs)
        return Slower(logs, counts, plugs, np.where(due, n, self.taken_at))

    @property
    def log_evalue(self) -> float:
        """ln of the mean over thresholds, and over alternatives with BACK_WEIGHTS."""
        each = log_mean(self.logs, BACK_WEIGHTS)
        return float(log_mean(each[None, :], np.full(len(each), 1 / len(each)))[0])


def slower_bets(thresholds: int) -> Coefficients:
    """The bets of `Slower` for so many thresholds.

    >>> closed = [(0.5, np.array([[0.0], [0.0], [0.0], [0.0]]))]
    >>> float(slower_bets(1).factors(closed, np.array([[0.5]])).max())
    0.0
    """
    return back_bets(np.ones(thresholds), np.zeros(thresholds))
