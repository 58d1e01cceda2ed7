"""Who was made worse: bounds on their number, against customers of whom it is known."""

import numpy as np
import pytest
from scipy.optimize import linprog

from unfelt.kernel.harmed import HarmBets, Harmed, Stakes
from unfelt.kernel.patterns import Patterns

LEVEL = 0.05


def sets_of(failures):
    """Failures per metric (metrics, n) as bit patterns (n,)."""
    return (failures * (1 << np.arange(len(failures)))[:, None]).sum(axis=0)


def crowd(rng, kinds, chances, n):
    """So many customers of each of some kinds, by their chances."""
    return kinds[rng.choice(len(kinds), n, p=chances)]


def watched(rng, runs, looks, q_at, draw, *, metrics, groups=1, per_look=15):
    """The bounds after each look of many runs beside the truth: (looks, runs) each of at most, at least, true."""
    patterns, stakes = Patterns.of(metrics), Stakes.of(100)
    harmed, bets = Harmed.begin(runs * groups, patterns), HarmBets(patterns)
    partitions = np.kron(np.eye(runs), np.ones((1, groups)))
    true, told = np.zeros(runs), []
    for look in range(looks):
        q, n = q_at(look), per_look * runs
        run = np.repeat(np.arange(runs), per_look)
        group, old, new = draw(rng, look, n)
        is_new = rng.random(n) < q
        row, size = run * groups + group, runs * groups * 2**metrics
        on_new = np.bincount((row * 2**metrics + new)[is_new], minlength=size).reshape(-1, 2**metrics)
        on_old = np.bincount((row * 2**metrics + old)[~is_new], minlength=size).reshape(-1, 2**metrics)
        true = true + np.bincount(run[is_new & (new & ~old > 0)], minlength=runs)
        harmed = harmed.advance([(q, on_new.astype(float), on_old.astype(float))], bets)
        most, _rate = harmed.at_most(partitions, stakes, level=LEVEL)
        told.append((most, true))
    return np.array(told).transpose(1, 0, 2), harmed


