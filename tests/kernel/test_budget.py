"""The bound on the excess that holds at every moment."""

import numpy as np
import pytest

from unfelt.kernel.budget import ExcessBound


def watch(*, runs, looks, p0, excess, q, seed, per_look=20):
    """The lowest bound of each run over all looks."""
    rng = np.random.default_rng(seed)
    bound = ExcessBound.begin(runs)
    for _ in range(looks):
        n1 = rng.binomial(per_look, q, runs)
        n0 = per_look - n1
        x1, x0 = rng.binomial(n1, p0 + excess), rng.binomial(n0, p0)
        bound = bound.advance([(q, np.stack([x1, n1 - x1, x0, n0 - x0]).astype(float))], level=0.05)
    return bound


@pytest.mark.slow
@pytest.mark.parametrize("runs", [300, pytest.param(1000, marks=pytest.mark.nightly)])
def test_the_bound_is_hardly_ever_below_the_truth(runs):
    """P(ever below a constant excess) <= level, 300 runs of 150 looks at 5 % by day, 1,000 by night."""
    low = watch(runs=runs, looks=150, p0=0.05, excess=0.1, q=0.3, seed=4).bound
    assert (low < 0.1).mean() <= 0.05


def test_without_harm_it_comes_down():
    """After 3,000 customers without harm at 1 % the typical bound is under 2 %."""
    low = watch(runs=50, looks=150, p0=0.01, excess=0.0, q=0.5, seed=5).bound
    assert float(np.median(low)) < 0.02


def test_nothing_closed_leaves_it_at_one():
    """No row, no knowledge."""
    bound = ExcessBound.begin(1).advance([], level=0.01)
    assert bound.bound.tolist() == [1.0]


def test_all_bad_on_new_never_lowers_it():
    """Where every new customer is bad and none of old, nothing is excluded."""
    closed = [(0.5, np.array([[50.0], [0.0], [0.0], [50.0]]))]
    bound = ExcessBound.begin(1)
    for _ in range(5):
        bound = bound.advance(closed, level=0.01)
    assert bound.bound.tolist() == [1.0]
