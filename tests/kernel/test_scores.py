"""Bets on the mean of a bounded score."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.labelgrid import BACK_WEIGHTS, PROMOTE_WEIGHTS
from unfelt.kernel.onset import log_mean
from unfelt.kernel.scores import BINS, ENOUGH, binned, score_factors

COUNTS = st.lists(st.integers(0, 5), min_size=21, max_size=21)
LEVEL = 0.05
WEIGHTS = {1: BACK_WEIGHTS, -1: PROMOTE_WEIGHTS}


def highest(*, runs, looks, new, old, d, side, seed=3):
    """The highest log e-value of each run; scores are beta-distributed with these means, share 0.2."""
    random = np.random.default_rng(seed)
    most = np.zeros(runs)
    logs, total, n = np.zeros((runs, 14)), np.zeros(runs), 0
    for look in range(looks):
        arms = [np.zeros((runs, 21)), np.zeros((runs, 21))]
        for run in range(runs):
            n1 = random.binomial(40, 0.2)
            for arm, (mean, count) in zip(arms, ((new, n1), (old, 40 - n1)), strict=True):
                arm[run] = binned(random.beta(8 * mean, 8 * (1 - mean), count))
        if look:
            logs += score_factors(*arms, 0.2, total / n, d=np.full(runs, d), side=side)
        total, n = total + (arms[0] + arms[1]) @ BINS, n + 40
        most = np.maximum(most, log_mean(logs, WEIGHTS[side]))
    assert n >= ENOUGH
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
@given(
    counts=st.tuples(COUNTS, COUNTS),
    q=st.floats(0.001, 0.999),
    mean=st.floats(0, 1),
    d=st.floats(-0.5, 0.5),
    side=st.sampled_from([1, -1]),
)
def test_it_is_finite_whatever_comes(counts, q, mean, d, side):
    """No outcome makes a factor negative, and none makes a number that is none."""
    arms = [np.array([some], dtype=float) for some in counts]
    assert np.isfinite(score_factors(*arms, q, np.array([mean]), d=np.array([d]), side=side)).all()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(mean=st.floats(0, 1), plug=st.floats(0, 1), q=st.floats(0.01, 0.99), side=st.sampled_from([1, -1]))
def test_a_single_customer_is_worth_one_on_average_without_a_difference(mean, plug, q, side):
    """E0[factor] = 1 over label and score, for every stake, whatever the plug-in is."""
    low = min(int(mean * 20), 19)
    weights = np.zeros(21)
    weights[low], weights[low + 1] = 1 - (mean * 20 - low), mean * 20 - low
    total = np.zeros(14)
    nobody = np.zeros((1, 21))
    for at in np.flatnonzero(weights):
        one = (BINS[at] == BINS).astype(float)[None]
        for chance, sides in ((q, (one, nobody)), (1 - q, (nobody, one))):
            factors = score_factors(*sides, q, np.array([plug]), d=np.zeros(1), side=side)
            total += weights[at] * chance * np.exp(factors[0])
    assert np.allclose(total, 1.0)
