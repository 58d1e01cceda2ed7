"""How long a tick takes: of the guard with 1,000 cells, of the kernel with 10,000; beside numpy passes."""

import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np

from unfelt.documents.change import Change
from unfelt.engines.guard import ANYTHING, Guard, Tally
from unfelt.kernel.labelgrid import BACK_WEIGHTS, past_rate
from unfelt.kernel.onset import Mixture
from unfelt.kernel.plugins import back_bets, is_due

METRICS, VALUES, TICKS = 20, 49, 200
PROPENSITIES = (0.1, 0.25)


def wide_plan() -> Change:
    """20 metrics × (everybody, 48 fixed values, other) = 1,000 cells, all required but `other`."""
    metrics = [{"id": f"m{i}", "bad": "status >= 500", "margin": "2%"} for i in range(METRICS)]
    segment = {"by": "region", "margin": "5%", "values": [f"r{i}" for i in range(VALUES - 1)]}
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "wide", "title": "wide", "owner": "nobody"},
            "experience": {"customer": "cookie:uid", "metrics": metrics, "segments": [segment]},
            "guard": {"impact_budget": "1000 customers"},
            "rollout": {"old": "http://127.0.0.1:1", "new": "http://127.0.0.1:2"},
        }
    )


def one_tick(rng: np.random.Generator) -> list[Tally]:
    """Every cell has customers of both arms at two propensities: 4,200 tallies."""
    segments = [None, *(f"region=r{i}" for i in range(VALUES - 1)), "region=other"]
    names = [(f"m{m}", s) for m in range(METRICS) for s in segments] + [(ANYTHING, s) for s in segments]
    n = rng.poisson(5, (len(names), 2, 2))
    bad = rng.binomial(n, 0.01)
    return [
        Tally(arm, q, None, segment, metric, int(n[i, j, k]), int(bad[i, j, k]))
        for i, (metric, segment) in enumerate(names)
        for j, q in enumerate(PROPENSITIES)
        for k, arm in enumerate(("old", "new"))
    ]


def percentiles(times: list[float]) -> str:
    """p50 and p99 in milliseconds."""
    return "p50 {:6.2f} ms   p99 {:6.2f} ms".format(*(1000 * np.percentile(times, p) for p in (50, 99)))


def timed(action: Callable[[], object]) -> float:
    """Seconds of processor time that the action took."""
    began = time.process_time()
    action()
    return time.process_time() - began


def kernel_ticks(cells: int, looks: int) -> list[float]:
    """Seconds of each look of bets and mixtures of so many cells at 14 ratios."""
    rng = np.random.default_rng(2)
    bets, mixture = back_bets(np.ones(cells), np.zeros(cells)), Mixture.begin(cells, len(BACK_WEIGHTS))
    bad, n, taken_at = np.zeros((3, cells))
    plugs, times = past_rate(bad, n), []
    for _look in range(looks):
        new, old = rng.poisson(5, cells), rng.poisson(15, cells)
        failed, failed_old = rng.binomial(new, 0.01), rng.binomial(old, 0.01)
        outcomes = np.stack([failed, new - failed, failed_old, old - failed_old]).astype(float)
        began = time.process_time()
        mixture = mixture.advance(bets.factors([(0.25, outcomes)], plugs[:, None]))
        mixture.log_evalue(BACK_WEIGHTS)
        bad, n = bad + outcomes[0] + outcomes[2], n + outcomes.sum(axis=0)
        due = is_due(n, taken_at)
        plugs, taken_at = np.where(due, past_rate(bad, n), plugs), np.where(due, n, taken_at)
        times.append(time.process_time() - began)
    return times


def main() -> None:
    """Prints them, and their ratios."""
    rng = np.random.default_rng(1)
    guard, start = Guard(wide_plan()), datetime(2026, 1, 1, tzinfo=UTC)
    ticks = [one_tick(rng) for _ in range(20)]
    logs = rng.normal(0, 1, (1000, 14))
    guarded, plain, saved = [], [], []
    gc.freeze()  # the made-up tallies of all ticks are not the guard's memory
    for i in range(TICKS):
        at, tallies = start + timedelta(seconds=i), ticks[i % 20]
        guarded.append(timed(partial(guard.observe, tallies, (), at=at, share=0.25, exposed=9)))
        plain.append(timed(lambda: np.log(np.exp(logs).mean(axis=1))))
        saved.append(timed(guard.state))
    print(f"guard tick, 1,000 cells × 14, 4,004 tallies   {percentiles(guarded)}")
    print(f"guard state to bytes ({len(guard.state()):,} bytes)       {percentiles(saved)}")
    print(f"one numpy exp and log pass over 1,000 × 14    {percentiles(plain)}")
    print(f"ratio of the medians {np.median(guarded) / np.median(plain):.0f}")
    wide = rng.normal(0, 1, (10_000, 14))
    passes = [timed(lambda: np.log(np.exp(wide).mean(axis=1))) for _ in range(TICKS)]
    kernel = kernel_ticks(10_000, 2 * TICKS)
    print(f"kernel tick, 10,000 cells × 14 ratios          {percentiles(kernel)}")
    print(f"one numpy exp and log pass over 10,000 × 14    {percentiles(passes)}")


if __name__ == "__main__":
    main()
