"""Mixtures over alternatives and over the moment at which harm begins."""

import numpy as np

from unfelt.kernel.onset import Mixture, start_weight


def test_the_late_bet_is_the_weighted_sum_over_all_beginnings():
    """V and what is ahead equal the brute-force mixture over start looks."""
    rng = np.random.default_rng(2)
    factors = rng.normal(0, 1, (30, 2, 3))
    mixture = Mixture.begin(2, 3)
    for row in factors:
        mixture = mixture.advance(row)
    brute = np.zeros((2, 3))
    for begin in range(1, 31):
        brute += start_weight(begin) * np.exp(factors[begin - 1 :].sum(axis=0))
    ahead = 1 - sum(start_weight(j) for j in range(1, 31))
    weights = np.array([0.2, 0.3, 0.5])
    assert np.allclose(mixture.log_late(weights), np.log(brute @ weights + ahead))
    assert np.allclose(mixture.log_plain(weights), np.log(np.exp(factors.sum(axis=0)) @ weights))


def test_start_weights_sum_to_one():
    """What a million looks have used and the integral of the rest make 1."""
    used = sum(start_weight(j) for j in range(1, 200_001))
    rest = start_weight(1) * 11 * np.log(11) ** 1.5 * 2 / np.sqrt(np.log(200_010.5))
    assert abs(used + rest - 1) < 1e-5


def test_harm_that_begins_late_is_found_by_the_mixture_long_before_the_plain_bet():
    """After 2,000 looks without difference the mixture crosses while the plain bet is under water."""
    mixture = Mixture.begin(1, 1)
    for _ in range(2000):
        mixture = mixture.advance(np.array([[-0.05]]))
    for _ in range(50):
        mixture = mixture.advance(np.array([[0.5]]))
    weights = np.ones(1)
    assert bool(mixture.log_late(weights)[0] > np.log(1000))
    assert bool(mixture.log_plain(weights)[0] < -50)


def test_nothing_overflows_or_turns_into_nan():
    """Logs of plus and minus 10,000 stay logs."""
    for step in (1e4, -1e4):
        mixture = Mixture.begin(1, 2).advance(np.full((1, 2), step)).advance(np.full((1, 2), step))
        assert np.isfinite(mixture.log_evalue(np.array([0.5, 0.5]))).all()
