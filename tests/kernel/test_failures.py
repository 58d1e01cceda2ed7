"""Bets on failures alone."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.failures import failure_factors


@settings(max_examples=200, deadline=None, derandomize=True)
@given(q=st.floats(1e-6, 1 - 1e-6), rho=st.floats(0.2, 8), less=st.floats(0, 1))
def test_a_failure_is_a_fair_bet_on_its_label_and_a_losing_one_inside_the_null(q, rho, less):
    """Where new fails rho times as often E = 1 for each alternative; where it fails less often E <= 1."""
    on_new, on_old = np.exp(failure_factors(1, 0, q, rho=rho)), np.exp(failure_factors(0, 1, q, rho=rho))
    for true in (rho, rho * less):
        chance = q * true / (q * true + 1 - q)
        expected = chance * on_new + (1 - chance) * on_old
        assert (expected < 1 + 1e-9).all()
    fair = q * rho / (q * rho + 1 - q)
    assert np.allclose(fair * on_new + (1 - fair) * on_old, 1.0, atol=1e-9)


def test_many_failures_are_worth_what_they_are_worth_one_by_one():
    """Counts multiply."""
    apart = 7 * failure_factors(1, 0, 0.2) + 5 * failure_factors(0, 1, 0.2)
    assert np.allclose(failure_factors(7, 5, 0.2), apart)


def test_extremes_stay_finite():
    """A million failures at shares near 0 and 1."""
    for q in (1e-9, 1 - 1e-9):
        for x1, x0 in ((1e6, 0), (0, 1e6)):
            assert np.isfinite(failure_factors(x1, x0, q)).all()
