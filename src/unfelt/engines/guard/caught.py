"""What harm a rollout is likely to catch, by when: the guard itself, played on expected customers. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from unfelt.documents.change import Change, Metric
from unfelt.documents.questions import Question, questions_of
from unfelt.engines.guard.audience import Who, sizes_of
from unfelt.engines.guard.circumstances import Circumstances, anything_bad, share_of, without_unknown_groups
from unfelt.engines.guard.expected import play
from unfelt.kernel.limits import needed_to_see
from unfelt.kernel.tally import ANYTHING

EXCESSES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6)
"""How many more customers something bad happens to, or how much higher the mean of a score, for the tables."""
LONGEST = 365 * 86_400.0
"""Seconds: what is not found in a year is not found."""


@dataclass(frozen=True, slots=True)
class Caught:
    """An excess in one metric that is there from the beginning: who is affected until the end, when, and how.

    group: those whom it is confined to; None where it is everybody. excess: of these customers, or of a score's
    mean. exposed: customers on new until then. affected: of them, whom something bad happened to in addition; of a
    score how far all of them together are worse off. ends: back; promote where it is within the margin and proved
    so first; spent where the budget is; undecided where the time is over. Half of such rollouts take longer than
    that, and half end sooner.
    """

    excess: float
    affected: float
    seconds: float
    ends: Literal["back", "promote", "spent", "undecided"]
    metric: str
    group: str | None
    exposed: float


def harm_of_all(change: Change, given: Circumstances) -> Iterator[Caught]:
    """Each excess where it takes longest to see: in one metric that affects customers, all else as on old."""
    seen = without_unknown_groups(change)
    for excess in EXCESSES:
        metric = _slowest(seen, given, excess)
        if metric is not None:
            yield caught(seen, given, metric, excess)


def harm_of_one_group(change: Change, given: Circumstances) -> Iterator[Caught]:
    """The same, confined to the smallest group that is fixed beforehand; nothing where none is."""
    seen = without_unknown_groups(change)
    sizes = sizes_of(seen, given.parts)
    groups = {name: size for name, size in sizes.items() if name is not None and size}
    if not groups or len(groups) == len(seen.experience.segments):
        return
    smallest = min(groups, key=groups.__getitem__)
    for excess in EXCESSES:
        metric = _slowest(seen, given, excess)
        if metric is not None:
            yield caught(seen, given, metric, excess, only=smallest)


def harm_by_scores(change: Change, given: Circumstances) -> Iterator[Caught]:
    """Each score whose mean is higher for everybody."""
    seen = without_unknown_groups(change)
    for metric in seen.experience.metrics:
        for excess in EXCESSES if metric.score is not None else ():
            if given.base[metric.id] + excess < 1:
                yield caught(seen, given, metric, excess)


def caught(
    change: Change, given: Circumstances, metric: Metric, excess: float, *, only: str | None = None
) -> Caught:
    """So much more in that metric, for everybody or one group: as the guard is likely to end it."""
    who = Who(_rates(change, given, metric, excess), given.spread, given.parts, only)
    ends = play(change, who, rate=given.rate, until=LONGEST if given.within is None else given.within)
    hurt = who.hurt(None, sizes_of(change, given.parts))
    affected = ends.exposed * excess * hurt
    return Caught(excess, affected, ends.seconds, ends.action, metric.id, only, ends.exposed)


def _slowest(change: Change, given: Circumstances, excess: float) -> Metric | None:
    """The metric that counts towards the budget in which it takes longest; of scores alone none does."""
    possible = [one for one in change.experience.metrics if one.score is None and given.base[one.id] + excess < 1]
    return max(possible, key=lambda one: _slowness(one, excess, change, given), default=None)


def _slowness(metric: Metric, excess: float, change: Change, given: Circumstances) -> float:
    base = given.base[metric.id]
    part = metric.severity / sum(one.severity for one in change.experience.metrics)
    return float(needed_to_see(base, base + excess, share_of(change), level=change.guard.false_alarm * part))


def _rates(change: Change, given: Circumstances, harmed: Metric, excess: float) -> dict[str, tuple[float, float]]:
    """How often each question is answered with yes, where `excess` more of all customers meet something bad.

    Of `slow`: they wait longer than every quantile. Of `count`: they meet it as often as those who do on old. Of a
    score: the mean is so much higher.
    """
    rates: dict[str, tuple[float, float]] = {}
    for metric in change.experience.metrics:
        added = excess if metric is harmed else 0.0
        for question in questions_of(metric):
            old = _base(question, given)
            if old is not None:
                rates[question.name] = (old, old + _more(question, old, added, given))
    before = anything_bad(change, given)
    turned = excess / (1 - given.base[harmed.id]) if harmed.score is None else 0.0
    return {**rates, ANYTHING: (before, before + turned * (1 - before))}


def _base(question: Question, given: Circumstances) -> float | None:
    if question.required:
        return given.base[question.metric.id]
    return given.base.get(question.name, question.base)


def _more(question: Question, old: float, excess: float, given: Circumstances) -> float:
    base = given.base[question.metric.id]
    if question.is_score or question.required:
        return excess
    if question.quantile is None:
        return min(excess * old / base, 1 - old) if base else 0.0
    return excess / (1 - base) * (1 - old)
