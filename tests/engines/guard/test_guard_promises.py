"""What whole rollouts keep: the guard moves the share itself, tick by tick."""

import pytest
from guard_simulation import DEVICES, Shop, last, plan, roll_out

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("rollouts", [20, pytest.param(40, marks=pytest.mark.nightly)]),
]


def test_harmless_changes_are_promoted_and_never_sent_back(rollouts):
    """20 rollouts (40 by night) at a base rate of 0.2 %: none back, 95 % promoted, no bound above the budget."""
    runs = [roll_out(plan(), Shop(100 + seed, {"failed": 0.002, "slow": 0.002}))[0] for seed in range(rollouts)]
    actions = [last(decisions).action for decisions in runs]
    assert actions.count("back") == 0
    assert actions.count("promote") >= 0.95 * rollouts
    assert max(d.affected.at_most for decisions in runs for d in decisions) <= 40


def test_no_more_are_affected_than_the_budget_allows(rollouts):
    """20 rollouts (40 by night) 2.5 % worse, margin 2 %, budget 15: none promoted, at most one beyond 15.

    The promise is P(more than the budget) <= missed_harm, here 0.75 % for each rollout: a guard that keeps it
    has two beyond in 1 % of such tests, in 4 % of those of the night.
    """
    harm = {("failed", device): 0.025 for device in DEVICES}
    ends = []
    for seed in range(rollouts):
        shop = Shop(200 + seed, {"failed": 0.002, "slow": 0.002}, harm)
        decisions, _guard = roll_out(plan(budget="15 customers"), shop)
        ends.append((last(decisions).action, shop.affected))
    assert [action for action, _affected in ends].count("promote") == 0
    assert sum(affected > 15 for _action, affected in ends) <= 1


def test_harm_that_most_would_feel_stops_after_a_handful(rollouts):
    """60 % of phones slow, 20 rollouts (40 by night): all back for `slow`; 8 affected in half, at most 15."""
    ends = []
    for seed in range(rollouts):
        shop = Shop(300 + seed, {"failed": 0.002, "slow": 0.002}, {("slow", "phone"): 0.6})
        ends.append((last(roll_out(plan(), shop)[0]), shop.affected))
    assert [(end.action, end.metric) for end, _affected in ends] == [("back", "slow")] * rollouts
    assert sum(end.segment == "device=phone" for end, _affected in ends) >= 0.9 * rollouts
    affected = sorted(affected for _end, affected in ends)
    assert affected[rollouts // 2] <= 8
    assert affected[-1] <= 15
