"""What a metric asks about one customer: one yes-or-no question, several, or how bad it was."""

from collections.abc import Iterator
from dataclasses import dataclass

from unfelt.conf.language import Message
from unfelt.documents.change import Metric
from unfelt.kernel.tally import OLD_QUANTILES

PROVED_AT = 0.99
"""Of `slow`: the quantile of old at which promotion is proved, where the plan does not say."""
TIMES = (1, 2, 5)
"""Of `count`: customers who met it so often, at least."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a metric.

    quantile: of `slow`, the part of old's customers who wait no longer than the threshold. times: how often it has
    to happen. is_score: the answer is a number from 0 to 1. required: promotion asks for it. affects: who answers
    yes counts towards the impact budget. part: of the metric's severity.
    """

    name: str
    metric: Metric
    quantile: float | None = None
    times: int = 1
    is_score: bool = False
    required: bool = True
    affects: bool = True
    part: float = 1.0

    @property
    def title(self) -> str | Message:
        """For people."""
        title = self.metric.title or self.metric.id
        if self.quantile is not None:
            return Message("{metric}: longer than {part} of old", metric=title, part=f"{100 * self.quantile:.4g}%")
        return Message("{metric}: {n} times or more", metric=title, n=self.times) if self.times > 1 else title

    @property
    def base(self) -> float | None:
        """How often old answers yes, where that is known beforehand."""
        return None if self.quantile is None else round(1 - self.quantile, 9)


def base_of(metric: Metric, otherwise: float) -> float:
    """How often old answers yes to what promotion asks for; `otherwise` where only a baseline can tell."""
    known = next(question.base for question in questions_of(metric) if question.required)
    return otherwise if known is None else known


def questions_of(metric: Metric) -> Iterator[Question]:
    """What the metric asks, in order."""
    if metric.slow is not None:
        proof = PROVED_AT if metric.proof is None else metric.proof
        for quantile in OLD_QUANTILES:
            is_proof = quantile == proof
            name = f"{metric.id}:p{100 * quantile:.4g}"
            part = 1 / len(OLD_QUANTILES)
            yield Question(name, metric, quantile=quantile, required=is_proof, affects=is_proof, part=part)
    elif metric.count is not None:
        for times in TIMES:
            is_first = times == 1
            name = metric.id if is_first else f"{metric.id}:{times}+"
            yield Question(name, metric, times=times, required=is_first, affects=is_first, part=1 / len(TIMES))
    else:
        yield Question(metric.id, metric, is_score=metric.score is not None, affects=metric.score is None)
