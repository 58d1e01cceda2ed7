"""The promises of a plan as thresholds."""

from dataclasses import dataclass

import numpy as np

from unfelt.documents.change import Change
from unfelt.engines.guard.cells import Layout
from unfelt.kernel.margins import Floats
from unfelt.kernel.weights import allot, share_between, thresholds, weigh


@dataclass(frozen=True, slots=True)
class Levels:
    """Thresholds on log e-values: before and after promotion per watched cell and process, promote, split.

    level: the missed_harm of this attempt, used for promotion, for the budget and for the report alike.
    """

    before: Floats
    after: Floats
    promote: float
    split: float
    level: float


def levels_of(plan: Change, layout: Layout) -> Levels:
    """The thresholds of a plan; the k-th attempt has 3/4^k of missed_harm, all attempts together no more."""
    watched = [layout.cells[i] for i in layout.watched]
    weights = weigh(
        np.array([cell.severity for cell in watched]), np.array([cell.segment is None for cell in watched])
    )
    parts = allot(plan.guard.false_alarm)
    level = plan.guard.missed_harm * 3 / 4**plan.guard.attempt
    return Levels(
        before=_both(weights, layout.tolerated[1][layout.watched], parts.back),
        after=_both(weights, layout.margins[1][layout.watched], parts.after),
        promote=float(-np.log(level)),
        split=float(-np.log(parts.split)),
        level=level,
    )


def _both(weights: Floats, d: Floats, level: float) -> Floats:
    """Failures alone say nothing about a difference of rates: there LabelGrid has all the weight."""
    closed, failed = share_between(weights, d == 0)
    return np.stack([thresholds(closed, level), thresholds(failed, level)], axis=1)
