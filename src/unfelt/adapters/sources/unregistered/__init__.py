"""What customers meet besides what the plan names: counted by arm, for whoever compares the arms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that a customer can meet.

    kind: `visit`, `status`, `redirect`, `type`, `flag`, `header`, `shape` (met or not), or `ms`, `bytes`, `times`,
    where value is a step: the most that they met lies in it. route: a method and a path, or ANYWHERE.
    """

    number: int
    kind: str
    route: str
    value: str


ANYWHERE = "*"
SERIES = frozenset({"ms", "bytes", "times"})
"""Kinds whose values are steps, in order."""


@dataclass(frozen=True, slots=True)
class Counted:
    """All customers whose window has closed so far, with a propensity strictly between 0 and 1.

    everybody: propensity, on new, on old: shape (K, 3). met: the same of each feature, with its number first:
    shape (N, 4). fresh: features that appeared since the last time, numbered on from the ones before, in the order
    in which they appeared.
    """

    everybody: Floats
    met: Floats
    fresh: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """One request, with nothing in it that names anybody but a pseudonym cut short."""

    at: str
    customer: str
    status: int | None
    milliseconds: float | None
    size: int | None
