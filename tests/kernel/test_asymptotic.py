"""Means without bounds: asymptotic, with its conditions."""

import numpy as np
import pytest

from unfelt.kernel.asymptotic import Difference, Moments

LEVEL = 0.05


def moments(values):
    """Of one arm in one look."""
    n = float(len(values))
    return Moments(n, float(values.mean()) if n else 0.0, float((values**2).sum()), float((values > 0).sum()))


def highest(*, runs, new, seed=4):
    """The highest log e-value of each run of 150 looks: amounts with a heavy tail, drift, a share that grows."""
    random = np.random.default_rng(seed)
    most = np.zeros(runs)
    for run in range(runs):
        evidence = Difference()
        for look in range(150):
            share = 0.02 + 0.48 * look / 150
            is_new = random.random(100) < share
            values = random.exponential(1.0 + look / 150, 100) * (random.random(100) < 0.4)
            values *= np.where(is_new, new, 1.0)
            evidence = evidence.advance(moments(values[is_new]), moments(values[~is_new]))
            most[run] = max(most[run], evidence.log_evalue(tuned_at=2000.0, level=LEVEL))
    return most


@pytest.mark.slow
def test_without_a_difference_it_rarely_crosses_under_drift_and_a_moving_share():
    """400 runs: at most 5 % cross, as declared; pooled over the ramp nearly all would."""
    assert (highest(runs=400, new=1.0) >= -np.log(LEVEL)).mean() <= LEVEL


@pytest.mark.slow
def test_a_difference_is_seen():
    """The twin: amounts half as high again."""
    assert (highest(runs=30, new=1.5) >= -np.log(LEVEL)).mean() >= 0.9


def test_a_look_that_lacks_an_arm_says_nothing():
    """Nothing is compared across looks."""
    some = moments(np.array([1.0, 2.0]))
    after = Difference().advance(some, moments(np.zeros(0)))
    assert (after.s, after.v, after.bad_new) == (0.0, 0.0, 2.0)
