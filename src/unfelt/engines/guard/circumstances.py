"""What a forecast starts from. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from unfelt.documents.change import Change
from unfelt.documents.units import Margin


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the forecast starts from.

    rate: customers a second. base: how often each metric is bad on old; of a score the mean, of `slow` what lies
    beyond the quantile where it is proved; of `count` also how often `NAME:2+` and `NAME:5+` are met, where that
    is known. spread: of a score the standard deviation among customers; left out, as large as the mean allows.
    parts: of all customers that a group has, by `COLUMN=VALUE`; what is left of a column is shared equally.
    within: seconds that the proof may take, if that is limited.
    """

    rate: float
    base: Mapping[str, float]
    within: float | None = None
    spread: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)


def share_of(change: Change) -> float:
    """The share that most of the proof is made at."""
    return change.rollout.largest_share if change.rollout else 0.5


def level_of(change: Change) -> float:
    """The missed_harm of this attempt."""
    level: float = change.guard.missed_harm * 3 / 4**change.guard.attempt
    return level


def line_of(margin: Margin) -> tuple[float, float]:
    """The line p1 = rho·p0 + d of a margin."""
    return (margin.value, 0.0) if margin.kind == "ratio" else (1.0, margin.value)


def anything_bad(change: Change, given: Circumstances) -> float:
    """How often anything bad happens on old that counts towards the budget: scores do not."""
    good = 1.0
    for metric in change.experience.metrics:
        good *= 1 - given.base[metric.id] if metric.score is None else 1.0
    return 1 - good


def without_unknown_groups(change: Change) -> Change:
    """Groups whose values come from the baseline are not known yet."""
    known = tuple(segment for segment in change.experience.segments if segment.values)
    return change.model_copy(update={"experience": change.experience.model_copy(update={"segments": known})})
