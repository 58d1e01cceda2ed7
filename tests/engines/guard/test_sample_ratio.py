"""The guard doubts the split beyond the imbalance that the plan bears."""

from datetime import timedelta

import numpy as np
import pytest
from guard_simulation import START, plan

from unfelt.adapters.sources import Split
from unfelt.documents.change import Change
from unfelt.engines.guard import Guard, GuardError

MANY, LOOKS = 9_000_000, 60


def bearing(imbalance: str | None) -> Change:
    """A plan that bears so much; None says nothing of it."""
    plain = plan().model_dump(mode="json", by_alias=True)
    said = {"sample_ratio": imbalance} if imbalance else {}
    return Change.model_validate(plain | {"guard": plain["guard"] | said})


def watched(change: Change, odds: float, *, seed: int = 1):
    """The last decision on nine million customers at half and half, so many times oftener on new than asked."""
    random, guard = np.random.default_rng(seed), Guard(change)
    for look in range(LOOKS):
        new = int(random.binomial(MANY // LOOKS, odds / (1 + odds)))
        splits = [Split(0.5, MANY // LOOKS - new, new)]
        at = START + timedelta(seconds=look)
        decision = guard.observe([], [], splits, at=at, share=0.5, is_shown=False)
    return decision


@pytest.mark.parametrize("odds", [1.018, 1 / 1.018])
def test_an_imbalance_that_matters_is_said(odds):
    """Too many on new or on old: nothing measured is believed, and the sentence says what would be borne."""
    decision = watched(bearing(None), odds)
    assert (decision.action, decision.split.ok) == ("unmeasured", False)
    assert "the imbalance of 0.2% that the plan bears" in str(decision.because)


@pytest.mark.parametrize("odds", [1.0, 1.001, 1 / 1.001])
def test_an_imbalance_that_does_not_matter_is_borne(odds):
    """For ever: the evidence goes down."""
    split = watched(bearing(None), odds).split
    assert (split.ok, split.e_value < 0.1) == (True, True)


@pytest.mark.parametrize(
    ("imbalance", "ok"), [("0%", False), ("0.2%", False), ("1%", False), ("2%", True), ("50%", True)]
)
def test_the_plan_says_what_matters(imbalance, ok):
    """Odds of 1.018 are borne by a plan that bears 2 %."""
    assert watched(bearing(imbalance), 1.018).split.ok is ok


def test_what_is_said_by_default_is_the_default():
    """A plan that says 0.2 % decides as one that says nothing, to the last bit."""
    assert watched(bearing("0.2%"), 1.004) == watched(bearing(None), 1.004)


def test_evidence_is_not_carried_to_a_plan_that_bears_more():
    """That is another plan."""
    with pytest.raises(GuardError):
        Guard.restore(bearing("2%"), Guard(bearing(None)).state())
