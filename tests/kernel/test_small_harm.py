"""Harm near to nothing: found with many customers, at base rates from 1 to 97 %, and never where there is none."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from unfelt.kernel.exceedance import QUANTILES, Slower, slower_bets
from unfelt.kernel.failures import FAILURE_WEIGHTS, failure_factors
from unfelt.kernel.labelgrid import BACK_WEIGHTS, RATIOS, back_alternatives, coefficients, past_rate
from unfelt.kernel.limits import needed_to_see
from unfelt.kernel.onset import Mixture, log_mean
from unfelt.kernel.plugins import back_bets
from unfelt.kernel.scores import BINS, score_factors

LEVEL = 0.001
SMALL = [(0.01, 0.0108), (0.05, 0.053), (0.2, 0.21), (0.5, 0.52), (0.5, 0.6), (0.8, 0.83), (0.97, 0.976)]
LARGE = [(0.8, 0.97), (0.97, 0.993)]


def seen(p0, p1, *, q=0.5, runs=20, times=2.5, looks=60, seed=7):
    """The highest log e-values of LabelGrid and of failures alone (2, runs) in `times` what any method needs."""
    random = np.random.default_rng((seed, round(1e5 * p0), round(1e5 * p1)))
    worse = p1 if p1 > p0 else 1.05 * p0 / (1 + 0.05 * p0)
    each = max(1, round(times * float(needed_to_see(p0, worse, q, level=LEVEL)) / q / looks))
    bets, past = back_bets(np.ones(runs), np.zeros(runs)), np.zeros((2, runs))
    closed, failed = (Mixture.begin(runs, len(BACK_WEIGHTS)) for _ in range(2))
    most = np.zeros((2, runs))
    for n in (*(each >> halving for halving in range(8, 0, -1)), *[each] * looks):
        n1 = random.binomial(n, q, runs)
        x1, x0 = random.binomial(n1, p1), random.binomial(n - n1, p0)
        outcomes = np.stack([x1, n1 - x1, x0, n - n1 - x0]).astype(float)
        closed = closed.advance(bets.factors([(q, outcomes)], past_rate(*past)[:, None]))
        failed = failed.advance(failure_factors(x1, x0, q))
        past += np.stack([x0, n - n1])
        logs = closed.log_evalue(BACK_WEIGHTS), failed.log_evalue(FAILURE_WEIGHTS)
        most = np.maximum(most, logs)
    return most


@pytest.mark.parametrize(("p0", "p1"), SMALL)
def test_small_harm_is_found_with_many_customers(p0, p1):
    """With 2.5 times the customers that any method needs, in at least 17 of 20 runs."""
    assert (seen(p0, p1)[0] >= -np.log(LEVEL)).sum() >= 17


@pytest.mark.parametrize(("p0", "p1"), LARGE)
def test_what_most_have_on_old_is_found_where_nearly_all_have_it_on_new(p0, p1):
    """With four times the customers that any method needs, a hundred or two, in at least 17 of 20 runs."""
    assert (seen(p0, p1, times=4.0)[0] >= -np.log(LEVEL)).sum() >= 17


@pytest.mark.parametrize(("p0", "p1"), [(0.01, 0.0108), (0.05, 0.053)])
def test_failures_alone_find_small_harm_where_few_fail(p0, p1):
    """With three times the customers that any method needs, in at least 17 of 20 runs."""
    assert (seen(p0, p1, times=3.0)[1] >= -np.log(LEVEL)).sum() >= 17


@pytest.mark.parametrize("p0", [0.01, 0.5, 0.97])
def test_without_harm_it_hardly_ever_crosses(p0):
    """400 runs of as many customers as a twentieth more harm takes: at most 5 % ever reach 20, in each process."""
    most = seen(p0, p0, runs=400, times=1.0, looks=100)
    assert ((most >= np.log(20)).mean(axis=1) <= 0.05).all()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(t0=st.floats(1e-7, 0.998), rho=st.floats(0.5, 3), d=st.floats(0, 0.5))
def test_alternatives_have_the_odds_that_they_are_named_by(t0, rho, d):
    """Up to TOP; they grow, and none is below the edge of the null."""
    edge, found = rho * t0 + d, back_alternatives(np.array([t0]), rho=rho, d=d)[0]
    assert (np.diff(found) >= 0).all()
    if edge < 0.9:
        odds = found / (1 - found) * (1 - edge) / edge
        assert np.allclose(odds[found < 0.998], RATIOS[found < 0.998])
    assert ((found > 0) & (found < 1)).all()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(p=st.floats(1e-6, 1 - 1e-6), t0=st.floats(1e-7, 0.998), q=st.floats(1e-3, 0.999), less=st.floats(0, 1))
def test_one_customer_is_worth_at_most_one_where_new_is_no_worse(p, t0, q, less):
    """E0[factor] <= 1 for every alternative, whatever the plug-in is; 1 where the rates are alike."""
    t1 = back_alternatives(np.array([t0]), rho=1.0, d=0.0)
    each = np.exp(coefficients(t1, np.array([[t0]]), q, rho=1.0, d=0.0, side=1)[:, 0])
    for p1 in (p, less * p):
        expected = q * (p1 * each[0] + (1 - p1) * each[1]) + (1 - q) * (p * each[2] + (1 - p) * each[3])
        assert (expected <= 1 + 1e-9).all()
    alike = q * (p * each[0] + (1 - p) * each[1]) + (1 - q) * (p * each[2] + (1 - p) * each[3])
    assert np.allclose(alike, 1.0)


def test_scores_a_five_hundredth_worse_are_found_with_many_customers():
    """One in 500 on new goes from 0 to 1: found in all of 5 runs of 40 looks of 100,000 at half share."""
    random, logs = np.random.default_rng(4), np.zeros((5, 14))
    old = np.interp(BINS, [0, 0.3, 1], [1, 1, 0])
    old /= old.sum()
    new = old + 0.002 * ((BINS == 1).astype(float) - (BINS == 0))
    for _look in range(40):
        arms = [random.multinomial(50_000, one, size=5).astype(float) for one in (old, new)]
        logs += score_factors(arms[1], arms[0], 0.5, np.full(5, old @ BINS), d=np.zeros(5), side=1)
    assert (log_mean(logs, BACK_WEIGHTS) >= -np.log(LEVEL)).all()


def test_waits_a_hundredth_longer_are_found_with_many_customers():
    """All waits of new are 1 % longer: found in 9 of 10 runs of 60 looks of 10,000 customers at half share."""
    random, runs = np.random.default_rng(9), 10
    at = norm.ppf(QUANTILES)
    old, new = (np.diff(norm.cdf(at - shift), prepend=0, append=1) for shift in (0.0, np.log(1.01) / 0.5))
    slower, bets = [Slower.begin() for _ in range(runs)], slower_bets(len(QUANTILES))
    for _look in range(60):
        for run in range(runs):
            slow1, slow0 = (random.multinomial(5_000, one)[::-1].cumsum()[::-1][1:] for one in (new, old))
            outcomes = np.stack([slow1, 5_000 - slow1, slow0, 5_000 - slow0]).astype(float)
            slower[run] = slower[run].advance([(0.5, outcomes)], bets=bets)
    assert sum(one.log_evalue >= -np.log(LEVEL) for one in slower) >= 9
