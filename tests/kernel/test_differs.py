"""Whether two arms differ in what customers meet: the mean of the bets, and what they find."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from unfelt.kernel.differs import label_factors, log_difference, rank_weight, step_weight


def played(seed, shape, rates, q):
    """Log e-values of so many rollouts at every tenth customer: shape (runs, customers / 10)."""
    (runs, customers), (p_old, p_new) = shape, rates
    draw = np.random.default_rng(seed)
    new = draw.random((runs, customers)) < q
    luck = draw.random((runs, customers))
    met = luck < np.where(new, p_new, p_old)
    on_new, on_old = (met & new).cumsum(1)[:, ::10], (met & ~new).cumsum(1)[:, ::10]
    all_new, all_old = new.cumsum(1)[:, ::10], (~new).cumsum(1)[:, ::10]
    return log_difference(label_factors(q, on_new, on_old), label_factors(q, all_new, all_old))


def test_the_mean_over_all_draws_is_one_exactly():
    """Over every way in which five customers can be drawn, of whom two meet it whatever happens."""
    q, met = 0.3, np.array([True, False, True, False, False])
    mean = 0.0
    for draw in range(32):
        new = np.array([draw >> i & 1 for i in range(5)], dtype=bool)
        chance = np.prod(np.where(new, q, 1 - q))
        some = label_factors(q, (met & new).sum(), (met & ~new).sum())
        mean += chance * np.exp(log_difference(some, label_factors(q, new.sum(), (~new).sum())))
    assert abs(mean - 1) < 1e-12


def test_it_hardly_ever_crosses_where_nothing_differs():
    """At most 1 in 100 ever, of 2,000 rollouts at each base rate."""
    for base in (0.02, 0.5, 0.98):
        crossed = (played(11, (2000, 600), (base, base), 0.2).max(axis=1) >= np.log(100)).mean()
        assert crossed <= 0.01


def test_what_turns_around_is_found_within_forty_customers():
    """A new answer to one customer in ten, at half share, in nearly every rollout."""
    found = played(12, (200, 800), (0.0, 0.1), 0.5)[:, -1] >= np.log(1e5)
    assert found.mean() > 0.97
    assert (played(13, (200, 60), (0.0, 1.0), 0.5)[:, -1] >= np.log(1e5)).all()


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_weights_fall_with_the_rank(first, second):
    """What appears later may spend less, and all of it together no more than everything."""
    low, high = sorted((first, second))
    assert rank_weight(np.array([low]))[0] >= rank_weight(np.array([high]))[0] > 0


@given(st.integers(1, 960))
def test_the_weights_of_all_steps_are_one(steps):
    """Cumulative, they rise to 1 and never fall."""
    found = step_weight(np.arange(steps), steps=steps)
    assert abs(found[-1] - 1) < 1e-12
    assert (np.diff(found) > 0).all()
