"""What a rollout is likely to take, before it begins."""

from dataclasses import replace

import numpy as np
import pytest
from guard_simulation import Shop, last, plan, roll_out

from unfelt.engines.guard.audience import Who
from unfelt.engines.guard.circumstances import Circumstances
from unfelt.engines.guard.expected import play
from unfelt.engines.guard.forecast import forecast
from unfelt.kernel.tally import ANYTHING

GIVEN = Circumstances(rate=20.0, base={"failed": 0.01, "slow": 0.002})


def a_plan(*, margin="1%", budget="150 customers"):
    """Two metrics, one of them with that margin."""
    metrics = [{"id": "failed", "margin": margin}, {"id": "slow", "margin": "2%"}]
    return plan(metrics=metrics, segments=False, budget=budget)


def test_a_wide_margin_and_enough_budget_can_be_proved():
    """The metric with the tighter margin takes longest, and no lever is needed."""
    found = forecast(a_plan(), GIVEN)
    assert (found.is_provable, found.slowest.metric, found.levers) == (True, "failed", {})
    assert found.budget < 150


@pytest.mark.slow
def test_tighter_margins_take_more_of_everything():
    """Customers, time and budget."""
    tight, wide = forecast(a_plan(margin="0.3%"), GIVEN), forecast(a_plan(margin="3%"), GIVEN)
    assert tight.slowest.new > wide.slowest.new
    assert tight.slowest.seconds > wide.slowest.seconds
    assert tight.budget > wide.budget


@pytest.mark.slow
@pytest.mark.parametrize("given", [GIVEN, replace(GIVEN, within=600.0), replace(GIVEN, rate=0.2, within=3600.0)])
def test_each_lever_would_do_alone(given):
    """Budget, margins, traffic and time, each put to what is said, make it provable."""
    change = a_plan(margin="0.3%", budget="30 customers")
    found = forecast(change, given)
    assert found.levers
    for lever, value in found.levers.items():
        if lever == "budget":
            again = forecast(a_plan(margin="0.3%", budget=f"{int(value) + 1} customers"), given)
        elif lever == "margin":
            metrics = [{"id": "failed", "margin": f"{0.3 * value * 1.001:.4f}%"}, {"id": "slow", "margin": "98%"}]
            again = forecast(plan(metrics=metrics, segments=False, budget="30 customers"), given)
        elif lever == "traffic":
            again = forecast(change, replace(given, rate=given.rate * value))
        else:
            again = forecast(change, replace(given, within=value + 1))
        assert again.is_provable, (lever, value)


def test_graver_harm_affects_fewer_and_is_seen_sooner():
    """Down to the flow of one tick, which nobody can take back; what is within the margin is proved instead."""
    caught = forecast(a_plan(), GIVEN).caught
    assert [one.ends for one in caught] == ["promote"] * 2 + ["back"] * 5
    back = [one for one in caught if one.ends == "back"]
    assert [one.seconds for one in back] == sorted((one.seconds for one in back), reverse=True)
    assert back[0].affected > 4 * back[-1].affected


@pytest.mark.slow
def test_what_a_budget_is_spent_before_is_not_found():
    """Small harm beyond a tight margin: with 5 customers it is said not to be found, with 5,000 when it is."""
    found = [
        forecast(a_plan(margin="0.1%", budget=f"{budget} customers"), GIVEN).caught[1] for budget in (5, 5000)
    ]
    assert [one.ends for one in found] == ["spent", "back"]


