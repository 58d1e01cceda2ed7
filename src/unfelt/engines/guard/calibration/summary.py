"""What many played rollouts say, with how sure that is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from unfelt.documents.change import Change
from unfelt.engines.guard.calibration.trial import Ending

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the rollouts with one size of harm.

    harm: the part of the customers whom new does harm. back, promoted, spent, undecided: how many ended so.
    affected: customers harmed, in the mean and at most. beyond: rollouts that harmed more than the impact budget.
    seconds: median until customers were back, None where none went back. metrics: what sent it back, how often.
    """

    harm: float
    runs: int
    back: int
    promoted: int
    spent: int
    undecided: int
    affected: float
    most: int
    beyond: int
    seconds: float | None
    metrics: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Calibration:
    """All sizes of harm, the harmless first; customers and seconds of the record."""

    outcomes: tuple[Outcome, ...]
    declared: float
    budget: int

    @property
    def harmless(self) -> Outcome:
        """Old against old."""
        return self.outcomes[0]

    @property
    def false_alarms(self) -> tuple[float, float]:
        """The rate of harmless rollouts that went back: from, to, at 95 % confidence (Clopper & Pearson 1934).

        Each end is one-sided: the rate is below the lower, or above the upper, with at most 5 % probability.
        """
        return interval(self.harmless.back, self.harmless.runs)

    @property
    def verdict(self) -> str:
        """`too many` alarms beyond doubt, `as declared`, or `open` where the runs are too few to tell."""
        low, high = self.false_alarms
        if low > self.declared:
            return "too many"
        return "as declared" if high <= self.declared else "open"

    @property
    def beyond_budget(self) -> tuple[float, float]:
        """How often the impact budget was overrun, over the size of harm at which that was oftenest: from, to."""
        return max((interval(one.beyond, one.runs) for one in self.outcomes), key=lambda ends: ends[1])

    @property
    def runs_to_tell(self) -> int:
        """So many harmless rollouts show the declared rate, if no more of them are taken back."""
        low, high = self.harmless.runs, self.harmless.runs
        while interval(self.harmless.back, high)[1] > self.declared:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (
                (low, middle) if interval(self.harmless.back, middle)[1] <= self.declared else (middle, high)
            )
        return high


def interval(hits: int, runs: int) -> tuple[float, float]:
    """Clopper-Pearson bounds of a rate, each one-sided at 95 %.

    >>> low, high = interval(0, 300)
    >>> low, round(high, 4)
    (0.0, 0.0099)
    """
    low = float(beta.ppf(1 - CONFIDENCE, hits, runs - hits + 1)) if hits else 0.0
    high = float(beta.ppf(CONFIDENCE, hits + 1, runs - hits)) if hits < runs else 1.0
    return low, high


def summed_up(change: Change, endings: Mapping[float, Sequence[Ending]]) -> Calibration:
    """The outcomes of the endings by size of harm; there is at least one harmless rollout."""
    budget = change.guard.impact_budget
    outcomes = tuple(_outcome(harm, endings[harm], budget) for harm in sorted(endings))
    return Calibration(outcomes, change.guard.false_alarm, budget)


def _outcome(harm: float, endings: Sequence[Ending], budget: int) -> Outcome:
    actions = Counter(one.action for one in endings)
    gone = [one.seconds for one in endings if one.action == "back"]
    named = Counter(one.metric for one in endings if one.action == "back" and one.metric)
    return Outcome(
        harm=harm,
        runs=len(endings),
        back=actions["back"],
        promoted=actions["promote"],
        spent=actions["spent"],
        undecided=len(endings) - actions["back"] - actions["promote"] - actions["spent"],
        affected=float(np.mean([one.affected for one in endings])),
        most=max(one.affected for one in endings),
        beyond=sum(one.affected > budget for one in endings),
        seconds=float(np.median(gone)) if gone else None,
        metrics=dict(named.most_common()),
    )
