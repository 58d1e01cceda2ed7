"""What many played rollouts say together."""

import pytest
from scipy.stats import binom

from unfelt.documents.change import Change
from unfelt.engines.guard.calibration.summary import interval, summed_up
from unfelt.engines.guard.calibration.trial import Ending

CHANGE = Change.model_validate(
    {
        "unfelt": 1,
        "change": {"id": "shop", "title": "Shop", "owner": "nobody"},
        "experience": {"customer": "cookie:uid", "metrics": [{"id": "failed", "bad": "true", "margin": "1%"}]},
        "guard": {"impact_budget": "20 customers"},
    }
)


def ended(action, times, *, affected=0):
    """So many rollouts that ended like that after a minute."""
    return [Ending(action, 60.0, affected, 100, affected, "failed" if action == "back" else None)] * times


@pytest.mark.parametrize(
    ("back", "quiet", "verdict"),
    [(0, 300, "as declared"), (0, 298, "open"), (1, 299, "open"), (6, 94, "too many")],
)
def test_the_verdict_is_what_the_runs_can_tell(back, quiet, verdict):
    """1 % is declared: 300 without an alarm show it, one fewer do not, 6 of 100 contradict it."""
    found = summed_up(CHANGE, {0.0: ended("back", back) + ended("promote", quiet)})
    assert found.verdict == verdict


@pytest.mark.parametrize("back", [0, 1, 4])
def test_so_many_runs_are_asked_for_as_are_enough_and_no_more(back):
    """With them the upper bound is at most 1 %, with one fewer it is above."""
    found = summed_up(CHANGE, {0.0: ended("back", back) + ended("promote", 50)})
    assert interval(back, found.runs_to_tell)[1] <= 0.01 < interval(back, found.runs_to_tell - 1)[1]


@pytest.mark.parametrize(("hits", "runs"), [(0, 10), (3, 40), (10, 10)])
def test_bounds_are_those_of_the_binomial_tails(hits, runs):
    """At each end the tail beyond what was seen has 5 %."""
    low, high = interval(hits, runs)
    assert hits == 0 or binom.sf(hits - 1, runs, low) == pytest.approx(0.05)
    assert hits == runs or binom.cdf(hits, runs, high) == pytest.approx(0.05)


def test_outcomes_are_counted_by_size_of_harm():
    """Rollouts beyond the budget, the mean and the most affected, and what saw it."""
    endings = {0.0: ended("promote", 4), 0.1: ended("back", 3, affected=10) + ended("spent", 1, affected=30)}
    harmful = summed_up(CHANGE, endings).outcomes[1]
    assert (harmful.back, harmful.spent, harmful.affected, harmful.most, harmful.beyond) == (3, 1, 15.0, 30, 1)
    assert (harmful.seconds, harmful.metrics) == (60.0, {"failed": 3})