class Crowd(Shop):
    """Customers whose groups nobody counts."""

    def tallies(self, **asked):
        """Those of everybody."""
        return [tally for tally in super().tallies(**asked) if tally.segment is None]


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new"), [(0.01, 0.02), (0.05, 0.07), (0.2, 0.26), (0.5, 0.6), (0.97, 0.99)])
def test_what_is_said_is_what_is_played(old, new):
    """The guard on drawn customers: the medians of 50 runs are within a factor of 1.3 of the forecast."""
    metrics = [{"id": "failed", "margin": f"{(new - old) / 4:.4%}"}]
    change, runs = plan(metrics=metrics, segments=False, budget="100000 customers"), []
    told = play(change, Who({"failed": (old, new), ANYTHING: (old, new)}), rate=100.0, until=3600.0)
    for seed in range(50):
        extra = (new - old) / (1 - old)
        shop = Crowd(
            seed, {"failed": old}, {("failed", device): extra for device in ("phone", "desktop", "tablet")}
        )
        decisions, _guard = roll_out(change, shop, seconds=1200.0)
        runs.append((last(decisions).action == "back", len(decisions) / 2, shop.exposed))
    back, seconds, exposed = np.array(runs, dtype=float).T
    assert (told.action, back.mean()) == ("back", 1.0)
    assert 1 / 1.3 < np.median(seconds) / told.seconds < 1.3
    assert 1 / 1.3 < np.median(exposed) / told.exposed < 1.3


SCORE = {"id": "missing", "bad": None, "score": "missing / items", "margin": "3%"}
COUNT = {"id": "retries", "bad": None, "count": "status = 429", "margin": "2%"}
PLAIN = {"id": "failed", "margin": "2%"}


def of(*metrics, segments=False, budget="5000 customers"):
    """A plan of these."""
    return plan(metrics=list(metrics), segments=segments, budget=budget)


def test_a_score_that_differs_little_among_customers_takes_fewer():
    """To prove and to see; where nobody says how much it differs it is taken as uneven as its mean allows."""
    change, given = of(SCORE, PLAIN), Circumstances(rate=20.0, base={"missing": 0.2, "failed": 0.001})
    told = [forecast(change, one) for one in (given, replace(given, spread={"missing": 0.1}))]
    assert 3 * told[1].proofs[0].new < told[0].proofs[0].new
    seen = [next(one for one in found.scores if one.excess == 0.1) for found in told]
    assert [one.ends for one in seen] == ["back", "back"]
    assert 2 * seen[1].exposed < seen[0].exposed


def test_each_group_that_must_be_proved_is_in_the_forecast():
    """The smallest of them takes longest, by what part of the customers it has."""
    given = Circumstances(rate=20.0, base={"failed": 0.01}, parts={"device=tablet": 0.05})
    proofs = {one.group: one for one in forecast(of(PLAIN, segments=True), given).proofs}
    assert set(proofs) == {None, "device=tablet"}
    apart = forecast(of({"id": "failed", "margin": "5%"}), given).proofs[0]
    assert proofs["device=tablet"].new == pytest.approx(apart.new / 0.05)


def test_harm_in_one_group_affects_fewer_of_all_and_takes_more_customers():
    """Beside the same harm to everybody."""
    found = forecast(of(PLAIN, segments=True), Circumstances(rate=20.0, base={"failed": 0.01}))
    pairs = [(a, b) for a, b in zip(found.caught, found.confined, strict=True) if a.ends == b.ends == "back"]
    assert pairs
    assert all(everybody.exposed <= group.exposed for everybody, group in pairs)
    assert {one.group for one in found.confined} == {"device=phone"}


def test_how_often_customers_meet_it_again_is_used_where_it_is_known():
    """Harm that comes back is seen sooner than harm that is told of once."""
    change, base = of(COUNT), {"retries": 0.05}
    once, again = (
        next(one for one in forecast(change, Circumstances(20.0, known)).caught if one.excess == 0.03)
        for known in (base, base | {"retries:2+": 0.001, "retries:5+": 0.0001})
    )
    assert (once.ends, again.ends) == ("back", "back")
    assert again.exposed <= once.exposed


def test_several_proofs_take_as_long_as_the_slowest_of_them():
    """Three that are alike take more customers and a larger budget than one; beside a wide margin one is one."""
    given = Circumstances(rate=20.0, base={"failed": 0.003, "second": 0.003, "third": 0.003})
    tight = [{"id": name, "margin": "0.1%"} for name in given.base]
    one, three = (forecast(of(*metrics), given) for metrics in (tight[:1], tight))
    assert one.new == one.slowest.new
    assert 1.4 * one.new < three.new < 1.7 * one.new
    assert three.budget > one.budget
    beside = forecast(of(tight[0], {"id": "second", "margin": "5%"}), given)
    assert beside.new == pytest.approx(one.new, rel=0.01)
