"""Bets on the mean of a bounded score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.scores import BINS, MeanScore, binned

COUNTS = st.lists(st.integers(0, 5), min_size=21, max_size=21)
LEVEL = 0.05


def highest(*, runs, looks, new, old, d, side, seed=3):
    """The highest log e-value of each run; scores are beta-distributed with these means, share 0.2."""
    random = np.random.default_rng(seed)
    most = np.zeros(runs)
    for run in range(runs):
        evidence = MeanScore.begin(d=d, side=side)
        for _look in range(looks):
            n1 = random.binomial(40, 0.2)
            counts = (binned(random.beta(8 * m, 8 * (1 - m), n)) for m, n in ((new, n1), (old, 40 - n1)))
            evidence = evidence.advance(*counts, 0.2)
            most[run] = max(most[run], evidence.log_evalue)
    return most


@pytest.mark.slow
@pytest.mark.parametrize(("new", "d", "side"), [(0.3, 0.0, 1), (0.4, 0.1, 1), (0.4, 0.1, -1)])
def test_at_the_edge_of_the_null_it_hardly_ever_crosses(new, d, side):
    """Old at 0.3, 300 runs of 100 looks, in both directions: at most 5 % cross, as declared."""
    crossed = highest(runs=300, looks=100, new=new, old=0.3, d=d, side=side) >= -np.log(LEVEL)
    assert crossed.mean() <= LEVEL


@pytest.mark.slow
@pytest.mark.parametrize(("new", "d", "side"), [(0.4, 0.0, 1), (0.3, 0.1, -1)])
def test_beyond_the_edge_it_crosses(new, d, side):
    """The twins: a tenth worse is seen, and a tenth worse is excluded where nothing differs."""
    crossed = highest(runs=30, looks=100, new=new, old=0.3, d=d, side=side) >= -np.log(LEVEL)
    assert crossed.mean() >= 0.9


@settings(max_examples=100, deadline=None, derandomize=True)
@given(new=COUNTS, old=COUNTS, q=st.floats(0.001, 0.999), d=st.floats(-0.5, 0.5), side=st.sampled_from([1, -1]))
def test_it_stays_finite_whatever_comes(new, old, q, d, side):
    """No outcome makes a factor negative, and none makes a number that is none."""
    evidence = MeanScore.begin(d=d, side=side)
    for _look in range(3):
        evidence = evidence.advance(np.array(new, dtype=float), np.array(old, dtype=float), q)
        assert np.isfinite(evidence.logs).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(mean=st.floats(0, 1), q=st.floats(0.01, 0.99), side=st.sampled_from([1, -1]))
def test_a_single_customer_is_worth_one_on_average_without_a_difference(mean, q, side):
    """E0[factor] = 1 over label and score, for every fraction, whatever the plug-in is."""
    low = min(int(mean * 20), 19)
    weights = np.zeros(21)
    weights[low], weights[low + 1] = 1 - (mean * 20 - low), mean * 20 - low
    begun = MeanScore(np.zeros(8), 3.0, 10.0, 0.0, side)
    total = np.zeros(8)
    for at in np.flatnonzero(weights):
        one = (BINS[at] == BINS).astype(float)
        for chance, sides in ((q, (one, np.zeros(21))), (1 - q, (np.zeros(21), one))):
            total += weights[at] * chance * np.exp(begun.advance(*sides, q).logs)
    assert np.allclose(total, 1.0)
