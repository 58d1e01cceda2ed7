"""The sample-ratio check."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.ratio import log_split_evalue, split_factors


@settings(max_examples=100, deadline=None, derandomize=True)
@given(q=st.floats(1e-6, 1 - 1e-6))
def test_a_customer_is_a_fair_bet_for_every_alternative(q):
    """E0[factor] = 1 at any propensity."""
    expected = q * np.exp(split_factors(1, 0, q)) + (1 - q) * np.exp(split_factors(0, 1, q))
    assert np.allclose(expected, 1.0, atol=1e-12)


def test_a_share_that_was_not_asked_for_is_found_and_one_that_moves_as_asked_is_not():
    """A tenth too few on new is found within 10,000 customers at half; the right split is not."""
    rng = np.random.default_rng(3)
    right, wrong = np.zeros(10), np.zeros(10)
    for q in (0.05, 0.2, 0.5):
        customers = 10_000
        as_asked, too_few = rng.binomial(customers, q), rng.binomial(customers, 0.9 * q)
        right += split_factors(as_asked, customers - as_asked, q)
        wrong += split_factors(too_few, customers - too_few, q)
    assert bool(log_split_evalue(wrong) > np.log(1000))
    assert bool(log_split_evalue(right) < np.log(1000))
