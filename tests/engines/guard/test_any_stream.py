"""Whatever is counted, and whenever the clock says so: the guard stays finite and forgets nothing."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from guard_simulation import START, plan
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.adapters.sources import Split
from unfelt.engines.guard import ANYTHING, Guard, GuardError, Tally

CHANGE = plan(later=["1m"], peaks=[{"name": "peak", "from": "18:00", "to": "20:00"}])
PROPENSITIES = st.sampled_from([1e-9, 0.01, 1 / 3, 0.5, 0.999])
COUNTS = st.integers(0, 3) | st.integers(0, 10**7)


@st.composite
def tallies(draw, *, counted=True):
    """Any that a source of this plan could send."""
    metric = draw(st.sampled_from(["failed", "slow", "failed@1m", ANYTHING]))
    segment, stratum = draw(
        st.sampled_from([(None, None), ("device=phone", None), ("device=watch", None), (None, "peak")])
    )
    n = draw(COUNTS) if counted else 0
    bad = draw(st.integers(0, n) if counted else COUNTS)
    return Tally(draw(st.sampled_from(["new", "old"])), draw(PROPENSITIES), stratum, segment, metric, n, bad)


TICKS = st.fixed_dictionaries(
    {
        "tallies": st.lists(tallies(), max_size=6),
        "failures": st.lists(tallies(counted=False), max_size=4),
        "splits": st.lists(st.builds(Split, PROPENSITIES, COUNTS, COUNTS), max_size=3),
        "exposed": COUNTS,
        "in_flight": st.integers(0, 50),
        "share": st.sampled_from([0.0, 0.01, 0.5]),
        "at": st.integers(-3600, 3600).map(lambda seconds: START + timedelta(seconds=seconds)),
    }
)


def numbers(decision):
    """All that a decision says in numbers."""
    affected = decision.affected
    found = [affected.at_most, affected.estimate, affected.of, decision.split.e_value, decision.share]
    for cell in decision.cells:
        found += [cell.new, cell.new_bad, cell.old, cell.old_bad, cell.back, cell.promote]
        found += [cell.estimate, cell.low, cell.high]
    return np.array([number for number in found if number is not None], dtype=float)


@given(st.lists(TICKS, max_size=8))
@settings(max_examples=60)
def test_every_number_is_finite_and_none_is_negative_that_cannot_be(ticks):
    """No infinity, no NaN, no warning; counts, bounds and progress are not below nothing."""
    guard = Guard(CHANGE)
    for tick in ticks:
        decision = guard.observe(**tick)
        assert np.isfinite(numbers(decision)).all()
        assert 0 <= decision.affected.estimate <= decision.affected.at_most
        assert decision.split.e_value >= 0
        assert all(0 <= cell.back <= 1 for cell in decision.cells if cell.back is not None)


@given(st.lists(TICKS, min_size=2, max_size=6), st.data())
@settings(max_examples=40)
def test_stored_and_restored_anywhere_it_goes_on_the_same(ticks, data):
    """The bytes of the memory and the decisions are those of a guard that never stopped."""
    straight, broken = Guard(CHANGE), Guard(CHANGE)
    stop = data.draw(st.integers(0, len(ticks) - 1))
    for number, tick in enumerate(ticks):
        if number == stop:
            broken = Guard.restore(CHANGE, broken.state())
        assert straight.observe(**tick) == broken.observe(**tick)
    assert straight.state() == broken.state()


@given(st.lists(TICKS, min_size=1, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_the_order_inside_a_tick_does_not_matter(ticks, random):
    """Tallies, failures and splits in any order leave the same bytes."""
    ordered, shuffled = Guard(CHANGE), Guard(CHANGE)
    for tick in ticks:
        mixed = dict(tick)
        for name in ("tallies", "failures", "splits"):
            mixed[name] = random.sample(tick[name], len(tick[name]))
        ordered.observe(**tick)
        shuffled.observe(**mixed)
    assert ordered.state() == shuffled.state()


@given(st.lists(TICKS, max_size=3), tallies(), st.sampled_from(["n", "bad", "propensity"]), st.data())
@settings(max_examples=40)
def test_an_impossible_tally_anywhere_is_named_and_changes_nothing(ticks, tally, what, data):
    """More bad than there are, fewer than none, a propensity that is none: the error holds the tally."""
    guard = Guard(CHANGE)
    for tick in ticks:
        guard.observe(**tick)
    wrong = {
        "n": {"n": -1 - data.draw(COUNTS)},
        "bad": {"bad": tally.n + 1 + data.draw(COUNTS)},
        "propensity": {
            "propensity": data.draw(st.sampled_from([0.0, 1.0, -0.1, 1.5, float("nan"), float("inf")]))
        },
    }[what]
    impossible, before = replace(tally, **wrong), guard.state()
    with pytest.raises(GuardError) as refused:
        guard.observe([tally, impossible], (), (), at=START + timedelta(minutes=1), share=0.1)
    assert str(impossible) in str(refused.value)
    assert guard.state() == before


@pytest.mark.parametrize(
    "wrong",
    [{"at": START.replace(tzinfo=None)}, {"exposed": -1}, {"in_flight": -1}, {"share": 1.5}],
    ids=["time without a zone", "exposed", "in flight", "share"],
)
def test_a_look_that_cannot_be_is_refused(wrong):
    """What comes beside the tallies is looked at before anything is counted."""
    guard = Guard(CHANGE)
    before = guard.state()
    with pytest.raises(GuardError):
        guard.observe(**{"tallies": [], "at": START, "share": 0.1, **wrong})
    assert guard.state() == before


def customers(*, new, bad_new, old, bad_old):
    """The tallies of so many customers at half and half, in one look."""
    for metric in ("failed", ANYTHING):
        yield Tally("new", 0.5, None, None, metric, new, bad_new)
        yield Tally("old", 0.5, None, None, metric, old, bad_old)


@pytest.mark.parametrize(
    ("counts", "action"),
    [
        ({"new": 0, "bad_new": 0, "old": 0, "bad_old": 0}, "hold"),
        ({"new": 1, "bad_new": 1, "old": 0, "bad_old": 0}, "hold"),
        ({"new": 0, "bad_new": 0, "old": 1, "bad_old": 1}, "hold"),
        ({"new": 900, "bad_new": 0, "old": 900, "bad_old": 0}, "promote"),
        ({"new": 900, "bad_new": 0, "old": 900, "bad_old": 900}, "promote"),
        ({"new": 40, "bad_new": 40, "old": 40, "bad_old": 40}, "hold"),
        ({"new": 40, "bad_new": 40, "old": 40, "bad_old": 0}, "back"),
    ],
    ids=["nobody", "one on new", "one on old", "nothing bad", "all bad on old", "all bad", "all bad on new"],
)
def test_the_ends_of_the_scale_are_decided_rightly(counts, action):
    """No traffic and one customer tell nothing, nothing bad is proof, all bad on new alone is harm."""
    change = plan(metrics=[{"id": "failed", "margin": "2%"}], segments=False, budget="100 customers")
    guard, decision = Guard(change), None
    for tick in range(3):
        tallies = list(customers(**counts)) if tick == 1 else []
        exposed = 0 if tick == 0 else counts["new"]
        at = START + timedelta(seconds=tick)
        decision = guard.observe(tallies, None, (), exposed=exposed, felt=counts["bad_new"], at=at)
    assert decision.action == action
    assert np.isfinite(numbers(decision)).all()
