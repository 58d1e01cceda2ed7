"""By how much a rate fell or rose, at least."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from unfelt.kernel import effects
from unfelt.kernel.effects import least_effect

counts = st.tuples(st.integers(1, 5000), st.floats(0, 1)).map(lambda one: (one[0], int(one[0] * one[1])))


@pytest.mark.parametrize(("old", "new"), [(0.1, 0.05), (0.02, 0.02), (0.3, 0.2)])
def test_the_true_effect_is_at_least_that_in_nineteen_of_twenty_draws(old, new):
    """4,000 draws of 2,000 customers each: the bound is above the truth in 5 % of them, give or take chance."""
    draw = np.random.default_rng(20261130)
    truth = 1 - new / old
    bad = zip(draw.binomial(2000, old, 4000), draw.binomial(2000, new, 4000), strict=True)
    above = np.mean([least_effect((2000, int(one)), (2000, int(two))) > truth for one, two in bad])
    assert above < 0.05 + 4 * np.sqrt(0.05 * 0.95 / 4000)


@pytest.mark.parametrize("rises", [False, True])
@pytest.mark.parametrize("sizes", [(12, 12), (8, 30), (30, 8)])
def test_of_small_groups_it_says_too_much_in_at_most_one_of_twenty(sizes, rises):
    """Every outcome of two binomials, weighed exactly, over a grid of rates."""
    n0, n1 = sizes
    said = np.array([[least_effect((n0, a), (n1, b), rises=rises) for b in range(n1 + 1)] for a in range(n0 + 1)])
    for old in (0.02, 0.1, 0.3, 0.6, 0.9):
        for new in (0.02, 0.1, 0.3, 0.6, 0.9):
            truth = new / old - 1 if rises else 1 - new / old
            weights = np.outer(binom.pmf(range(n0 + 1), n0, old), binom.pmf(range(n1 + 1), n1, new))
            assert weights[said > truth + 1e-9].sum() <= 0.05, (old, new)


@given(counts, counts)
def test_a_fall_for_sure_is_no_rise_for_sure(old, new):
    """Of the two directions at most one shows beyond chance."""
    assert min(least_effect(old, new), least_effect(old, new, rises=True)) <= 0


@given(counts, counts, st.integers(1, 50))
def test_one_more_bad_customer_on_new_is_less_effect(old, new, more):
    """The bound falls with every bad customer."""
    n, bad = new
    if bad + more <= n:
        assert least_effect(old, (n, bad + more)) < least_effect(old, new)


def test_groups_without_customers_are_refused():
    """No data is no effect."""
    with pytest.raises(ValueError, match="must be > 0"):
        least_effect((0, 0), (10, 1))


def test_examples_in_the_docstring_run():
    """Of the bound."""
    assert doctest.testmod(effects).failed == 0
