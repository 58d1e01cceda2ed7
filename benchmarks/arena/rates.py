"""The kernel beside the oracle that knows both rates: customers on new until harm is seen, and until proof."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, product, repeat

import numpy as np
from contenders import START, change_of

from unfelt.documents.questions import questions_of
from unfelt.engines.guard import Guard, Tally
from unfelt.kernel.exceedance import QUANTILES, Slower, passed, slower_bets, thresholds_of
from unfelt.kernel.labelgrid import (
    BACK_WEIGHTS,
    PROMOTE_WEIGHTS,
    coefficients,
    past_rate,
)
from unfelt.kernel.limits import needed_to_prove, needed_to_see
from unfelt.kernel.margins import Floats
from unfelt.kernel.onset import Mixture, log_mean
from unfelt.kernel.plugins import back_bets, is_due, promote_bets

LEVEL = 0.01
PEEKS = 60
"""Looks in the time that the limit needs."""
RATES, RATIOS, SHARES = (0.002, 0.01, 0.05), (1.5, 2.0, 5.0), (0.01, 0.1, 0.5)
SMALL_RATES, SMALL_ODDS, SMALL_SHARES = (0.01, 0.2, 0.5, 0.8, 0.97), (1.05, 1.1, 1.2, 1.4), (0.1, 0.5)
HALVINGS = 8
"""Before the looks of a small harm come some that grow from 1/256 of one to half: a tick is never so long that the
rate of old is not known until a sixtieth of what is needed has come."""
MARGINS = (1.25, 1.5, 2.0)


@dataclass(frozen=True)
class Row:
    """Median customers on new: the kernel, the guard's mixture with a late onset, the oracle.

    ratio: of the rates, or of their odds, as `of` says.
    """

    p0: float
    ratio: float
    share: float
    plain: float
    mixed: float
    oracle: float
    of: str = "rates"


class Past:
    """Old's rates of many runs, renewed as in the guard."""

    def __init__(self, runs: int) -> None:
        self._bad, self._n, self._taken_at = np.zeros((3, runs))
        self.plugs = past_rate(self._bad, self._n)[:, None]

    def take(self, outcomes: Floats) -> None:
        """What one look added."""
        self._bad += outcomes[2]
        self._n += outcomes[2] + outcomes[3]
        due = is_due(self._n, self._taken_at)
        self.plugs = np.where(due, past_rate(self._bad, self._n), self.plugs[:, 0])[:, None]
        self._taken_at = np.where(due, self._n, self._taken_at)


def looks(
    random: np.random.Generator, runs: int, *, each: int, q: float, p0: float, p1: float, first: Sequence[int] = ()
) -> Iterator[Floats]:
    """Outcomes (4, runs) of so many customers a look, for ever; the `first` looks have their own numbers."""
    for n in chain(first, repeat(each)):
        n1 = random.binomial(n, q, runs)
        x1, x0 = random.binomial(n1, p1), random.binomial(n - n1, p0)
        yield np.stack([x1, n1 - x1, x0, n - n1 - x0]).astype(float)


class Stops:
    """When each run first stood at the threshold, in customers on new."""

    def __init__(self, runs: int) -> None:
        self.at = np.full(runs, np.inf)

    def see(self, log: Floats, new: Floats) -> None:
        """One look."""
        here = np.isinf(self.at) & (log >= -np.log(LEVEL))
        self.at[here] = new[here]

    @property
    def is_known(self) -> bool:
        """The median is."""
        return float(np.mean(np.isfinite(self.at))) > 0.55

    @property
    def median(self) -> float:
        """Of all runs."""
        return float(np.median(self.at))


def detection(*, runs: int, seed: int) -> list[Row]:
    """27 cells of base rate, ratio and share, and 40 of small harm at base rates up to 97 %."""
    return [*_ratios(runs=runs, seed=seed), *_small(runs=runs, seed=seed)]


def _ratios(*, runs: int, seed: int) -> list[Row]:
    rows = []
    for number, (p0, ratio, q) in enumerate(product(RATES, RATIOS, SHARES)):
        p1 = p0 * ratio
        limit = float(needed_to_see(p0, p1, q, level=LEVEL))
        each = max(1, round(limit / q / PEEKS))
        rows.append(Row(p0, ratio, q, *_seen((seed, number), runs, each=each, q=q, p0=p0, p1=p1)))
    return rows


def _small(*, runs: int, seed: int) -> list[Row]:
    rows = []
    for number, (p0, odds, q) in enumerate(product(SMALL_RATES, SMALL_ODDS, SMALL_SHARES)):
        p1 = p0 * odds / (1 - p0 + p0 * odds)
        each = max(1, round(float(needed_to_see(p0, p1, q, level=LEVEL)) / q / PEEKS))
        first = [each >> halving for halving in range(HALVINGS, 0, -1)]
        found = _seen((seed, 200 + number), runs, each=each, q=q, p0=p0, p1=p1, first=first)
        rows.append(Row(p0, odds, q, *found, of="odds"))
    return rows


