"""The only thing that the mathematics ever sees: counts of customers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Arm = Literal["old", "new"]
OVERALL: None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Customers whose window closed: `n` of them, to `bad` of whom something bad happened.

    arm: where the salted hash put them.
    propensity: the probability of `new`, fixed before they were assigned; strictly between 0 and 1.
    stratum: a named part of the load (`peak`), or None.
    segment: `"device=phone"`, or None for everybody.
    metric: the id of an experience metric, or `ANYTHING` for the composite of all of them.

    Where several metrics affect customers, those who met the same of them, and no other, come as a tally of their
    own: the metric is `together_name(ids)`, bad is n.
    A score comes as counts of customers per bin: the metric is `binned_name(id, bin)`, bad is 0.
    A failure that is counted when it happens, before its window closes, comes as a tally with n = 0.
    """

    arm: Arm
    propensity: float
    stratum: str | None
    segment: str | None
    metric: str
    n: int
    bad: int


ANYTHING = "anything"
"""The composite metric: anything bad at all happened to the customer."""

OLD_QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Old's quantiles of a wait, each a question of its own: from half of everybody to one in a thousand."""

TOGETHER, AND = f"{ANYTHING}=", "&"

BIN, LAST_BIN = "#", 20
"""Scores from 0 to 1 are counted in 21 bins, 0 to 20."""


def binned_name(metric: str, place: int) -> str:
    """What the customers of one bin are counted under.

    >>> binned_name("missing", 20)
    'missing#20'
    """
    return f"{metric}{BIN}{place}"


def together_name(metrics: Iterable[str]) -> str:
    """What customers are counted under who met exactly these metrics.

    >>> together_name(["failed", "wait:p99"])
    'anything=failed&wait:p99'
    """
    return TOGETHER + AND.join(metrics)


def met_together(metric: str) -> list[str]:
    """The metrics of such a name; none of another name.

    >>> met_together("anything=failed&wait:p99"), met_together("anything")
    (['failed', 'wait:p99'], [])
    """
    return metric.removeprefix(TOGETHER).split(AND) if metric.startswith(TOGETHER) else []
