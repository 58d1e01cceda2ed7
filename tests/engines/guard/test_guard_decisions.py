"""Each decision of the guard, with its sentence."""

from datetime import timedelta

import pytest
from guard_simulation import START, Shop, last, plan, roll_out

from unfelt.conf.language import Message
from unfelt.engines.guard import ANYTHING, Guard, GuardError, Tally

QUIET = {"failed": 0.001, "slow": 0.001}


def batch(metrics, *, n1, x1, n0, x0, q=0.5, segment=None, stratum=None):
    """The same counts for several metrics."""
    arms = (("new", n1, x1), ("old", n0, x0))
    return [Tally(arm, q, stratum, segment, metric, n, x) for metric in metrics for arm, n, x in arms]


def test_a_harmless_change_is_promoted_within_its_budget():
    """The share grows from a trickle to the largest, and all comparisons exclude their margins."""
    decisions, _guard = roll_out(plan(budget="60 customers"), Shop(1, QUIET))
    shares = [d.share for d in decisions]
    assert last(decisions).action == "promote"
    assert sorted(shares) == shares
    assert (shares[0], shares[-1]) == (0.05, 0.5)
    assert max(d.affected.at_most for d in decisions) <= 60
    assert str(last(decisions).because).startswith("Proved unfelt: all 8 comparisons rule out harm beyond")


def test_harm_for_one_group_goes_back_and_names_metric_and_group():
    """Slow phones: back, `slow`, `device=phone`, few affected."""
    shop = Shop(2, QUIET, {("slow", "phone"): 0.3})
    decisions, _guard = roll_out(plan(), shop)
    end = last(decisions)
    assert (end.action, end.share, end.metric, end.segment) == ("back", 0.0, "slow", "device=phone")
    assert str(end.because).startswith("“slow” is worse on new for device=phone: it happened to ")
    assert ("slow", "device=phone") in end.hurt
    assert shop.affected <= 15


def test_harm_for_everybody_names_no_group():
    """A third of all orders lost on every device: `failed`, no segment."""
    harm = {("failed", device): 0.3 for device in ("phone", "desktop", "tablet")}
    ends = [last(roll_out(plan(), Shop(seed, QUIET, harm))[0]) for seed in range(5)]
    assert [(d.action, d.metric) for d in ends] == [("back", "failed")] * 5
    assert sum(d.segment is None for d in ends) >= 4


def test_a_small_harm_that_is_not_proved_either_way_spends_the_budget():
    """Five per cent bad on both arms, budget 10: spent, share 0, and the bound within the budget until then."""
    decisions, _guard = roll_out(plan(budget="10 customers"), Shop(3, {"failed": 0.05, "slow": 0.05}))
    end = last(decisions)
    assert (end.action, end.share) == ("spent", 0.0)
    assert end.affected.at_most <= 10
    assert "one more customer could exceed the 10 that were allowed. No difference was seen so far; about " in str(
        end.because
    )


def test_spent_puts_everybody_on_old_also_where_it_waits_for_a_person():
    """`when_spent: hold` decides who acts next, not whether more customers may be exposed."""
    change = plan(budget="10 customers", when_spent="hold")
    end = last(roll_out(change, Shop(3, {"failed": 0.05, "slow": 0.05}))[0])
    assert (end.action, end.share) == ("spent", 0.0)


def test_a_wrong_split_is_unmeasured_and_then_goes_back():
    """A fifth too few on new: unmeasured and latched, back after the plan's 10 s."""
    change = plan(unmeasured="10s")
    decisions, guard = roll_out(change, Shop(4, QUIET, skew=0.6), seconds=300)
    actions = [d.action for d in decisions]
    assert actions[-1] == "back"
    assert actions.count("unmeasured") == 20
    assert not last(decisions).split.ok
    assert str(last(decisions).because).startswith("Customers go back because nothing could be measured for 10 s.")
    after = guard.observe([], (), (), at=last(decisions).at, share=0.0)
    assert not after.split.ok


