"""Exact tails."""

from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from unfelt.kernel.chance import binomial_tail, no_difference_tail


@settings(deadline=None, derandomize=True)
@given(n=st.integers(1, 500), part=st.floats(0, 1), p=st.floats(0.001, 0.999))
def test_the_binomial_tail_is_that_of_scipy(n, part, p):
    """scipy.stats.binom.sf agrees at every count."""
    least = int(part * n)
    assert abs(binomial_tail(least, n, p) - float(binom.sf(least - 1, n, p))) < 1e-12


@settings(deadline=None, derandomize=True)
@given(n=st.integers(1, 300), m=st.integers(1, 300), x=st.floats(0, 1), y=st.floats(0, 1))
def test_the_hypergeometric_tail_is_that_of_scipy(n, m, x, y):
    """scipy.stats.hypergeom.sf agrees for every table."""
    bad, other = int(x * n), int(y * m)
    expected = float(hypergeom.sf(bad - 1, n + m, bad + other, n))
    assert abs(no_difference_tail(bad, n, other, m) - expected) < 1e-9