def _seen(
    place: tuple[int, int], runs: int, *, each: int, q: float, p0: float, p1: float, first: Sequence[int] = ()
) -> tuple[float, ...]:
    random = np.random.default_rng(place)
    past, new, oracle = Past(runs), np.zeros(runs), np.zeros(runs)
    bets, mixture = back_bets(np.ones(runs), np.zeros(runs)), Mixture.begin(runs, len(BACK_WEIGHTS))
    known = coefficients(np.array([[p1]]), np.array([[p0]]), q, rho=1.0, d=0.0, side=1)[:, 0, :]
    stops = [Stops(runs) for _ in range(3)]
    for outcomes in looks(random, runs, each=each, q=q, p0=p0, p1=p1, first=first):
        mixture = mixture.advance(bets.factors([(q, outcomes)], past.plugs))
        oracle += (outcomes * known).sum(axis=0)
        new += outcomes[0] + outcomes[1]
        logs = (mixture.log_plain(BACK_WEIGHTS), mixture.log_evalue(BACK_WEIGHTS), oracle)
        for stop, log in zip(stops, logs, strict=True):
            stop.see(log, new)
        past.take(outcomes)
        if all(stop.is_known for stop in stops):
            break
    return tuple(stop.median for stop in stops)


def proof(*, runs: int, seed: int) -> list[Row]:
    """No difference, ratio margins: customers on new until "beyond the margin" is excluded."""
    rows = []
    for number, (p0, margin, q) in enumerate(product(RATES, MARGINS, SHARES)):
        limit = float(needed_to_prove(p0, p0, q, level=LEVEL, rho=margin))
        each = max(1, round(limit / q / PEEKS))
        rows.append(Row(p0, margin, q, *_proved((seed, 100 + number), runs, each=each, q=q, p0=p0, rho=margin)))
    return rows


def _proved(place: tuple[int, int], runs: int, *, each: int, q: float, p0: float, rho: float) -> tuple[float, ...]:
    random = np.random.default_rng(place)
    past, new, oracle = Past(runs), np.zeros(runs), np.zeros(runs)
    bets, logs = promote_bets(np.full(runs, rho), np.zeros(runs)), np.zeros((runs, len(PROMOTE_WEIGHTS)))
    known = coefficients(np.array([[p0]]), np.array([[p0]]), q, rho=rho, d=0.0, side=-1)[:, 0, :]
    stops = [Stops(runs) for _ in range(2)]
    for outcomes in looks(random, runs, each=each, q=q, p0=p0, p1=p0):
        logs = logs + bets.factors([(q, outcomes)], past.plugs)
        oracle += (outcomes * known).sum(axis=0)
        new += outcomes[0] + outcomes[1]
        stops[0].see(log_mean(logs, PROMOTE_WEIGHTS), new)
        stops[1].see(oracle, new)
        past.take(outcomes)
        if all(stop.is_known for stop in stops):
            break
    return stops[0].median, stops[0].median, stops[1].median


def latency(*, runs: int, seed: int, share: float = 0.1, scale: float = 1.2, each: int = 40) -> float:
    """Median customers on new until waits that are all `scale` times as long are seen, at a tenth of customers."""
    random = np.random.default_rng((seed, 999))
    history = random.lognormal(0.0, 0.5, 100_000)
    thresholds, needed = thresholds_of(history), []
    for _run in range(runs):
        slower, bets, new = Slower.begin(), slower_bets(len(QUANTILES)), 0
        while slower.log_evalue < -np.log(LEVEL):
            is_new = random.random(each) < share
            waits = random.lognormal(0.0, 0.5, each) * np.where(is_new, scale, 1.0)
            slower = slower.advance([(share, passed(waits, is_new, thresholds))], bets=bets)
            new += int(is_new.sum())
        needed.append(new)
    return float(np.median(needed))


def latency_of_guard(*, runs: int, seed: int, share: float = 0.1, scale: float = 1.2, each: int = 100) -> float:
    """The same through the guard: eight questions with a threshold each, beside failures as they happen."""
    random, needed = np.random.default_rng((seed, 999)), []
    plan = change_of({"id": "wait", "slow": "duration_ms", "margin": "1.5x"})
    names = [question.name for question in questions_of(plan.experience.metrics[0])]
    thresholds = thresholds_of(random.lognormal(0.0, 0.5, 100_000))
    for _run in range(runs):
        guard, new, second, action = Guard(plan), 0, 0, "hold"
        while action not in ("back", "promote"):
            is_new = random.random(each) < share
            waits = random.lognormal(0.0, 0.5, each) * np.where(is_new, scale, 1.0)
            slow = waits[:, None] > thresholds
            tallies = [
                Tally(arm, share, None, None, name, int(chosen.sum()), int(slow[chosen, place].sum()))
                for place, name in enumerate(names)
                for arm, chosen in (("new", is_new), ("old", ~is_new))
            ]
            new, second = new + int(is_new.sum()), second + 1
            at = START + timedelta(seconds=second)
            failures = [replace(tally, n=0) for tally in tallies]
            action = guard.observe(tallies, failures, (), exposed=new, at=at, share=share, is_shown=False).action
        needed.append(new)
    return float(np.median(needed))


def geometric(values: list[float]) -> float:
    """Their geometric mean."""
    return float(np.exp(np.mean(np.log(values))))
