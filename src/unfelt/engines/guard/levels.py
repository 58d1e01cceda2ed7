"""The promises of a plan as thresholds."""

from dataclasses import dataclass

import numpy as np

from unfelt.documents.change import Change
from unfelt.engines.guard.cells import Layout
from unfelt.kernel.margins import Floats
from unfelt.kernel.ratio import RELEVANT
from unfelt.kernel.weights import allot, second_of, share_between, thresholds, weigh


@dataclass(frozen=True, slots=True)
class Levels:
    """Thresholds on log e-values: before and after promotion per watched cell and process, promote, split.

    level: the missed_harm of this attempt, used for promotion, for the budget and for the report alike. relevant:
    the smallest imbalance of the split that matters.
    """

    before: Floats
    after: Floats
    promote: float
    split: float
    level: float
    relevant: float


def levels_of(plan: Change, layout: Layout) -> Levels:
    """The thresholds of a plan; the k-th attempt has 3/4^k of missed_harm, all attempts together no more."""
    watched = [layout.cells[i] for i in layout.watched]
    weights = weigh(
        np.array([cell.severity for cell in watched]), np.array([cell.segment is None for cell in watched])
    )
    parts = allot(plan.guard.false_alarm)
    level = plan.guard.missed_harm * 3 / 4**plan.guard.attempt
    return Levels(
        before=_both(weights, layout, layout.tolerated, parts.back),
        after=_both(weights, layout, layout.margins, parts.after),
        promote=float(-np.log(level)),
        split=float(-np.log(parts.split)),
        level=level,
        relevant=RELEVANT if plan.guard.sample_ratio is None else plan.guard.sample_ratio,
    )


def _both(weights: Floats, layout: Layout, lines: tuple[Floats, Floats], level: float) -> Floats:
    """Failures alone say nothing about a difference of rates or a score: there LabelGrid has all the weight."""
    d, is_score = lines[1][layout.watched], layout.is_score[layout.watched]
    second = np.where((d == 0) & ~is_score, second_of(layout.prior[layout.watched]), 0.0)
    closed, failed = share_between(weights, second)
    return np.stack([thresholds(closed, level), thresholds(failed, level)], axis=1)