def test_missing_telemetry_is_unmeasured_until_it_comes_back():
    """The caller's reason is given; once it is gone, the watch goes on."""
    guard, reason = Guard(plan()), Message("The log stands still.")
    first = guard.observe([], (), (), at=START, share=0.05, unmeasured=reason)
    assert (first.action, first.share, first.because) == ("unmeasured", 0.05, reason)
    assert guard.observe([], (), (), at=START + timedelta(seconds=5), share=0.05).action == "hold"
    late = START + timedelta(seconds=70)
    assert guard.observe([], (), (), at=late, share=0.05, unmeasured=reason).action == "unmeasured"
    given_up = guard.observe([], (), (), at=late + timedelta(seconds=60), share=0.05, unmeasured=reason)
    assert (given_up.action, given_up.share) == ("back", 0.0)


def test_unmeasured_never_promotes():
    """Proof that cannot be trusted is no proof."""
    guard = Guard(plan(segments=False))
    proof = batch(("failed", "slow", ANYTHING), n1=2000, x1=2, n0=2000, x0=2)
    doubt = Message("Clocks differ.")
    at = START
    assert guard.observe(proof, (), (), exposed=2000, at=at, share=0.5, unmeasured=doubt).action == "unmeasured"
    assert guard.observe([], (), (), exposed=2000, at=at, share=0.5).action == "promote"


def test_holding_says_how_many_more_customers_are_needed():
    """The slowest comparison is named with the number still needed, which the specification's limit gives."""
    guard = Guard(plan(segments=False))
    some = batch(("failed", "slow", ANYTHING), n1=200, x1=2, n0=200, x0=2)
    decision = guard.observe(some, (), (), exposed=200, at=START, share=0.5)
    assert decision.action == "hold"
    assert 300 < decision.more < 900
    assert f"About {decision.more} more customers on new are needed to rule out +2%" in str(decision.because)


def test_back_beats_promote():
    """Proof in one metric and harm in another in one tick: back."""
    guard = Guard(plan(segments=False))
    mixed = batch(("failed",), n1=5000, x1=0, n0=5000, x0=0) + batch(("slow",), n1=300, x1=100, n0=300, x0=0)
    assert guard.observe(mixed, (), (), exposed=5000, at=START, share=0.5).metric == "slow"


def test_after_promotion_only_harm_beyond_the_margin_goes_back():
    """One per cent worse stays, six per cent worse goes back."""
    for extra, action in ((20, "hold"), (120, "back")):
        guard = Guard(plan(segments=False))
        guard.begin_promotion()
        for tick in range(4):
            more = batch(("failed", "slow", ANYTHING), n1=2000, x1=20 + extra, n0=2000, x0=20)
            at = START + timedelta(seconds=tick)
            decision = guard.observe(more, (), (), exposed=9000, at=at, share=0.75)
        assert decision.action == action


def test_a_tolerated_harm_never_sends_it_back():
    """`tolerated: 5%`: three per cent worse for long does not go back; without it, it does."""
    for tolerated, action in (({"tolerated": "5%"}, "spent"), ({}, "back")):
        guard = Guard(plan(segments=False, budget="60 customers", **tolerated))
        for tick in range(10):
            more = batch(("failed", "slow", ANYTHING), n1=200, x1=10, n0=200, x0=4)
            at = START + timedelta(seconds=tick)
            decision = guard.observe(more, None, (), exposed=200 * tick + 200, at=at, share=0.5)
            if decision.action in ("back", "spent"):
                break
        assert decision.action == action
        looks = "“failed” (everybody) looks worse on new by about 3%, which is not proved." in str(
            decision.because
        )
        assert looks == (action == "spent")


def test_promotion_waits_for_the_hours_that_must_be_seen():
    """Without the peak the proof is not complete; with it, it is."""
    peak = {"name": "peak", "from": "18:00", "to": "20:00"}
    guard = Guard(plan(segments=False, peaks=[peak]))
    proof = batch(("failed", "slow", ANYTHING), n1=3000, x1=3, n0=3000, x0=3)
    early = guard.observe(proof, (), (), exposed=3000, at=START, share=0.5)
    assert (early.action, str(early.because)) == (
        "hold",
        "No customer of peak has been observed yet; the proof needs some.",
    )
    seen = batch(("failed", "slow"), n1=3000, x1=3, n0=3000, x0=3, stratum="peak")
    assert guard.observe(seen, (), (), exposed=3000, at=START, share=0.5).action == "promote"


