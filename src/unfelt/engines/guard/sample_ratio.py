"""Whether customers were divided as asked, beside the imbalance that the plan bears."""

import numpy as np

from unfelt.documents.change import Change
from unfelt.engines.guard.evidence import Evidence
from unfelt.engines.guard.gather import Look
from unfelt.kernel.margins import Floats
from unfelt.kernel.ratio import RELEVANT, split_factors


def relevant_of(plan: Change) -> float:
    """The smallest imbalance that matters by the plan."""
    return RELEVANT if plan.guard.sample_ratio is None else plan.guard.sample_ratio


def split_after(before: Evidence, look: Look, *, relevant: float) -> Floats:
    """The log evidence against the split after one more look, per alternative."""
    if not look.splits:
        return before.split
    columns = np.array([(split.new, split.old, split.propensity) for split in look.splits], dtype=float).T
    total: Floats = before.split + split_factors(*columns, relevant=relevant).sum(axis=0)
    return total
