"""Bets on the label of closed customers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.kernel.labelgrid import Counts, past_rate
from unfelt.kernel.plugins import back_bets, is_due, promote_bets

WHOLE = st.integers(0, 50)


def counts(q, n1, x1, n0, x0):
    """One row for cell 0."""
    return Counts(np.array([0]), *(np.array([float(v)]) for v in (q, n1, x1, n0, x0)))


def factors(bet, rows, t0, *, rho=1.0, d=0.0):
    """Log factors of the rows in cells with these plug-ins."""
    cells = len(t0)
    return bet(np.full(cells, rho), np.full(cells, d)).factors(rows.by_propensity(cells), np.array(t0)[:, None])


@settings(max_examples=50, deadline=None, derandomize=True)
@given(q=st.floats(0.001, 0.999), good1=WHOLE, x1=WHOLE, good0=WHOLE, x0=WHOLE)
def test_counts_are_worth_what_their_customers_are_worth_one_by_one(q, good1, x1, good0, x0):
    """The batched log factor is the sum of the single customers'."""
    for bet in (back_bets, promote_bets):
        together = factors(bet, counts(q, good1 + x1, x1, good0 + x0, x0), [0.03], d=0.01)
        singles = sum(
            times * factors(bet, counts(q, *one), [0.03], d=0.01)
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
    for bet in (back_bets, promote_bets):
        assert np.array_equal(factors(bet, counts(0.5, 0, 0, 0, 0), [0.01], d=0.02), np.zeros((1, 14)))


def test_extremes_stay_finite():
    """All bad, none bad, propensities and plug-ins near 0 and 1, a million customers: logs without overflow."""
    for q in (1e-9, 0.5, 1 - 1e-9):
        for t0 in (1e-7, 0.5, 0.998):
            for x1, x0 in ((0, 0), (1e6, 0), (0, 1e6), (1e6, 1e6)):
                for d in (0.0, 1e-4, 0.4):
                    for bet in (back_bets, promote_bets):
                        one = counts(q, 1e6, x1, 1e6, x0)
                        assert np.isfinite(factors(bet, one, [t0], rho=1.3, d=d)).all()


def test_rows_of_many_propensities_add_up_per_cell():
    """Two rows of one cell count as the sum of both; another cell is left alone."""
    both = Counts(
        np.array([1, 1]), *(np.array(v) for v in ([0.2, 0.7], [5.0, 3.0], [1.0, 2.0], [4.0, 4.0], [0.0, 1.0]))
    )
    together = factors(back_bets, both, [0.1, 0.1])
    apart = sum(factors(back_bets, counts(*row), [0.1]) for row in ((0.2, 5, 1, 4, 0), (0.7, 3, 2, 4, 1)))
    assert np.allclose(together[1], apart[0])
    assert np.array_equal(together[0], np.zeros(14))


def test_what_is_remembered_changes_not_one_bit():
    """Bets that go on from look to look, with plug-ins and shares that move, beside some begun anew each time."""
    rng = np.random.default_rng(6)
    cells, plugs = 40, np.full((40, 1), 0.01)
    line = np.full(cells, 1.0), np.full(cells, 0.01)
    for bet in (back_bets, promote_bets):
        kept = bet(*line)
        for _look in range(60):
            some = np.flatnonzero(rng.random(cells) < 0.1)
            plugs[some, 0] = rng.uniform(0.001, 0.3, len(some))
            cell = np.flatnonzero(rng.random(cells) < 0.7)
            n1, n0 = rng.poisson(5, (2, len(cell)))
            q = rng.choice([0.01, 0.1, 0.2, 0.3, 0.4, 0.5], len(cell))
            columns = (q, n1, rng.binomial(n1, 0.1), n0, rng.binomial(n0, 0.1))
            rows = Counts(cell, *(column.astype(float) for column in columns)).by_propensity(cells)
            assert np.array_equal(kept.factors(rows, plugs), bet(*line).factors(rows, plugs))


def test_a_plugin_is_renewed_with_a_twentieth_more_customers():
    """With the 50 customers of the prior: 50 to 53 and 1,050 to 1,103, not sooner."""
    taken = np.array([0.0, 0.0, 1000.0, 1000.0])
    assert is_due(np.array([2.0, 3.0, 1052.0, 1053.0]), taken).tolist() == [False, True, False, True]


def test_a_group_is_drawn_towards_everybody():
    """With no customers of its own a group's plug-in is the rate of all; with many it is its own."""
    assert float(past_rate(0, 0, prior=0.2)) == 0.2
    assert abs(float(past_rate(5000, 10_000, prior=0.2)) - 0.5) < 0.002
