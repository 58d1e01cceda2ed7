"""When steps happen, how likely they end in time, and how likely money suffices: pure, seeded.

Durations and costs are triangular between the usual and the worst value, with the usual one as the mode: what is
written as usual is never undercut, so that the chance of being in time is not flattered.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from unfelt.documents.sections import Costs, Risk, Step

RUNS = 4000
"""Simulated plans; a chance of 80 % is known to about 0.6 %."""
SEED = 20000
Floats = NDArray[np.float64]


def ends(steps: Sequence[Step], lengths: Mapping[str, Floats]) -> dict[str, Floats]:
    """When each step ends, in seconds from the start, each as soon as those before it have ended.

    lengths: seconds by step, one value for each run.

    >>> one = Step(id="one", what="First", takes=timedelta(minutes=1))
    >>> two = Step(id="two", what="Then", takes=timedelta(minutes=2), after=("one",))
    >>> {name: float(end[0]) for name, end in ends([two, one], usual([two, one])).items()}
    {'one': 60.0, 'two': 180.0}
    """
    found: dict[str, Floats] = {}
    waiting = list(steps)
    while waiting:
        ready = [step for step in waiting if all(name in found for name in step.after)]
        if not ready:
            raise ValueError([step.id for step in waiting])
        for step in ready:
            begin = np.max([found[name] for name in step.after], axis=0) if step.after else 0.0
            found[step.id] = begin + lengths[step.id]
            waiting.remove(step)
    return found


def usual(steps: Sequence[Step]) -> dict[str, Floats]:
    """The usual length of each step, as one run."""
    return {step.id: np.array([step.takes.total_seconds()]) for step in steps}


def chance_in_time(steps: Sequence[Step], limit: timedelta) -> float:
    """The part of simulated plans whose last step ends within the limit.

    >>> step = Step(id="a", what="A", takes=timedelta(minutes=10), may_take=timedelta(minutes=30))
    >>> chance_in_time([step], timedelta(minutes=30)), chance_in_time([step], timedelta(minutes=9))
    (1.0, 0.0)
    """
    chance = np.random.default_rng(SEED)
    lengths = {
        step.id: _drawn(chance, step.takes.total_seconds(), (step.may_take or step.takes).total_seconds())
        for step in steps
    }
    last = np.max(list(ends(steps, lengths).values()), axis=0)
    return float(np.mean(last <= limit.total_seconds()))


def chance_within_budget(costs: Costs) -> float:
    """The part of simulated sums that the budget covers."""
    chance = np.random.default_rng(SEED)
    total = np.zeros(RUNS)
    for item in costs.items:
        total += _drawn(chance, item.amount.amount, (item.at_most or item.amount).amount)
    return float(np.mean(total <= costs.budget.amount))


def chance_beyond_budget(risks: Sequence[Risk], budget: int) -> float:
    """The chance that the risks that happen affect more customers together than the impact budget."""
    chance = np.random.default_rng(SEED)
    affected = np.zeros(RUNS * 5)
    for risk in risks:
        affected += risk.affects * (chance.random(len(affected)) < risk.chance)
    return float(np.mean(affected > budget))


def spans(steps: Sequence[Step], start: datetime) -> dict[str, tuple[datetime, datetime]]:
    """From when to when each step is done, if each takes as long as usual."""
    lengths = usual(steps)
    return {
        name: (
            start + timedelta(seconds=float(end[0] - lengths[name][0])),
            start + timedelta(seconds=float(end[0])),
        )
        for name, end in ends(steps, lengths).items()
    }


def _drawn(chance: np.random.Generator, low: float, high: float) -> Floats:
    return chance.triangular(low, low, high, RUNS) if high > low else np.full(RUNS, low)
