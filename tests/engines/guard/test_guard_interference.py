"""Old gets worse together with new."""

from datetime import timedelta

import numpy as np
import pytest
from guard_simulation import START, plan

from unfelt.adapters.sources import Split
from unfelt.engines.guard import ANYTHING, Guard, Tally
from unfelt.engines.guard.interference import Neighbour, Rate, watch_neighbour

MARGIN = [{"id": "failed", "margin": "1%"}]
NARROW = [{"id": "failed", "margin": "0.5%"}]


def run(rates, *, seed=1, seconds=150, budget="120 customers", metrics=MARGIN):
    """200 customers a second, moved as the guard says; rates: on old and on new, by time and share."""
    guard, random = Guard(plan(segments=False, metrics=metrics, budget=budget)), np.random.default_rng(seed)
    share, exposed, waiting, decisions = 0.0, 0, [], []
    for tick in range(seconds * 2):
        new = int(random.binomial(100, share)) if share else 0
        came = {"old": 100 - new, "new": new} if share else {}
        bad = dict(zip(("old", "new"), rates(tick / 2, share), strict=True))
        exposed += new
        waiting.append((share, [(arm, n, int(random.binomial(n, bad[arm]))) for arm, n in came.items()]))
        closed = waiting[-8] if len(waiting) > 7 and waiting[-8][0] == share else (share, [])
        decision = guard.observe(
            tallies(*closed, counted=True),
            tallies(*waiting[-1], counted=False),
            [Split(share, came["old"], came["new"])] if share else [],
            exposed=exposed,
            in_flight=sum(n for _share, arms in waiting[-7:] for arm, n, _bad in arms if arm == "new"),
            felt=sum(bad for _share, arms in waiting[:-7] for arm, _n, bad in arms if arm == "new"),
            at=START + timedelta(seconds=tick / 2),
            share=share,
        )
        decisions.append(decision)
        if decision.action in ("back", "promote", "spent"):
            break
        share = decision.share
    return decisions


def tallies(share, arms, *, counted):
    """Closed customers, or failures as they happen."""
    names = ("failed", ANYTHING)
    return [Tally(arm, share, None, None, name, n if counted else 0, x) for arm, n, x in arms for name in names]


def sentences(decisions):
    """What was said, each once, in order."""
    return list(dict.fromkeys(str(d.because) for d in decisions))


def drift(at, _share):
    """Both from 1 % to 8 % within a minute and a half."""
    rate = 0.01 + 0.07 * min(at / 90, 1)
    return rate, rate


def outage(since, until, *, rate=0.5):
    """Both at 2 %, and in between at that rate."""
    return lambda at, share: (rate, rate) if since <= at < until else (0.02, 0.02)


def test_where_old_gets_worse_with_the_share_twice_in_a_row_the_change_goes_back():
    """Old is bad at 30 % and more, and recovers both times when hardly anybody is on new: interference, back."""
    decisions = run(lambda _at, share: (0.3, 0.3) if share >= 0.3 else (0.02, 0.02))
    assert decisions[-1].action == "back"
    said = [sentence for sentence in sentences(decisions) if "disturbs old" in sentence]
    assert said[0].startswith("Old got worse together with new after the last widening: only ")
    assert said[-1].startswith("Twice in a row old got worse with a widening and recovered")


def test_an_outage_that_comes_and_goes_with_the_share_once_is_chance():
    """It begins a second after a widening and is over four seconds later: the change is promoted."""
    decisions = run(outage(9, 13))
    assert max(d.share for d in decisions) >= 0.3
    assert decisions[-1].action == "promote"


@pytest.mark.parametrize("since", [9, 25], ids=["with a widening", "later"])
def test_in_an_outage_of_both_hardly_anybody_is_on_new_until_it_is_over(since):
    """It is said to hit both, the share is at most the first one, and then the rollout goes on to its proof."""
    decisions = run(outage(since, since + 30), budget="300 customers", seconds=400)
    meanwhile = decisions[2 * since + 4 : 2 * since + 58]
    assert max(d.share for d in meanwhile) <= 0.05
    assert {d.action for d in meanwhile} == {"hold"}
    assert str(meanwhile[-1].because).startswith("Something hits old and new alike: ")
    assert decisions[-1].action == "promote"


def test_harm_that_an_outage_hides_goes_back_after_it():
    """New fails as often as old for half a minute, and five times as often after that."""
    decisions = run(
        lambda at, share: outage(20, 50)(at, share) if at < 50 else (0.02, 0.1), budget="200 customers"
    )
    assert decisions[-1].action == "back"


@pytest.mark.slow
def test_where_old_has_drifted_a_proof_that_the_budget_cannot_pay_waits():
    """From 1 % to 8 %, with a budget that is enough for 1 %: it is said, and nothing is spent."""
    decisions = run(drift, metrics=NARROW, budget="80 customers", seconds=500)
    assert decisions[-1].action == "hold"
    assert decisions[-1].share <= 0.05
    assert str(decisions[-1].because).startswith(
        "Something bad happens more often than it did, on old as on new ("
    )


@pytest.mark.slow
def test_it_goes_on_once_old_is_as_good_as_it_was():
    """The same for five minutes, and then back to 1 %: it has waited, and is promoted."""

    def rates(at, share):
        return drift(at if at < 300 else 0, share)

    decisions = run(rates, metrics=NARROW, budget="100 customers", seconds=900, seed=2)
    assert [said for said in sentences(decisions) if "more often than it did" in said]
    assert decisions[-1].action == "promote"


def test_a_metric_that_is_proved_as_a_ratio_does_not_wait_for_fewer_failures():
    """More failures prove a ratio sooner: a drift is no reason to wait."""
    metric = [{"id": "failed", "margin": "1.5x"}]
    decisions = run(
        lambda at, _share: (0.01 + 0.07 * min(at / 60, 1),) * 2, metrics=metric, budget="150 customers"
    )
    assert not [said for said in sentences(decisions) if "more often than it did" in said]


def test_without_a_reference_nothing_is_sudden():
    """Before the first block of time is over nobody knows how bad old is."""
    state = Neighbour()
    for tick in range(4):
        at = START + timedelta(seconds=tick)
        state = watch_neighbour(state, old=Rate(50, 25), new=Rate(50, 25), share=0.5, at=at, lead=6.0)
    assert state.phase == "watch"


@pytest.mark.slow
@pytest.mark.parametrize("runs", [8, pytest.param(40, marks=pytest.mark.nightly)])
@pytest.mark.parametrize(
    "rates",
    [outage(12, 42), outage(30, 60), lambda at, _share: (0.02 * (1 + 4 * min(at / 300, 1)),) * 2],
    ids=["outage soon after a widening", "outage later", "drift x 5"],
)
def test_what_hits_both_hardly_ever_spends_the_budget(rates, runs):
    """8 rollouts (40 by night) that are harmless: none goes back for it, at most one in twenty ends spent."""
    ends = [
        run(rates, seed=seed, seconds=300, budget="300 customers")[-1].action for seed in range(100, 100 + runs)
    ]
    assert ends.count("spent") <= runs // 20
    assert ends.count("back") <= runs // 40
