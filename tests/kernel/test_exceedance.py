"""Is new slower: bets on old's quantiles."""

import numpy as np
import pytest

from unfelt.kernel.exceedance import QUANTILES, Slower, passed, slower_bets, thresholds_of

LEVEL = 0.05


def highest(*, runs, looks, scale, history=1.0, share=0.3, seed=1, each=30):
    """The highest log e-value of each run; waits are lognormal, drift, and are `scale` times as long on new.

    All runs are watched side by side: run i has the i-th thresholds of one `Slower`.
    """
    random, some = np.random.default_rng(seed), len(QUANTILES)
    thresholds = thresholds_of(random.lognormal(0.0, 0.6, 50_000)) * history
    slower, bets = Slower.begin(np.tile(1 - QUANTILES, runs)), slower_bets(runs * some)
    most = np.zeros(runs)
    for look in range(looks):
        is_new = random.random((runs, each)) < share
        waits = random.lognormal(0.3 * np.sin(look / 9), 0.6, (runs, each)) * np.where(is_new, scale, 1.0)
        outcomes = [passed(*one, thresholds) for one in zip(waits, is_new, strict=True)]
        slower = slower.advance([(share, np.concatenate(outcomes, axis=1))], bets=bets)
        most = np.maximum(most, [_of_run(slower, run * some, some).log_evalue for run in range(runs)])
    return most


def _of_run(slower, begin, some):
    part = slice(begin, begin + some)
    return Slower(slower.logs[part], slower.counts[:, part], slower.plugs[part], slower.taken_at[part])


@pytest.mark.slow
@pytest.mark.parametrize("history", [1.0, 0.7, 1.3], ids=["right", "too low", "too high"])
def test_without_a_difference_it_hardly_ever_crosses(history):
    """300 runs of 100 looks under drift, thresholds right and 30 % off: at most 5 % cross, as declared."""
    crossed = highest(runs=300, looks=100, scale=1.0, history=history) >= -np.log(LEVEL)
    assert crossed.mean() <= LEVEL


def test_runs_side_by_side_are_what_each_is_alone():
    """Two runs watched in one `Slower` have the evidence that each has in its own."""
    random, one, two = np.random.default_rng(5), Slower.begin(), Slower.begin()
    both, bets = Slower.begin(np.tile(1 - QUANTILES, 2)), slower_bets(2 * len(QUANTILES))
    for _look in range(20):
        first, second = random.integers(0, 9, (2, 4, len(QUANTILES))).astype(float)
        one, two = one.advance([(0.3, first)]), two.advance([(0.3, second)])
        both = both.advance([(0.3, np.concatenate([first, second], axis=1))], bets=bets)
    alone = [one.log_evalue, two.log_evalue]
    assert np.allclose([_of_run(both, at, len(QUANTILES)).log_evalue for at in (0, len(QUANTILES))], alone)


@pytest.mark.slow
def test_waits_that_are_a_fifth_longer_are_seen():
    """The twin: with new 20 % slower, nearly all runs cross within 3,000 customers."""
    crossed = highest(runs=40, looks=100, scale=1.2) >= -np.log(LEVEL)
    assert crossed.mean() >= 0.9


def test_a_slow_tail_alone_is_seen():
    """5 % of the customers of new wait ten times as long; the middle is as before."""
    random = np.random.default_rng(2)
    thresholds = thresholds_of(random.lognormal(0.0, 0.6, 50_000))
    slower = Slower.begin()
    for _look in range(60):
        is_new = random.random(100) < 0.5
        waits = random.lognormal(0.0, 0.6, 100)
        waits *= np.where(is_new & (random.random(100) < 0.05), 10.0, 1.0)
        slower = slower.advance([(0.5, passed(waits, is_new, thresholds))])
    assert slower.log_evalue > np.log(1000)


def test_a_wait_that_never_ended_passes_every_threshold():
    """An answer that did not come is slower than all quantiles."""
    waits = np.array([np.inf, 1.0])
    assert passed(waits, np.array([1, 0]), np.array([2.0, 1e9]))[0].tolist() == [1.0, 1.0]
