"""What a rollout is likely to take before it begins: customers, time and budget, what is caught by when. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from unfelt.documents.change import Change, Metric
from unfelt.documents.units import Margin
from unfelt.engines.guard.audience import sizes_of, spread_over
from unfelt.engines.guard.caught import Caught, harm_by_scores, harm_of_all, harm_of_one_group
from unfelt.engines.guard.cells import OTHER
from unfelt.engines.guard.circumstances import Circumstances, anything_bad, level_of, line_of, share_of
from unfelt.engines.guard.pace import lead_seconds
from unfelt.kernel.limits import (
    ENGINEERING,
    needed_for_all,
    needed_to_prove,
    needed_to_prove_mean,
    smallest_budget,
)

MOST = 1e6
"""Nothing is looked for beyond so many times what the plan has."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What it takes to prove one metric, for everybody or a group: customers on new, and seconds."""

    metric: str
    group: str | None
    margin: Margin
    base: float
    new: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """The proofs, the budget that they need, what is caught, and for each lever how far it would have to go.

    new, seconds: customers and time until all proofs stand at once. caught: harm to everybody; confined: to one
    group; scores: whose mean is worse.
    levers: `budget` in customers, `time` in seconds, `traffic` and `margin` as a multiple of what is given; only
    those that would do alone. Empty where the change can be proved here.
    """

    proofs: tuple[Proof, ...]
    new: float
    seconds: float
    budget: float
    caught: tuple[Caught, ...]
    confined: tuple[Caught, ...]
    scores: tuple[Caught, ...]
    levers: Mapping[str, float]

    @property
    def slowest(self) -> Proof:
        """The metric that takes longest."""
        return max(self.proofs, key=lambda one: one.new)

    @property
    def is_provable(self) -> bool:
        """Budget and time are enough, if new is as good as old."""
        return not self.levers


def forecast(change: Change, given: Circumstances) -> Forecast:
    """What the plan is likely to take in these circumstances, if new is as good as old.

    The proof: the bounds of Wald and Lorden times what the guard needs over them, of a score its own bets; groups
    with a margin of their own take longer, by what part of the customers they have: those whose values come from
    the baseline are not in it. What is caught: the guard itself, played on expected customers (`expected.py`).
    """
    proofs = _proofs(change, given)
    budget = _budget(change, given, proofs)
    found = Forecast(
        proofs=proofs,
        new=_new_for_all(proofs, change),
        seconds=_seconds_for_all(proofs, change, given),
        budget=budget,
        caught=tuple(harm_of_all(change, given)),
        confined=tuple(harm_of_one_group(change, given)),
        scores=tuple(harm_by_scores(change, given)),
        levers={},
    )
    return found if _fits(change, given) else replace(found, levers=_levers(change, given, found))


def _proofs(change: Change, given: Circumstances) -> tuple[Proof, ...]:
    """Each metric for everybody, and for the smallest group of each segment that promotion asks for."""
    return tuple(
        proof for metric in change.experience.metrics for proof in _proofs_of(metric, change=change, given=given)
    )


def _proofs_of(metric: Metric, *, change: Change, given: Circumstances) -> Iterator[Proof]:
    yield _proof(metric, None, metric.margin, 1.0, change=change, given=given)
    sizes = sizes_of(change, given.parts)
    for segment in change.experience.segments:
        names = [f"{segment.by}={value}" for value in segment.values if value != OTHER]
        if segment.margin is not None and names:
            smallest = min(names, key=lambda name: sizes[name])
            part = max(sizes[smallest], 1e-9)
            yield _proof(metric, smallest, segment.margin, part, change=change, given=given)


def _proof(
    metric: Metric, group: str | None, margin: Margin, part: float, *, change: Change, given: Circumstances
) -> Proof:
    (rho, d), base, share = line_of(margin), given.base[metric.id], share_of(change)
    if metric.score is None:
        new = ENGINEERING * float(needed_to_prove(base, base, share, level=level_of(change), rho=rho, d=d))
    else:
        shape = spread_over(base, given.spread.get(metric.id, 1.0))
        new = needed_to_prove_mean(shape, share, level=level_of(change), d=d)
    new /= part
    return Proof(metric.id, group, margin, base, new, new / (share * given.rate) + lead_seconds(change))


def _new_for_all(proofs: Sequence[Proof], change: Change) -> float:
    """Customers on new until all of the proofs stand: whatever comes last is waited for."""
    return needed_for_all(np.array([one.new for one in proofs]), level=level_of(change))


def _seconds_for_all(proofs: Sequence[Proof], change: Change, given: Circumstances) -> float:
    return _new_for_all(proofs, change) / (share_of(change) * given.rate) + lead_seconds(change)


def _budget(change: Change, given: Circumstances, proofs: tuple[Proof, ...]) -> float:
    new, share = _new_for_all(proofs, change), share_of(change)
    flight = min(given.rate * share * lead_seconds(change), new)
    anything = anything_bad(change, given)
    return smallest_budget(new, anything=anything, q=share, level=level_of(change), in_flight=flight)


def _fits(change: Change, given: Circumstances) -> bool:
    proofs = _proofs(change, given)
    seconds = _seconds_for_all(proofs, change, given)
    in_time = given.within is None or seconds <= given.within
    return in_time and _budget(change, given, proofs) <= change.guard.impact_budget


def _levers(change: Change, given: Circumstances, found: Forecast) -> dict[str, float]:
    alone: dict[str, float] = {}
    if given.within is None or found.seconds <= given.within:
        alone["budget"] = found.budget
    if found.budget <= change.guard.impact_budget:
        alone["time"] = found.seconds
        alone["traffic"] = _least(lambda times: _fits(change, replace(given, rate=given.rate * times)))
    alone["margin"] = _least(lambda times: _fits(_with_margins(change, times), given))
    return {lever: value for lever, value in alone.items() if value < MOST * 1e3 and value != MOST}


def _with_margins(change: Change, times: float) -> Change:
    """The plan with every margin so many times as wide: of a ratio, what lies beyond 1."""

    def wider(margin: Margin) -> Margin:
        value = 1 + (margin.value - 1) * times if margin.kind == "ratio" else min(margin.value * times, 0.999)
        return Margin(margin.kind, value)

    metrics = tuple(one.model_copy(update={"margin": wider(one.margin)}) for one in change.experience.metrics)
    return change.model_copy(update={"experience": change.experience.model_copy(update={"metrics": metrics})})


def _least(fits: Callable[[float], bool]) -> float:
    """The least multiple that fits, to a hundredth; MOST where none does. More never fits worse."""
    low, high = 1.0, 2.0
    while not fits(high):
        low, high = high, high * 2
        if high >= MOST:
            return MOST
    while high / low > 1.01:
        middle = (low * high) ** 0.5
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high
