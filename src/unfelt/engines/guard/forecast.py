"""What a rollout is likely to take before it begins: customers, time and budget, what is caught by when. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from unfelt.documents.change import Change, Metric
from unfelt.documents.questions import questions_of
from unfelt.documents.units import Margin
from unfelt.engines.guard.expected import play
from unfelt.engines.guard.pace import lead_seconds
from unfelt.kernel.limits import ENGINEERING, needed_to_prove, needed_to_see, smallest_budget
from unfelt.kernel.tally import ANYTHING

EXCESSES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6)
"""How many more of all customers something bad happens to, for the table of what is caught."""
LONGEST = 365 * 86_400.0
"""Seconds: what is not found in a year is not found."""
MOST = 1e6
"""Nothing is looked for beyond so many times what the plan has."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the forecast starts from.

    rate: customers a second. base: how often each metric is bad on old; of a score the mean, of `slow` what lies
    beyond the quantile where it is proved. within: seconds that the proof may take,
    if that is limited.
    """

    rate: float
    base: Mapping[str, float]
    within: float | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What it takes to prove one metric for everybody: customers on new, and seconds at the largest share."""

    metric: str
    margin: Margin
    base: float
    new: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Caught:
    """An excess that is there from the beginning: customers affected until the end, seconds until then, and how.

    ends: back; promote where it is within the margin and proved so first; spent where the budget is; undecided
    where the time is over. Half of such rollouts take longer than that, and half end sooner.
    """

    excess: float
    affected: float
    seconds: float
    ends: Literal["back", "promote", "spent", "undecided"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The proofs, the budget that they need, what is caught, and for each lever how far it would have to go.

    levers: `budget` in customers, `time` in seconds, `traffic` and `margin` as a multiple of what is given; only
    those that would do alone. Empty where the change can be proved here.
    """

    proofs: tuple[Proof, ...]
    budget: float
    caught: tuple[Caught, ...]
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

    The proof: the bounds of Wald and Lorden times what the guard needs over them; segments with a margin of their
    own take longer, by what part of the customers they have, which nobody knows before the baseline. What is
    caught: the guard itself, played on expected customers (`expected.py`).
    """
    proofs = tuple(_proof(metric, change, given) for metric in change.experience.metrics)
    budget = _budget(change, given, proofs)
    found = Forecast(proofs, budget, tuple(_caught(change, given)), {})
    return found if _fits(change, given) else replace(found, levers=_levers(change, given, found))


def _proof(metric: Metric, change: Change, given: Circumstances) -> Proof:
    rho, d = (metric.margin.value, 0.0) if metric.margin.kind == "ratio" else (1.0, metric.margin.value)
    base, share = given.base[metric.id], _share(change)
    new = ENGINEERING * float(needed_to_prove(base, base, share, level=_level(change), rho=rho, d=d))
    return Proof(metric.id, metric.margin, base, new, new / (share * given.rate) + lead_seconds(change))


def _budget(change: Change, given: Circumstances, proofs: tuple[Proof, ...]) -> float:
    new = max(one.new for one in proofs)
    flight = min(given.rate * _share(change) * lead_seconds(change), new)
    share = _share(change)
    return smallest_budget(new, anything=_anything(change, given), q=share, level=_level(change), in_flight=flight)


def _caught(change: Change, given: Circumstances) -> Iterator[Caught]:
    """Each excess where it takes longest to see: in one metric, and all else as on old."""
    seen = _without_unknown_groups(change)
    for excess in EXCESSES:
        possible = [one for one in _harmful(seen) if given.base[one.id] + excess < 1]
        if possible:
            metric = max(possible, key=lambda one: _slowness(one, excess, seen, given))
            rates = _rates(seen, given, metric, excess)
            until = LONGEST if given.within is None else given.within
            ends = play(seen, rates, rate=given.rate, until=until)
            yield Caught(excess, ends.exposed * excess, ends.seconds, ends.action)


def _without_unknown_groups(change: Change) -> Change:
    """Groups whose values come from the baseline are not known yet."""
    known = tuple(segment for segment in change.experience.segments if segment.values)
    return change.model_copy(update={"experience": change.experience.model_copy(update={"segments": known})})


def _harmful(change: Change) -> list[Metric]:
    """Metrics that count towards the budget, or the scores where there are no others."""
    metrics = list(change.experience.metrics)
    return [one for one in metrics if one.score is None] or metrics


def _slowness(metric: Metric, excess: float, change: Change, given: Circumstances) -> float:
    base = given.base[metric.id]
    part = metric.severity / sum(one.severity for one in change.experience.metrics)
    return float(needed_to_see(base, base + excess, _share(change), level=change.guard.false_alarm * part))


def _rates(change: Change, given: Circumstances, harmed: Metric, excess: float) -> dict[str, tuple[float, float]]:
    """How often each question is answered with yes, where `excess` more of all customers meet something bad.

    Of `slow`: they wait longer than every quantile.
    """
    rates: dict[str, tuple[float, float]] = {}
    for metric in change.experience.metrics:
        turned = excess / (1 - given.base[metric.id]) if metric is harmed else 0.0
        for question in questions_of(metric):
            if question.required or question.base is not None:
                old = given.base[metric.id] if question.required else question.base or 0.0
                rates[question.name] = (old, old + turned * (1 - old))
    old = _anything(change, given)
    turned = excess / (1 - given.base[harmed.id]) if harmed.score is None else 0.0
    return {**rates, ANYTHING: (old, old + turned * (1 - old))}


def _anything(change: Change, given: Circumstances) -> float:
    """How often anything bad happens that counts towards the budget: scores do not."""
    good = 1.0
    for metric in change.experience.metrics:
        good *= 1 - given.base[metric.id] if metric.score is None else 1.0
    return 1 - good


def _fits(change: Change, given: Circumstances) -> bool:
    proofs = tuple(_proof(metric, change, given) for metric in change.experience.metrics)
    seconds = max(one.seconds for one in proofs)
    in_time = given.within is None or seconds <= given.within
    return in_time and _budget(change, given, proofs) <= change.guard.impact_budget


def _levers(change: Change, given: Circumstances, found: Forecast) -> dict[str, float]:
    alone: dict[str, float] = {}
    if given.within is None or found.slowest.seconds <= given.within:
        alone["budget"] = found.budget
    if found.budget <= change.guard.impact_budget:
        alone["time"] = found.slowest.seconds
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


def _share(change: Change) -> float:
    return change.rollout.largest_share if change.rollout else 0.5


def _level(change: Change) -> float:
    level: float = change.guard.missed_harm * 3 / 4**change.guard.attempt
    return level
