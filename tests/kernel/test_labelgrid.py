"""Bets on the label of closed customers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.labelgrid import Counts, back_factors, past_rate, promote_factors

WHOLE = st.integers(0, 50)


def counts(q, n1, x1, n0, x0):
    """One row for cell 0."""
    return Counts(np.array([0]), *(np.array([float(v)]) for v in (q, n1, x1, n0, x0)))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(q=st.floats(0.001, 0.999), good1=WHOLE, x1=WHOLE, good0=WHOLE, x0=WHOLE)
def test_counts_are_worth_what_their_customers_are_worth_one_by_one(q, good1, x1, good0, x0):
    """The batched log factor is the sum of the single customers'."""
    t0, rho, d = np.array([0.03]), np.array([1.0]), np.array([0.01])
    for bet in (back_factors, promote_factors):
        together = bet(counts(q, good1 + x1, x1, good0 + x0, x0), t0, rho=rho, d=d)
        singles = sum(
            times * bet(counts(q, *one), t0, rho=rho, d=d)
            for times, one in (
                (good1, (1, 0, 0, 0)),
                (x1, (1, 1, 0, 0)),
                (good0, (0, 0, 1, 0)),
                (x0, (0, 0, 1, 1)),
            )
        )
        assert np.allclose(together, singles, rtol=1e-10, atol=1e-10)


def test_no_customers_are_no_evidence():
    """n = 0 on both arms leaves every bet where it is."""
    for bet in (back_factors, promote_factors):
        factors = bet(counts(0.5, 0, 0, 0, 0), np.array([0.01]), rho=np.ones(1), d=np.array([0.02]))
        assert np.array_equal(factors, np.zeros((1, 14)))


def test_extremes_stay_finite():
    """All bad, none bad, propensities and plug-ins near 0 and 1, a million customers: logs without overflow."""
    for q in (1e-9, 0.5, 1 - 1e-9):
        for t0 in (1e-7, 0.5, 0.998):
            for x1, x0 in ((0, 0), (1e6, 0), (0, 1e6), (1e6, 1e6)):
                for d in (0.0, 1e-4, 0.4):
                    for bet in (back_factors, promote_factors):
                        one = counts(q, 1e6, x1, 1e6, x0)
                        factors = bet(one, np.array([t0]), rho=np.array([1.3]), d=np.array([d]))
                        assert np.isfinite(factors).all()


def test_rows_of_many_propensities_add_up_per_cell():
    """Two rows of one cell count as the sum of both; another cell is left alone."""
    both = Counts(
        np.array([1, 1]), *(np.array(v) for v in ([0.2, 0.7], [5.0, 3.0], [1.0, 2.0], [4.0, 4.0], [0.0, 1.0]))
    )
    t0, one, zero = np.array([0.1, 0.1]), np.ones(2), np.zeros(2)
    together = back_factors(both, t0, rho=one, d=zero)
    apart = sum(
        back_factors(counts(*row), t0[:1], rho=one[:1], d=zero[:1])
        for row in ((0.2, 5, 1, 4, 0), (0.7, 3, 2, 4, 1))
    )
    assert np.allclose(together[1], apart[0])
    assert np.array_equal(together[0], np.zeros(14))


def test_a_group_is_drawn_towards_everybody():
    """With no customers of its own a group's plug-in is the rate of all; with many it is its own."""
    assert float(past_rate(0, 0, prior=0.2)) == 0.2
    assert abs(float(past_rate(5000, 10_000, prior=0.2)) - 0.5) < 0.002
