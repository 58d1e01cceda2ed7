"""The nearest point of a margin's line, and bets that are fair on it."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from unfelt.kernel.labelgrid import Counts, log_factors
from unfelt.kernel.limits import kl
from unfelt.kernel.margins import project

RATES = st.floats(1e-6, 0.998)
SHARES = st.floats(1e-6, 1 - 1e-6)


def one(arm, bad, q):
    """A single customer as counts."""
    new = float(arm == "new")
    return Counts(np.array([0]), *(np.array([v]) for v in (q, new, new * bad, 1 - new, (1 - new) * bad)))


def expectation(p1, p0, q, *, t1, t0, rho, d, side):
    """E[factor] over the four outcomes of one customer with true rates (p1, p0)."""
    total = 0.0
    for arm, chance, p in (("new", q, p1), ("old", 1 - q, p0)):
        for bad in (0.0, 1.0):
            factor = log_factors(one(arm, bad, q), np.array([[t1]]), np.array([[t0]]), rho=rho, d=d, side=side)
            total += chance * (p if bad else 1 - p) * float(np.exp(factor[0, 0]))
    return total


@settings(max_examples=300, deadline=None, derandomize=True)
@given(t1=RATES, t0=RATES, q=SHARES, rho=st.floats(0.5, 5), p0=st.floats(0, 1))
def test_on_a_ratio_the_factor_has_expectation_one_on_the_line_and_less_inside(t1, t0, q, rho, p0):
    """E0[factor] is 1 on p1 = rho·p0 and at most 1 beyond it, in both directions, at any propensity."""
    p1 = min(rho * p0, 1.0)
    p0 = p1 / rho
    for side, inside in ((1, p1 * 0.5), (-1, (1 + p1) / 2)):
        if side * (t1 - rho * t0) <= 1e-9:
            continue
        on_line = expectation(p1, p0, q, t1=t1, t0=t0, rho=rho, d=0.0, side=side)
        assert abs(on_line - 1) < 1e-6
        assert expectation(inside, p0, q, t1=t1, t0=t0, rho=rho, d=0.0, side=side) < 1 + 1e-6


@settings(max_examples=300, deadline=None, derandomize=True)
@given(t1=RATES, t0=RATES, q=SHARES, d=st.floats(1e-4, 0.5), p=st.floats(0, 1))
def test_on_a_difference_the_factor_has_expectation_one_on_the_line_and_less_inside(t1, t0, q, d, p):
    """E0[factor] is 1 on p1 = p0 + d and at most 1 beyond it, in both directions, at any propensity."""
    p0 = p * (1 - d)
    for side, inside in ((1, p0), (-1, (1 + p0 + d) / 2)):
        if side * (t1 - t0 - d) <= 1e-9:
            continue
        on_line = expectation(p0 + d, p0, q, t1=t1, t0=t0, rho=1.0, d=d, side=side)
        assert abs(on_line - 1) < 1e-6
        assert expectation(inside, p0, q, t1=t1, t0=t0, rho=1.0, d=d, side=side) < 1 + 1e-6


def test_the_projection_is_where_a_general_optimiser_finds_it():
    """scipy's bounded minimiser of q·KL(t1, m1) + (1-q)·KL(t0, m0) agrees."""
    rng = np.random.default_rng(1)
    for _ in range(200):
        t1, t0, q = rng.uniform(0.001, 0.9, 3)
        rho, d = (rng.uniform(0.6, 4), 0.0) if rng.random() < 0.5 else (1.0, rng.uniform(0.01, 0.3))
        low, high = sorted((t0, (t1 - d) / rho))
        low, high = max(low, 1e-12), min(high, (1 - d) / rho - 1e-12, 1 - 1e-12)
        found = minimize_scalar(
            lambda m, t1=t1, t0=t0, q=q, rho=rho, d=d: float(q * kl(t1, rho * m + d) + (1 - q) * kl(t0, m)),
            bounds=(low, high),
            method="bounded",
            options={"xatol": 1e-12},
        )
        m1, m0 = project(t1, t0, q, rho=rho, d=d)
        assert abs(float(m0) - found.x) < 1e-5
        assert abs(float(m1) - (rho * float(m0) + d)) < 1e-15


def test_an_alternative_inside_the_null_bets_nothing():
    """Its factor is exactly 1, whatever comes."""
    for arm in ("new", "old"):
        for bad in (0.0, 1.0):
            factor = log_factors(one(arm, bad, 0.3), np.array([[0.02]]), np.array([[0.1]]), rho=1.0, d=0.0, side=1)
            assert float(factor[0, 0]) == 0.0
