"""What `unfelt plan` says will be caught, beside rollouts that the guard plays: seconds and customers affected.

.venv/bin/python benchmarks/forecast.py [--runs 5] [--base 0.5 ...] [--out FILE.json]

Customers come once each and are drawn as counts; a rate is chosen so that a rollout takes some hundred ticks.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.documents.change import Change
from unfelt.engines.guard.audience import Who
from unfelt.engines.guard.calibration.trial import Stretch, roll_out
from unfelt.engines.guard.expected import Course, play
from unfelt.kernel.limits import needed_to_see
from unfelt.kernel.tally import ANYTHING, Tally

BASES = (0.0005, 0.002, 0.01, 0.05, 0.2, 0.5, 0.8, 0.97)
ODDS = (1.05, 1.1, 1.2, 1.4, 2.0, 5.0, 10.0)
OBSERVE, TICK, TICKS = 5.0, 1.0, 300
START = datetime(2026, 1, 1, tzinfo=UTC)
METRIC = "failed"


@dataclass(frozen=True)
class Row:
    """Forecast and median of what was played; ends: how often each."""

    base: float
    odds: float
    budget: int
    rate: float
    forecast: Course
    ends: dict[str, int]
    seconds: float
    exposed: float


class Drawn:
    """Customers drawn as counts, with the windows of the live source: what `roll_out` asks for."""

    def __init__(self, random: np.random.Generator, *, rate: float, p0: float, p1: float) -> None:
        self._random, self._rate, self._rates = random, rate, (p1, p0)
        self._share, self._open = 0.0, list[tuple[float, float, tuple[int, ...], bool]]()
        self.exposed = self._in_flight = self.felt = self.affected = 0

    def move(self, share: float, *, now: float) -> None:
        """Windows that are open are cut: they never count, but those in them were exposed."""
        self._share = share
        self._open = [(at, q, n, whole and at + OBSERVE <= now) for at, q, n, whole in self._open]

    def step(self, since: float, until: float) -> dict[str, Any]:
        """What one tick tells the guard."""
        closed = [one for one in self._open if one[0] + OBSERVE <= until]
        self._open = [one for one in self._open if one[0] + OBSERVE > until]
        tallies = [tally for _at, q, n, whole in closed if whole for tally in _told(q, n, counted=True)]
        self._in_flight -= sum(n[0] for _at, _q, n, _whole in closed)
        self.felt += sum(n[1] for _at, _q, n, _whole in closed)
        failures, splits = [], []
        if self._share:
            n = self._draw(until - since)
            self._open.append((until, self._share, n, True))
            self.exposed, self._in_flight = self.exposed + n[0], self._in_flight + n[0]
            failures = list(_told(self._share, n, counted=False))
            splits = [Split(self._share, n[2], n[0])]
        people = {"exposed": self.exposed, "in_flight": self._in_flight, "felt": self.felt}
        return {"tallies": tallies, "failures": failures, "splits": splits, **people}

    def _draw(self, seconds: float) -> tuple[int, ...]:
        n1, n0 = self._random.poisson(self._rate * seconds * np.array([self._share, 1 - self._share]))
        x1, x0 = (self._random.binomial(n, p) for n, p in zip((n1, n0), self._rates, strict=True))
        return int(n1), int(x1), int(n0), int(x0)


def _told(q: float, n: tuple[int, ...], *, counted: bool) -> Iterator[Tally]:
    for metric in (METRIC, ANYTHING):
        for arm, all_of, bad in (("new", n[0], n[1]), ("old", n[2], n[3])):
            if bad or (counted and all_of):
                yield Tally(arm, q, None, None, metric, all_of if counted else 0, bad)


def plan(*, margin: float, budget: int) -> Change:
    """One metric with that margin."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "forecast", "title": "Forecast", "owner": "nobody"},
            "experience": {
                "customer": "cookie:uid",
                "observe": f"{OBSERVE:g}s",
                "grace": "0s",
                "metrics": [{"id": METRIC, "bad": "status >= 500", "margin": f"{margin:.8%}"}],
            },
            "guard": {"impact_budget": f"{budget} customers", "tick": f"{TICK:g}s"},
            "rollout": {"old": "http://127.0.0.1:1", "new": "http://127.0.0.1:2", "largest_share": "50%"},
        }
    )


def row(base: float, odds: float, *, runs: int, budget: int, ticks: int = TICKS) -> Row:
    """One base rate and harm; the margin is half of the harm."""
    p1 = base * odds / (1 - base + base * odds)
    needed = float(needed_to_see(base, p1, 0.3, level=0.001)) / 0.3
    rate = max(1.0, 2.5 * needed / ticks)
    change = plan(margin=max((p1 - base) / 2, 1e-6), budget=budget)
    told = play(change, Who({METRIC: (base, p1), ANYTHING: (base, p1)}), rate=rate, until=20.0 * ticks)
    random = np.random.default_rng((5, round(base * 1e6), round(odds * 100), budget))
    stretch = Stretch(0.0, 20.0 * ticks, START)
    ends = [
        roll_out(change, Drawn(random, rate=rate, p0=base, p1=p1), stretch=stretch, rate=rate)  # type: ignore[arg-type]  # drawn as counts
        for _run in range(runs)
    ]
    return Row(
        base,
        odds,
        budget,
        rate,
        told,
        dict(Counter(end.action for end in ends)),
        float(np.median([end.seconds for end in ends])),
        float(np.median([end.exposed for end in ends])),
    )


def shown(one: Row) -> str:
    """A line of the table."""
    told = one.forecast
    times, customers = one.seconds / told.seconds, one.exposed / max(told.exposed, 1e-9)
    beyond = "" if min(times, customers) >= 1 / 1.3 and max(times, customers) <= 1.3 else "  beyond 1.3"
    return (
        f"{one.base:7.2%} {one.odds:5.2f} {one.budget:9,d} {one.rate:10,.0f}/s  forecast {told.action:9s} "
        f"{told.seconds:7,.0f} s {told.exposed:12,.1f}  played {one.seconds:7,.0f} s {one.exposed:12,.1f}  "
        f"{times:4.2f} {customers:4.2f} {one.ends}{beyond}"
    )


def main() -> None:
    """The table, line by line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--base", type=float, action="append", choices=BASES, help="only these rates of old")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    rows = []
    for base in asked.base or BASES:
        for odds in ODDS:
            rows.append(row(base, odds, runs=asked.runs, budget=1_000_000_000))
            print(shown(rows[-1]), flush=True)
    for base, odds in () if asked.base else ((0.01, 1.1), (0.01, 2.0), (0.2, 1.2), (0.5, 1.4)):
        rows.append(row(base, odds, runs=asked.runs, budget=20))
        print(shown(rows[-1]), flush=True)
    if asked.out:
        asked.out.write_text(json.dumps([asdict(one) for one in rows], indent=1))


if __name__ == "__main__":
    main()
