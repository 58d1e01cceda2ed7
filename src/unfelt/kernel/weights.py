"""How one false-alarm promise is divided among many watches (STATISTICS §2)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unfelt.kernel.margins import Floats


@dataclass(frozen=True, slots=True)
class Allotment:
    """Parts of false_alarm: going back before promotion, after it, and the sample-ratio check; they sum to it."""

    back: float
    after: float
    split: float


def allot(false_alarm: float) -> Allotment:
    """A tenth each for the sample-ratio check (at most 0.001) and for after promotion; the rest for before.

    Assumes nothing: the union of Ville bounds holds under any dependence, delay or filtration.

    >>> [round(part, 4) for part in (allot(0.01).back, allot(0.01).after, allot(0.01).split)]
    [0.008, 0.001, 0.001]
    """
    tenth = 0.1 * false_alarm
    split = min(tenth, 0.001)
    return Allotment(back=false_alarm - tenth - split, after=tenth, split=split)


def weigh(severity: Floats, overall: NDArray[np.bool_]) -> Floats:
    """Weights that sum to 1: half for the overall cells, half for the segments, each by severity.

    With no segments the overall cells have it all. Source: Vovk & Wang 2021; STATISTICS §2.
    Shapes: severity, overall and result (cells,).

    >>> [float(w) for w in weigh(np.array([1.0, 3.0, 1.0, 1.0]), np.array([True, True, False, False]))]
    [0.125, 0.375, 0.25, 0.25]
    """
    half = 0.5 if overall.any() and not overall.all() else 1.0
    result = np.zeros(len(severity))
    for group in (overall, ~overall):
        if group.any():
            result[group] = half * severity[group] / severity[group].sum()
    return result


SECOND = 0.8
"""The part of a cell's weight for failures as they happen: they see nearly all that there is, and sooner."""


def second_of(rate: Floats) -> Floats:
    """SECOND·(1 - rate)²: the same where failures come at that rate on old, as far as is known beforehand.

    Of what a customer tells, failures alone hold 1 - rate: the more fail, the more it is the others who tell. Any
    part is valid that is fixed beforehand. Shapes: as given.

    >>> second_of(np.array([0.0, 0.5])).round(3).tolist()
    [0.8, 0.2]
    """
    result: Floats = SECOND * (1 - rate) ** 2
    return result


def share_between(weights: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Each cell's weight divided between its two processes; `second` is the part of the second, or 0.

    They live in different filtrations (customers in order of assignment, failures in order of time), so that
    their mean is no e-process, but the union of their two thresholds is exact.

    >>> first, second = share_between(np.array([0.5, 0.5]), np.array([0.8, 0.0]))
    >>> first.round(3).tolist(), second.tolist()
    ([0.1, 0.5], [0.4, 0.0])
    """
    part = second * weights
    return weights - part, part


def thresholds(weights: Floats, level: float) -> Floats:
    """ln 1/(w·level), per process; infinite where the weight is 0.

    >>> float(thresholds(np.array([0.0]), 0.01)[0])
    inf
    """
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log(weights * level))
