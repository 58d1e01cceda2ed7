"""What the next bets are made with: how bad old was lately."""

from datetime import timedelta

import numpy as np
import pytest
from guard_simulation import START, plan

from unfelt.engines.guard.cells import lay_out
from unfelt.engines.guard.past import LASTS, Past, with_rates_of_now
from unfelt.kernel.harmed import HarmBets, Harmed
from unfelt.kernel.patterns import Patterns

LAYOUT = lay_out(plan(segments=False, metrics=[{"id": "failed", "margin": "1%"}]))


def after(*blocks, past=None, lead=0.0):
    """Blocks of ten seconds: (customers, bad ones, how many times as bad it is said to be or None)."""
    past = past or Past.begin(len(LAYOUT.cells))
    at = START if past.begun is None else past.begun
    for n, bad, worse in blocks:
        at += timedelta(seconds=10)
        old = np.tile([float(n), float(bad)], (len(LAYOUT.cells), 1))
        past = past.advance(old, LAYOUT, at=at, block=10.0, worse=worse, lead=lead)
    return past


CALM = ((1000, 10, None),) * 30


def test_the_rate_of_old_is_that_of_its_last_failures():
    """From 1 % to 4 %: once 200 failures have come since, it is 4 %."""
    past = after(*CALM, *((1000, 40, None),) * 20)
    assert past.plugs[0] == pytest.approx(0.04, rel=0.1)
    assert past.lately[0, 1] <= LASTS


def test_while_something_hits_both_bets_are_made_with_the_rate_since_it_began():
    """It is said to be fifty times as bad, and then 40 % are seen to be."""
    began = after(*((100, 40, 50.0),) * 2, past=after(*CALM))
    assert began.plugs[0] == pytest.approx(0.4, abs=0.04)
    assert after(*((1000, 400, 50.0),) * 5, past=began).plugs[0] == pytest.approx(0.4, abs=0.01)


def test_what_failures_tell_as_they_happen_counts_once_all_who_had_come_have_closed():
    """Said at a look, thirty seconds long nothing follows from it: who is bet on had not come then."""
    calm = after(*CALM, lead=30.0)
    said = ((1000, 10, 50.0),)
    assert after(*said * 3, past=calm, lead=30.0).worse is None
    assert after(*said * 7, past=calm, lead=30.0).worse == 50.0


def test_once_it_is_over_it_is_forgotten():
    """Ten minutes at 40 % leave 1 % as it was."""
    past = after(*((1000, 400, 40.0),) * 60, past=after(*CALM))
    assert after((1000, 10, None), (1000, 10, None), past=past).plugs[0] == pytest.approx(0.01, rel=0.1)


def test_a_rate_that_hardly_differs_stays():
    """The same bits, so that what is worked out from it is known."""
    past = after(*CALM)
    assert after((1000, 11, None), past=past).plugs.tolist() == past.plugs.tolist()


def test_the_bound_on_who_was_made_worse_is_bet_on_with_the_rate_of_now():
    """Old was bad in 20 % so far, and is in a tenth of that by now; what was bet before stays."""
    seen = np.array([[800.0, 200.0]])
    after_all = Harmed.begin(1, Patterns.of(1)).advance([(0.5, seen, seen)], HarmBets(Patterns.of(1)))
    now = with_rates_of_now(after_all, times=0.1)
    assert now.means.ravel().tolist() == pytest.approx([0.02, 0.02])
    assert now.logs.tolist() == after_all.logs.tolist()