def test_a_later_look_can_veto_and_is_not_needed_for_promotion():
    """`failed@1h` sends back on its own; without any of it the change is promoted."""
    change = plan(segments=False, later=["1h"])
    proof = batch(("failed", "slow", ANYTHING), n1=3000, x1=3, n0=3000, x0=3)
    assert Guard(change).observe(proof, (), (), exposed=3000, at=START, share=0.5).action == "promote"
    late = batch(("failed@1h",), n1=300, x1=60, n0=300, x0=3)
    end = Guard(change).observe([*proof, *late], (), (), exposed=3000, at=START, share=0.5)
    assert (end.action, end.metric) == ("back", "failed@1h")


def test_a_value_not_fixed_beforehand_counts_as_other():
    """A watch shows up: its tallies go to `device=other`, which may veto."""
    guard = Guard(plan())
    harm = batch(("slow",), n1=100, x1=60, n0=100, x0=0, segment="device=watch")
    end = guard.observe(harm, (), (), exposed=100, at=START, share=0.5)
    assert (end.action, end.segment) == ("back", "device=other")


def test_in_judging_nobody_moves_the_share():
    """Without a share there is no widening; proof and harm are found from closed customers alone."""
    change = plan(segments=False)
    first = Guard(change).observe(batch(("failed", "slow", ANYTHING), n1=50, x1=0, n0=50, x0=0), at=START)
    assert (first.action, first.share) == ("hold", None)
    proof = batch(("failed", "slow", ANYTHING), n1=3000, x1=3, n0=3000, x0=3)
    assert Guard(change).observe(proof, at=START).action == "promote"
    harm = batch(("failed", "slow", ANYTHING), n1=300, x1=60, n0=300, x0=3)
    end = Guard(change).observe(harm, at=START)
    assert (end.action, end.share) == ("back", None)


def test_everything_a_source_counts_has_a_cell():
    """The composite and later looks come per group and per peak too, and ask for nothing."""
    peak = {"name": "peak", "from": "18:00", "to": "20:00"}
    guard = Guard(plan(later=["90m"], peaks=[peak]))
    names = ("failed", "slow", "failed@90m", "slow@90m", ANYTHING)
    for group in ({"segment": "device=phone"}, {"segment": "device=other"}, {"stratum": "peak"}):
        guard.observe(batch(names, n1=1, x1=0, n0=1, x0=0, **group), (), (), at=START, share=0.5)
    required = [cell for cell in guard.observe([], (), (), at=START, share=0.5).cells if cell.promote is not None]
    assert len(required) == 2 * (1 + 3) + 2


@pytest.mark.parametrize(
    "tally",
    [
        Tally("new", 0.5, None, None, "unheard", 1, 0),
        Tally("new", 0.5, None, "planet=mars", "failed", 1, 0),
        Tally("new", 0.5, "night", None, "failed", 1, 0),
        Tally("new", 1.0, None, None, "failed", 1, 0),
        Tally("new", 0.5, None, None, "failed", 1, 2),
        Tally("new", 0.5, None, None, "failed", 1, -1),
    ],
    ids=["metric", "segment", "stratum", "propensity", "more bad than all", "negative"],
)
def test_what_cannot_be_is_refused(tally):
    """Unknown names and impossible counts raise, and nothing is counted."""
    guard = Guard(plan())
    before = guard.state()
    with pytest.raises(GuardError):
        guard.observe([tally], (), (), at=START, share=0.5)
    assert guard.state() == before


def test_a_margin_without_values_is_refused():
    """A segment to be proved needs values fixed beforehand."""
    change = plan()
    with pytest.raises(GuardError, match="none of its values is fixed"):
        Guard(change, segments={"device": []})


def test_values_for_an_unknown_segment_are_refused():
    """Nobody asked for planets."""
    with pytest.raises(GuardError, match="planet"):
        Guard(plan(), segments={"planet": ["mars"]})
