"""Who was made worse: bounds on their number that rest on the drawing of the arms alone (STATISTICS §9)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from unfelt.kernel.margins import Floats

STAKES: Floats = np.geomspace(0.004, 6.0, 15)
"""The bets of the working bound, λ: small ones for many customers, large ones for few."""
FLOOR_STAKES: Floats = np.array([0.01, 0.03, 0.08, 0.2, 0.4])
"""The same of the floor; a customer whose propensity makes one of them impossible is left out of it."""
NEAR = 0.5
"""The weight of the stakes that tell most when the bound is about as large as the budget."""
MOST_AT_ONCE = 4
"""So many metrics are looked at together, in every combination; more of them in groups of so many less one."""

_ALL_UP_SETS = 3
_SAFE = 0.98
"""No bet takes more than this part of what would ruin it."""


def _up_sets(metrics: int, shared: Floats) -> Floats:
    """Unions of "all of these": the minimal sets that a union is made of say which it is."""
    sizes = shared.max(axis=0)
    found = [*np.minimum(shared, 1.0).T, *(shared >= sizes).astype(float).T]
    if metrics <= _ALL_UP_SETS:
        each = (shared >= sizes).T
        unions = (
            each[[j for j in range(len(each)) if mask >> j & 1]].any(axis=0) for mask in range(1, 2 ** len(each))
        )
        found = [union.astype(float) for union in unions]
    return np.unique(np.array(found), axis=0).T


@dataclass(frozen=True, slots=True)
class Patterns:
    """Every choice of some of M metrics, and how many of it each set of failures holds.

    Choices and sets are bit patterns, the choice j at place j - 1. shared: failures of set Y within choice j, of
    shape (2^M, 2^M - 1). worse: 1 where a set belongs to an up-set, one that with each set of failures holds all
    larger ones, (2^M, U): every one of up to three metrics; of four "any of these" and "all of these".
    """

    metrics: int
    shared: Floats
    worse: Floats

    @classmethod
    def of(cls, metrics: int) -> "Patterns":
        """All choices of so many metrics, up to four.

        >>> Patterns.of(2).shared[3].tolist()  # who met both counts once for each alone, twice for both
        [1.0, 1.0, 2.0]
        """
        sets, choices = np.arange(2**metrics)[:, None], np.arange(1, 2**metrics)[None, :]
        shared = np.zeros((2**metrics, 2**metrics - 1))
        for bit in range(metrics):
            shared += (sets >> bit & 1) * (choices >> bit & 1)
        return cls(metrics, shared, _up_sets(metrics, shared))


Met = Sequence[tuple[float, Floats, Floats]]
"""For each propensity the customers on new and on old, per group and set of failures: (G, 2^M) each."""


@dataclass(frozen=True, slots=True)
class Harmed:
    """What is known of who was made worse, per group of customers (G) and choice of metrics (P = 2^M - 1).

    n1, n0: customers closed on new and on old, (G,). bad1, bad0: their failures of each choice, (G, P). logs: the
    bets of the working bound, natural logarithms, (G, P, 15). up1: those of new in each up-set, of whom the
    floor's bets speak, and up_logs, those bets, (G, U, 5). up0: those of old, (G, U).
    """

    n1: Floats
    n0: Floats
    bad1: Floats
    bad0: Floats
    logs: Floats
    up0: Floats
    up1: Floats
    up_logs: Floats

    @classmethod
    def begin(cls, groups: int, patterns: Patterns) -> "Harmed":
        """Nobody has come."""
        some, ups = (groups, patterns.shared.shape[1]), (groups, patterns.worse.shape[1])
        blank = np.zeros
        return cls(
            blank(groups),
            blank(groups),
            blank(some),
            blank(some),
            blank((*some, len(STAKES))),
            blank(ups),
            blank((*ups, len(FLOOR_STAKES))),
            blank((*ups, len(FLOOR_STAKES))),
        )

    def advance(self, closed: "Met", patterns: Patterns) -> "Harmed":
        """One look on: customers of each group by the set of failures that they met.

        A customer's failures on old, y, are there whether they come to old or not; the label alone is drawn. So
        for every stake λ and constant c that was fixed before, exp(c - λ·y) on new and (1 - q·e^(c - λy))/(1-q)
        on old have the mean 1: their product bounds the sum of y over those on new from below, and with -λ from
        above, whatever the rates did, however they moved, for every customer as they are. c is λ times old's mean
        before this look, which takes out what the mere number of customers on new says.
        Assumes: each label is drawn with its q, fixed before; 0 < q < 1. Source: derived here from STATISTICS §9
        and §1c; betting on the label as in Turner, Ly & Grünwald 2021. Units: customers, natural logarithms.
        """
        now, seen = self, np.maximum(self.n0, 1.0)[:, None]
        means = self.bad0 / seen, self.up0 / seen
        for one in closed:
            now = now._with(one, patterns, *means)
        return now

    def _with(
        self, one: tuple[float, Floats, Floats], patterns: Patterns, mean: Floats, mean_up: Floats
    ) -> "Harmed":
        q, new, old = one
        in_new, in_old = new.sum(axis=1), old.sum(axis=1)
        here = np.flatnonzero((in_new > 0) | (in_old > 0))
        logs, up_logs, up1 = self.logs.copy(), self.up_logs.copy(), self.up1.copy()
        mean, mean_up = mean[here], mean_up[here]
        sizes = _by_size(old[here], patterns.shared, patterns.metrics)
        logs[here] += _bets(in_new[here], sizes, q, mean, STAKES, lower=True)
        usable = q * np.exp(FLOOR_STAKES * (1 - mean_up[..., None])) < _SAFE
        bets = _bets(in_new[here], _by_size(old[here], patterns.worse, 1), q, mean_up, FLOOR_STAKES, lower=False)
        up_logs[here] += np.where(usable, bets, 0.0)
        up1[here] += np.where(usable, (new[here] @ patterns.worse)[..., None], 0.0)
        return Harmed(
            n1=self.n1 + in_new,
            n0=self.n0 + in_old,
            bad1=self.bad1 + new @ patterns.shared,
            bad0=self.bad0 + old @ patterns.shared,
            logs=logs,
            up0=self.up0 + old @ patterns.worse,
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
        >>> after = Harmed.begin(1, Patterns.of(1)).advance([(0.5, seen, seen)], Patterns.of(1))
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
        >>> for _ in range(2): after = after.advance([(0.5, bad, good)], Patterns.of(1))
        >>> after.at_least(level=0.01) > 60
        True
        """
        price = np.log(self.up1.size / level)
        return float(np.maximum(self.up1 - (price - self.up_logs) / FLOOR_STAKES, 0.0).max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Stakes:
    """One, three or five neighbours of STAKES at once: weights (J, 15), their mean (J,), and what each costs (J,).

    price: KL(mix, prior), for a prior that was fixed beforehand.
    """

    mixes: Floats
    value: Floats
    price: Floats

    @classmethod
    def of(cls, budget: float) -> "Stakes":
        """Half of the prior lies on the three that tell most where the bound is about as large as the budget.

        >>> stakes = Stakes.of(150)
        >>> stakes.value[stakes.price < 2].round(2).tolist()[:3]
        [0.05, 0.09, 0.15]
        """
        size = len(STAKES)
        best = int(np.argmin(np.abs(np.log(STAKES * max(budget, 1.0) / _AT_BUDGET))))
        first = min(max(best - 1, 0), size - 3)
        prior = np.full(size, (1 - NEAR) / (size - 3))
        prior[first : first + 3] = NEAR / 3
        apart = np.abs(np.arange(size)[:, None] - np.arange(size))
        found = np.concatenate([np.where(apart <= reach, prior, 0.0) for reach in (0, 1, 2)])
        mixes = found / found.sum(axis=1, keepdims=True)
        return cls(mixes, mixes @ STAKES, -np.log(found.sum(axis=1)))


_AT_BUDGET = 15.0
"""The stake times the budget at which the bound is lowest where it comes near it."""


def _by_size(counts: Floats, shared: Floats, most: int) -> Floats:
    """How many have 0, 1, … failures of each choice: shape (G, P, most + 1)."""
    return np.stack([counts @ (shared == size) for size in range(most + 1)], axis=-1)


def _bets(new: Floats, sizes: Floats, q: float, mean: Floats, stakes: Floats, *, lower: bool) -> Floats:
    """What so many on new, (G,), and on old by their failures, (G, P, J), add to bets: (G, P, K)."""
    sign = 1.0 if lower else -1.0
    centre = mean[..., None] * stakes
    if lower:
        centre = np.minimum(centre, np.log(_SAFE / q))
    logs = sign * centre * new[:, None, None]
    for failures in range(sizes.shape[-1]):
        ruin = q * np.exp(sign * (centre - stakes * failures))
        each = np.log1p(-np.minimum(ruin, _SAFE)) - np.log1p(-q)
        logs = logs + sizes[..., failures, None] * each
    return logs


def foreseen(n: Floats, rate: float, q: float, stakes: Stakes, *, level: float) -> Floats:
    """What the working bound is likely to be after so many customers on new, (N,), if new fails as old does.

    Formula: `Harmed.at_most` of the expected counts, one metric, c from the true rate.

    >>> foreseen(np.array([400.0, 4000.0]), 0.01, 0.5, Stakes.of(50), level=0.01).round(1).tolist()
    [5.0, 26.3]
    """
    sizes = np.array([[[1 - rate, rate]]]) * (1 - q) / q
    each = _bets(np.ones(1), sizes, q, np.array([[rate]]), STAKES, lower=True)[0, 0]
    gain = stakes.mixes @ (STAKES * rate - each)
    total = np.asarray(n)[:, None] * np.maximum(gain, 0.0) + stakes.price - np.log(level)
    result: Floats = (total / stakes.value).min(axis=1)
    return result
