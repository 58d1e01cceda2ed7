"""The sample-ratio check."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.ratio import ODDS, RELEVANT, log_split_evalue, split_factors

LEVEL = 0.001
"""What the guard gives the check at a false_alarm of 1 %."""


def expected(q, odds, *, relevant):
    """The mean of the factor of one customer whose odds of new are so many times those of q."""
    p = q * odds / (q * odds + 1 - q)
    new, old = (np.exp(split_factors(n, 1 - n, q, relevant=relevant)) for n in (1, 0))
    return p * new + (1 - p) * old


def highest(odds, *, runs, q, customers=9_000_000, looks=60, relevant=RELEVANT, seed=1):
    """The highest log e-value of each run over all looks, drawn as sums; odds may differ from look to look."""
    rng = np.random.default_rng(seed)
    logs, most, each = np.zeros((runs, len(ODDS))), np.zeros(runs), customers // looks
    for share, times in zip(np.resize(q, looks), np.resize(odds, looks), strict=True):
        new = rng.binomial(each, share * times / (share * times + 1 - share), runs)
        logs += split_factors(new, each - new, share, relevant=relevant)
        most = np.maximum(most, log_split_evalue(logs))
    return most


@settings(max_examples=100, deadline=None, derandomize=True)
@given(q=st.floats(1e-6, 1 - 1e-6), relevant=st.floats(0.0, 0.5))
def test_a_customer_is_a_fair_bet_at_the_edge_of_what_is_borne(q, relevant):
    """The mean is 1 at that edge, on the side of each alternative."""
    above, below = (expected(q, edge, relevant=relevant) for edge in (1 + relevant, 1 / (1 + relevant)))
    assert np.allclose(np.where(ODDS > 1, above, below), 1.0, atol=1e-12)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(q=st.floats(1e-6, 1 - 1e-6), relevant=st.floats(0.0, 0.5), place=st.floats(-1.0, 1.0))
def test_no_imbalance_that_is_borne_wins_a_bet(q, relevant, place):
    """Whatever the odds between the edges, the mean is at most 1 for every alternative."""
    assert (expected(q, (1 + relevant) ** place, relevant=relevant) <= 1 + 1e-12).all()


def test_without_anything_to_bear_the_bet_is_that_on_the_plain_split():
    """At 0 the factor is m^new / (q·m + 1-q)^n."""
    new, old, q = 30, 70, 0.2
    plain = new * np.log(ODDS) - (new + old) * np.log(q * ODDS + 1 - q)
    assert np.allclose(split_factors(new, old, q, relevant=0.0), plain, rtol=1e-12)


def test_old_and_new_are_treated_alike():
    """Too few on new is as much evidence as too few on old."""
    there, back = split_factors(4000, 6000, 0.3), split_factors(6000, 4000, 0.7)
    assert np.allclose(there, back[::-1], rtol=1e-9)


def test_a_share_that_was_not_asked_for_is_found_and_one_that_moves_as_asked_is_not():
    """A tenth too few on new is found within 10,000 customers at half; the right split is not."""
    rng = np.random.default_rng(3)
    right, wrong = np.zeros(len(ODDS)), np.zeros(len(ODDS))
    for q in (0.05, 0.2, 0.5):
        customers = 10_000
        as_asked, too_few = rng.binomial(customers, q), rng.binomial(customers, 0.9 * q)
        right += split_factors(as_asked, customers - as_asked, q)
        wrong += split_factors(too_few, customers - too_few, q)
    assert bool(log_split_evalue(wrong) > np.log(1000))
    assert bool(log_split_evalue(right) < np.log(1000))


@pytest.mark.parametrize("q", [0.5, 0.1, (0.01, 0.05, 0.2, 0.5)])
@pytest.mark.parametrize("odds", [1.018, 1 / 1.018])
def test_an_imbalance_of_less_than_two_percent_is_found_in_nine_million_customers(odds, q):
    """In 100 of 100 runs."""
    assert (highest(odds, runs=100, q=q) >= -np.log(LEVEL)).sum() == 100


@pytest.mark.parametrize("odds", [1.0, 1.001, 1.002, 1 / 1.002, (1.002, 0.999, 1 / 1.002, 1.0015)])
def test_what_is_borne_is_doubted_no_more_often_than_declared(odds):
    """Of 4,000 runs of nine million customers at most 1 % cross 1/1 %, and 0.1 % cross 1/0.1 %."""
    most = highest(odds, runs=4000, q=(0.01, 0.1, 0.5))
    assert np.mean(most >= -np.log(0.01)) <= 0.01
    assert np.mean(most >= -np.log(LEVEL)) <= LEVEL


def test_the_plan_says_what_is_borne():
    """Where nothing is, odds of 1.006 are found in nine million customers; where 1 % is, odds of 1.009 are not."""
    assert (highest(1.006, runs=20, q=0.5, relevant=0.0) >= -np.log(LEVEL)).all()
    assert (highest(1.009, runs=20, q=0.5, relevant=0.01) < -np.log(LEVEL)).all()
