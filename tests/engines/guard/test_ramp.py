"""How fast the share grows."""

from dataclasses import replace
from datetime import timedelta

import pytest
from guard_simulation import START, plan

from unfelt.engines.guard.impact import Impact
from unfelt.engines.guard.pace import Pace
from unfelt.engines.guard.ramp import CAUTION, FRUGAL, TELLING, UNHURRIED, Room, narrowing, waiting, widening

FREE = Impact(
    exposed=100,
    working=1.0,
    coming=0.0,
    certain=50.0,
    ceiling=50.0,
    floor=0.0,
    closed=1.0,
    estimate=0.0,
    headroom=1e9,
)
CHANGE = plan(first="5%", largest="50%")


def grown(seconds: float, *, more: float | None, rate: float = 100.0) -> float | None:
    """The share, `seconds` after it became 5 %, with so many customers on new still needed and room for all."""
    pace = Pace(arrived=rate, seconds=1.0, at=START, share=0.05, changed=START)
    room = Room(impact=FREE, good=1e6, suspicion=0.0, more=more)
    return widening(CHANGE, pace, room, share=0.05, at=START + timedelta(seconds=seconds))


def test_where_a_proof_takes_long_the_share_grows_slowly():
    """From the first share to the largest in a quarter of the time that the proof is likely to take."""
    more = 100_000.0
    whole = UNHURRIED * more / (100.0 * 0.5)
    assert grown(whole / 10, more=more) is None
    assert grown(whole / 2, more=more) == pytest.approx(0.05 * 10**0.5)
    assert grown(whole, more=more) == pytest.approx(0.5)


@pytest.mark.parametrize("more", [500.0, None], ids=["a short proof", "nobody knows how long"])
def test_where_it_is_short_or_unknown_windows_alone_are_waited_for(more):
    """Then the largest share comes at once."""
    assert grown(8.0, more=more) == pytest.approx(0.5)


def test_suspicion_stops_the_growth_whatever_the_time():
    """Nobody more is let in until it is clear."""
    pace = Pace(arrived=100.0, seconds=1.0, at=START, share=0.05, changed=START)
    room = Room(impact=FREE, good=1e6, suspicion=0.5, more=500.0)
    assert widening(CHANGE, pace, room, share=0.05, at=START + timedelta(hours=1)) is None
    calm = replace(room, suspicion=0.1)
    assert widening(CHANGE, pace, calm, share=0.05, at=START + timedelta(hours=1)) == pytest.approx(0.5)


def used(part: float) -> Room:
    """Room in a budget of which this part is used, by 10,000 customers on new."""
    left = 10_000 / part - 10_000
    return Room(impact=replace(FREE, exposed=10_000, headroom=left), good=1e6, suspicion=0.0, more=50_000.0)


def at(share: float) -> Pace:
    """A hundred customers a second; the share has stood for an hour."""
    return Pace(arrived=100.0, seconds=1.0, at=START, share=share, changed=START - timedelta(hours=1))


@pytest.mark.parametrize(
    ("part", "share", "then"),
    [(0.5, 0.5, FRUGAL), (0.49, 0.5, None), (0.9, 0.45, FRUGAL), (0.9, 0.44, None), (0.9, 0.1, None)],
    ids=["half used", "less", "nearly all", "too little to gain", "a small share"],
)
def test_a_budget_half_used_is_spent_on_customers_who_tell_more(part, share, then):
    """Before it is short: the proof at a smaller share takes longer and exposes fewer."""
    assert narrowing(CHANGE, at(share), used(part), share=share, at=START) == then


def test_the_share_grows_again_once_three_quarters_are_free():
    """Not at once, so that it does not swing."""
    assert widening(CHANGE, at(FRUGAL), used(0.3), share=FRUGAL, at=START) is None
    assert widening(CHANGE, at(FRUGAL), used(0.25), share=FRUGAL, at=START) == pytest.approx(0.5)


def test_a_first_widening_with_a_budget_already_short_stops_at_the_frugal_share():
    """What would be narrowed at once is not widened to."""
    assert widening(CHANGE, at(0.15), used(0.6), share=0.15, at=START) == pytest.approx(FRUGAL)


@pytest.mark.parametrize(("share", "then"), [(0.5, TELLING), (FRUGAL, TELLING), (TELLING, None)])
def test_where_something_looks_worse_the_rest_of_the_budget_is_spent_where_it_tells_most(share, then):
    """So that harm is known before the budget is gone."""
    doubtful = replace(used(0.6), suspicion=CAUTION + 0.01)
    assert narrowing(CHANGE, at(share), doubtful, share=share, at=START) == then


def test_after_waiting_the_share_is_at_once_what_it_was():
    """What was tried before need not be tried again, as far as the budget goes."""
    room = replace(used(0.2), before=0.5)
    assert widening(CHANGE, at(0.02), room, share=0.02, at=START) == pytest.approx(0.5)
    assert widening(CHANGE, at(0.02), replace(used(0.6), before=0.5), share=0.02, at=START) == FRUGAL


@pytest.mark.parametrize(
    ("share", "rate", "then"),
    [(0.5, 0.001, 0.05), (0.5, 0.5, 1 / 2000), (0.05, 0.001, 0.05), (0.0006, 0.5, 0.0006)],
    ids=["the first share", "one failure in ten windows", "already there", "not worth a change"],
)
def test_while_something_hits_both_few_are_on_new(share, rate, then):
    """At most the first share, and about one failure on new in ten windows of 4 s; 100 customers a second."""
    assert waiting(CHANGE, at(share), share=share, rate=rate) == pytest.approx(then)