def moving(look):
    """A share that grows in steps."""
    return (0.05, 0.2, 0.5)[min(look // 40, 2)]


def mixed_metrics(rng, look, n):
    """The first metric heals, the second hurts from look 60 on, and both rates double in between."""
    base = 0.2 if 30 < look < 90 else 0.1
    luck = rng.random((2, n))
    late = 0.08 if look >= 60 else 0.0
    old = sets_of(luck < np.array([[base], [0.02]]))
    new = sets_of(luck < np.array([[base / 3], [0.02 + late]]))
    return np.zeros(n, dtype=int), old, new


def mixed_groups(rng, look, n):
    """Phones suffer, desktops gain."""
    group, luck = (rng.random(n) < 0.5).astype(int), rng.random(n)
    old = (luck < np.where(group, 0.05, 0.15)).astype(int)
    new = (luck < np.where(group, 0.15, 0.05)).astype(int)
    return group, old, new


def bad_for_most(rng, look, n):
    """Nearly everybody fails on old, and more on new."""
    luck = rng.random((2, n))
    rates = np.array([[0.82], [0.988]]), np.array([[0.9], [0.994]])
    return np.zeros(n, dtype=int), sets_of(luck < rates[0]), sets_of(luck < rates[1])


@pytest.mark.parametrize(
    ("draw", "metrics", "groups"), [(mixed_metrics, 2, 1), (mixed_groups, 1, 2), (bad_for_most, 2, 1)]
)
def test_the_working_bound_is_hardly_ever_below_the_number_made_worse(draw, metrics, groups):
    """P(ever below) ≤ 5 % in 400 runs: metrics or groups of two directions, late harm, drift, moving share."""
    (most, true), _ = watched(np.random.default_rng(1), 400, 120, moving, draw, metrics=metrics, groups=groups)
    assert true[-1].mean() > 20
    assert (most < true).any(axis=0).mean() <= LEVEL


def test_a_bound_of_the_net_would_be_below_it():
    """The same groups taken as one: healed desktops hide hurt phones, which is why groups are told apart."""

    def as_one(rng, look, n):
        group, old, new = mixed_groups(rng, look, n)
        return 0 * group, old, new

    (most, true), _ = watched(np.random.default_rng(1), 100, 120, moving, as_one, metrics=1)
    assert (most < true).any(axis=0).mean() > 0.3


def test_without_harm_the_bound_stays_near_the_noise():
    """7,200 customers of whom 1 % fail on either, half of them on new: typically less than 45 at most."""

    def calm(rng, look, n):
        failed = (rng.random(n) < 0.01).astype(int)
        return 0 * failed, failed, failed

    (most, _true), _ = watched(np.random.default_rng(2), 30, 120, lambda _look: 0.5, calm, metrics=1, per_look=60)
    assert np.median(most[-1]) < 45


@pytest.mark.slow
def test_the_floor_is_hardly_ever_above_the_number_made_worse():
    """P(ever above) ≤ 5 %, where metrics heal some and hurt others: it assumes nothing of them."""

    def any_coupling(rng, look, n):
        old, new = (sets_of(rng.random((2, n)) < np.array([[a], [b]])) for a, b in ((0.2, 0.1), (0.3, 0.15)))
        return np.zeros(n, dtype=int), old, new

    rng, above = np.random.default_rng(3), 0
    for _run in range(200):
        (_most, true), harmed = watched(rng, 1, 60, moving, any_coupling, metrics=2, per_look=40)
        above += harmed.at_least(level=LEVEL) > true[-1][0]
    assert above / 200 <= LEVEL


def test_the_floor_finds_who_was_made_worse_where_many_are():
    """900 of 3,000 on new are worse; at least 500 are seen to be."""

    def hurt(rng, look, n):
        failed = (rng.random(n) < 0.3).astype(int)
        return 0 * failed, 0 * failed, failed

    (_most, true), harmed = watched(
        np.random.default_rng(4), 1, 100, lambda _look: 0.5, hurt, metrics=1, per_look=60
    )
    assert 500 < harmed.at_least(level=LEVEL) <= true[-1][0]


def fewest(p1, p0):
    """The coupling's linear programme: the least part that can be worse on some metric, given both marginals."""
    k = len(p1)
    worse = np.array([[1.0 if new & ~old else 0.0 for old in range(k)] for new in range(k)])
    rows = [np.eye(k)[i][:, None] * np.ones((1, k)) for i in range(k)]
    columns = [np.ones((k, 1)) * np.eye(k)[i][None, :] for i in range(k)]
    equal = np.array([one.ravel() for one in (*rows, *columns)])
    found = {
        side: linprog(side * worse.ravel(), A_eq=equal, b_eq=np.r_[p1, p0], bounds=(0, 1)) for side in (1, -1)
    }
    return found[1].fun, -found[-1].fun


@pytest.mark.parametrize("metrics", [1, 2, 3])
def test_up_sets_give_the_sharp_floor_and_any_failure_a_ceiling(metrics):
    """max over up-sets of P1(U) - P0(U) is the programme's least; P1(any failure) is no less than its most."""
    rng, patterns = np.random.default_rng(5), Patterns.of(metrics)
    for _draw in range(25):
        p1, p0 = rng.dirichlet(np.full(2**metrics, 0.7), 2)
        least, most = fewest(p1, p0)
        assert max(0.0, ((p1 - p0) @ patterns.worse).max()) == pytest.approx(least, abs=1e-7)
        assert most <= p1[1:].sum() + 1e-7


def test_the_working_bound_becomes_the_sum_of_what_hurts():
    """Groups and metrics: its part of many customers is Σ weight · Σ (p1 - p0)⁺ (STATISTICS §9), from above."""
    rng, patterns, bets = np.random.default_rng(6), Patterns.of(2), HarmBets(Patterns.of(2))
    harmed, share = Harmed.begin(2, patterns), np.array([0.3, 0.7])
    old, new = np.array([[0.1, 0.02], [0.2, 0.05]]), np.array([[0.14, 0.01], [0.1, 0.07]])
    for _look in range(200):
        counts = []
        for rates, part in ((new, 5000), (old, 5000)):
            sizes = rng.multinomial(part, share)
            both = [np.array([(1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b]) for a, b in rates]
            counts.append(np.array([rng.multinomial(n, p) for n, p in zip(sizes, both, strict=True)], dtype=float))
        harmed = harmed.advance([(0.5, counts[0], counts[1])], bets)
    sum_of_harm = float(share @ np.maximum(new - old, 0.0).sum(axis=1))
    most, rate = harmed.at_most(np.ones((1, 2)), Stakes.of(20_000), level=LEVEL)
    assert sum_of_harm < rate[0] < 1.15 * sum_of_harm
    assert most[0] / 1e6 == pytest.approx(rate[0], rel=0.05)


def test_nobody_who_came_means_nothing_is_known():
    """The rate may be 1, and of nobody nobody was made worse but for the price of the bound."""
    most, rate = Harmed.begin(1, Patterns.of(2)).at_most(np.ones((1, 1)), Stakes.of(100), level=0.01)
    assert (rate.tolist(), most[0] < 2) == ([1.0], True)


@pytest.mark.parametrize("q", [1e-4, 0.02, 0.5, 0.98, 0.9999])
@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_rates_of_nought_and_one_at_any_share_give_numbers(q, rate):
    """Neither infinite nor not a number, and the floor below the bound."""
    bets, harmed = HarmBets(Patterns.of(1)), Harmed.begin(1, Patterns.of(1))
    for _look in range(5):
        on_new, on_old = (np.array([[n * (1 - rate), n * rate]]) for n in (round(1e7 * q), round(1e7 * (1 - q))))
        harmed = harmed.advance([(q, on_new, on_old)], bets)
    most, part = harmed.at_most(np.ones((1, 1)), Stakes.of(1000), level=0.01)
    assert np.isfinite(most[0])
    assert 0 <= part[0] <= 1
    assert 0 <= harmed.at_least(level=0.01) <= most[0]
