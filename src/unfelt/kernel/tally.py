"""The only thing that the mathematics ever sees: counts of customers."""

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
