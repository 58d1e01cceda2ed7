"""Who was made worse: bounds on their number that rest on the drawing of the arms alone (STATISTICS §9)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unfelt.kernel.margins import Floats
from unfelt.kernel.patterns import Patterns
from unfelt.kernel.plugins import is_due

STAKES: Floats = np.geomspace(0.004, 6.0, 12)
"""The bets of the working bound, λ: small ones for many customers, large ones for few."""
FLOOR_STAKES: Floats = np.array([0.01, 0.04, 0.12, 0.35])
"""The same of the floor; a customer whose propensity makes one of them impossible is left out of it."""
LARGEST = 0.2
"""The weight of the largest stake, beside its part of the rest."""
NEAR = 0.5
"""The weight of the stakes that tell most when the bound is about as large as the budget."""
_SAFE = 0.98
"""No bet takes more than this part of what would ruin it."""


Met = Sequence[tuple[float, Floats, Floats]]
"""For each propensity the customers on new and on old, per group and set of failures: (G, 2^M) each."""


@dataclass(frozen=True, slots=True)
class Harmed:
    """What is known of who was made worse, per group of customers (G) and choice of metrics (P = 2^M - 1).

    n1, n0: customers closed on new and on old, (G,). bad1, bad0: their failures of each choice, (G, P). logs: the
    bets of the working bound, natural logarithms, (G, P, 12). up1: those of new in each up-set, of whom the
    floor's bets speak, and up_logs, those bets, (G, U, 4). up0: those of old, (G, U). means: of bad0 and up0 for
    each of old, (G, P + U), from `taken_at` customers, (G,).
    """

    n1: Floats
    n0: Floats
    taken_at: Floats
    means: Floats
    bad1: Floats
    bad0: Floats
    logs: Floats
    up0: Floats
    up1: Floats
    up_logs: Floats

    @classmethod
    def begin(cls, groups: int, patterns: Patterns) -> "Harmed":
        """Nobody has come."""
        some, ups = patterns.shared.shape[1], patterns.worse.shape[1]
        blank = np.zeros
        return cls(
            n1=blank(groups),
            n0=blank(groups),
            taken_at=blank(groups),
            means=blank((groups, some + ups)),
            bad1=blank((groups, some)),
            bad0=blank((groups, some)),
            logs=blank((groups, some, len(STAKES))),
            up0=blank((groups, ups)),
            up1=blank((groups, ups, len(FLOOR_STAKES))),
            up_logs=blank((groups, ups, len(FLOOR_STAKES))),
        )

    def advance(self, closed: Met, bets: "HarmBets") -> "Harmed":
        """One look on: customers of each group by the set of failures that they met.

        A customer's failures on old, y, are there whether they come to old or not; the label alone is drawn. So
        for every stake λ and constant c that was fixed before, exp(c - λ·y) on new and (1 - q·e^(c - λy))/(1-q)
        on old have the mean 1: their product bounds the sum of y over those on new from below, and with -λ from
        above, whatever the rates did, however they moved, for every customer as they are. c is λ times old's mean
        before this look (renewed when it `is_due`), which takes out what the mere number of customers on new says.
        Assumes: each label is drawn with its q, fixed before; 0 < q < 1. Source: derived here from STATISTICS §9
        and §1c; betting on the label as in Turner, Ly & Grünwald 2021. Units: customers, natural logarithms.
        """
        if not closed:
            return self
        shared, worse = bets.patterns.shared, bets.patterns.worse
        logs, up_logs, up1 = self.logs, self.up_logs, self.up1
        for q, new, old in closed:
            more, up_more, usable = bets.factors(q, new, old, self.means)
            logs, up_logs = logs + more, up_logs + up_more
            up1 = up1 + np.where(usable, (new @ worse)[..., None], 0.0)
        new = np.sum([one for _q, one, _old in closed], axis=0)
        old = np.sum([one for _q, _new, one in closed], axis=0)
        n0, bad0, up0 = self.n0 + old.sum(axis=1), self.bad0 + old @ shared, self.up0 + old @ worse
        due, seen = is_due(n0, self.taken_at)[:, None], np.maximum(n0, 1.0)[:, None]
        return Harmed(
            n1=self.n1 + new.sum(axis=1),
            n0=n0,
            taken_at=np.where(due[:, 0], n0, self.taken_at),
            means=np.where(due, np.concatenate([bad0, up0], axis=1) / seen, self.means),
            bad1=self.bad1 + new @ shared,
            bad0=bad0,
            logs=logs,
            up0=up0,
            up1=up1,
            up_logs=up_logs,
        )

    def at_most(self, partitions: Floats, stakes: "Stakes", *, level: float) -> tuple[Floats, Floats]:
        """At most how many of the closed were made worse, and at most how many of each customer on new are.

        partitions: (N, G), 1 where a group belongs to that partition of all customers; the answers, (N,), are each
        a bound where its assumption holds. Holds at every look at once with probability >= 1 - level, the first
        whatever becomes of the rates, the second for an excess that does not change.
        Formula: for each partition the min over λ of Σ over groups of max over choices of
        (λ·bad1 - logs)⁺, plus ln 1/level and the price of λ, by λ (by 1 - e^-λ and by customers for the second).
        The choice that is right, the metrics that hurt in each group, is one of them and was so before anybody
        came, so that the largest of all costs no part of level. λ is one of the stakes or several neighbours at
        once, whose mean of logarithms is below the logarithm of the mean (Jensen).
        Assumes: within a group no metric heals some customers and hurts others. Source: derived here; what is
        bounded is in STATISTICS §9.

        Nobody in a hundred on each arm was harmed, at half and half:

        >>> seen = np.array([[100.0, 0.0]])
        >>> after = Harmed.begin(1, Patterns.of(1)).advance([(0.5, seen, seen)], HarmBets(Patterns.of(1)))
        >>> most, rate = after.at_most(np.ones((1, 1)), Stakes.of(100), level=0.01)
        >>> bool(most[0] < 1.4), bool(0.04 < rate[0] < 0.08)
        (True, True)
        """
        gain = self.bad1[..., None] * stakes.value - self.logs @ stakes.mixes.T
        total = partitions @ np.maximum(gain, 0.0).max(axis=1) + stakes.price - np.log(level)
        closed = np.maximum(partitions @ self.n1, 1.0)
        rate = (total / -np.expm1(-stakes.value)).min(axis=1) / closed
        return (total / stakes.value).min(axis=1), np.minimum(rate, 1.0)

    def at_least(self, *, level: float) -> float:
        """At least how many of the closed were made worse: no assumption but the drawing.

        Formula: the largest over groups, up-sets and λ of up1 - (ln 1/level' - up_logs)/λ, where level' divides
        level among all of them. Whoever lies in an up-set on new and would not on old is worse on some metric, and
        there are at least as many as lie there more (Strassen 1965; STATISTICS §9).

        >>> bad, good = np.array([[0.0, 100.0]]), np.array([[100.0, 0.0]])
        >>> after = Harmed.begin(1, Patterns.of(1))
        >>> for _ in range(2): after = after.advance([(0.5, bad, good)], HarmBets(Patterns.of(1)))
        >>> after.at_least(level=0.01) > 60
        True
        """
        price = np.log(self.up1.size / level)
        return float(np.maximum(self.up1 - (price - self.up_logs) / FLOOR_STAKES, 0.0).max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Stakes:
    """One, three or five neighbours of STAKES at once: weights (J, 12), their mean (J,), and what each costs (J,).

    price: KL(mix, prior), for a prior that was fixed beforehand.
    """

    mixes: Floats
    value: Floats
    price: Floats

    @classmethod
    def of(cls, budget: float) -> "Stakes":
        """Half of the prior lies on the three that tell most where the bound is about as large as the budget.

        Of the rest much lies on the largest, which tells most where nobody has failed yet.

        >>> stakes = Stakes.of(150)
        >>> stakes.value[stakes.price < 2].round(2).tolist()[:3]
        [0.06, 0.11, 0.22]
        """
        size = len(STAKES)
        best = int(np.argmin(np.abs(np.log(STAKES * max(budget, 1.0) / _AT_BUDGET))))
        first = min(max(best - 1, 0), size - 3)
        prior = np.full(size, (1 - NEAR - LARGEST) / (size - 3))
        prior[first : first + 3] = NEAR / 3
        prior[-1] += LARGEST
        apart = np.abs(np.arange(size)[:, None] - np.arange(size))
        found = np.concatenate([np.where(apart <= reach, prior, 0.0) for reach in (0, 1, 2)])
        mixes = found / found.sum(axis=1, keepdims=True)
        return cls(mixes, mixes @ STAKES, -np.log(found.sum(axis=1)))


_AT_BUDGET = 15.0
"""The stake times the budget at which the bound is lowest where it comes near it."""


class HarmBets:
    """What each customer adds to the bets of `Harmed`, worked out where the mean or the propensity is new."""

    def __init__(self, patterns: Patterns) -> None:
        self.patterns = patterns
        self._sizes = [(patterns.shared == size).astype(float) for size in range(patterns.metrics + 1)]
        self._known: dict[float, tuple[Floats, list[Floats], list[Floats]]] = {}

    def factors(self, q: float, new: Floats, old: Floats, means: Floats) -> tuple[Floats, Floats, Floats]:
        """Log factors (G, P, 12) and (G, U, 4) of customers by set, (G, 2^M), and of which bets of the floor."""
        below, above = self._at(q, means)
        in_new = new.sum(axis=1)[:, None, None]
        logs = below[0] * in_new
        for counted, each in zip(self._sizes, below[1:], strict=True):
            logs += (old @ counted)[..., None] * each
        inside = (old @ self.patterns.worse)[..., None]
        outside = old.sum(axis=1)[:, None, None] - inside
        up = above[0] * in_new + outside * above[1] + inside * above[2]
        return logs, np.where(above[3] > 0, up, 0.0), above[3]

    def _at(self, q: float, means: Floats) -> tuple[list[Floats], list[Floats]]:
        known = self._known.pop(q, None)
        if known is None or known[0].shape != means.shape:
            cells = np.arange(len(means))
            blank = self._work_out(q, means)
        else:
            cells = np.flatnonzero((known[0] != means).any(axis=1))
            blank = known[1], known[2]
            if len(cells):
                for mine, fresh in zip((*blank[0], *blank[1]), self._flat(q, means[cells]), strict=True):
                    mine[cells] = fresh
        self._known[q] = means.copy(), *blank
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return blank

    def _flat(self, q: float, means: Floats) -> list[Floats]:
        below, above = self._work_out(q, means)
        return [*below, *above]

    def _work_out(self, q: float, means: Floats) -> tuple[list[Floats], list[Floats]]:
        chosen = self.patterns.shared.shape[1]
        below = _bets(q, means[:, :chosen], STAKES, self.patterns.metrics, lower=True)
        above = _bets(q, means[:, chosen:], FLOOR_STAKES, 1, lower=False)
        usable = q * np.exp(FLOOR_STAKES * (1 - means[:, chosen:, None])) < _SAFE
        return below, [*above, usable.astype(float)]


_REMEMBERED = 4


def _bets(q: float, mean: Floats, stakes: Floats, most: int, *, lower: bool) -> list[Floats]:
    """What one on new adds to bets, and one on old with 0, 1, … failures: (G, P, K) each, for means (G, P)."""
    sign = 1.0 if lower else -1.0
    centre = mean[..., None] * stakes
    if lower:
        centre = np.minimum(centre, np.log(_SAFE / q))
    ruin = q * np.exp(sign * centre)
    on_old = (np.minimum(ruin * np.exp(-sign * stakes * failures), _SAFE) for failures in range(most + 1))
    return [sign * centre, *(np.log1p(-each) - np.log1p(-q) for each in on_old)]


def foreseen(n: Floats, rate: float, q: float, stakes: Stakes, *, level: float) -> Floats:
    """What the working bound is likely to be after so many customers on new, (N,), if new fails as old does.

    Formula: `Harmed.at_most` of the expected counts, one metric, c from the true rate.

    >>> foreseen(np.array([400.0, 4000.0]), 0.01, 0.5, Stakes.of(50), level=0.01).round(1).tolist()
    [4.8, 27.1]
    """
    new, good, bad = (one[0, 0] for one in _bets(q, np.array([[rate]]), STAKES, 1, lower=True))
    each = new + (1 - q) / q * ((1 - rate) * good + rate * bad)
    gain: Floats = stakes.mixes @ (STAKES * rate - each)
    total = np.asarray(n)[:, None] * np.maximum(gain, 0.0) + stakes.price - np.log(level)
    result: Floats = (total / stakes.value).min(axis=1)
    return result
