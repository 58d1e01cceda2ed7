"""The same as `forecast.py` for scores, counts, waits, several metrics and groups: forecast beside what is played.

.venv/bin/python benchmarks/forecast_kinds.py [--runs 15] [--only WORD] [--out FILE.json]

Customers come once each and are drawn one by one; the rate is such that a rollout takes some hundred ticks.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from unfelt.documents.change import Change
from unfelt.documents.questions import Question, questions_of
from unfelt.engines.guard.calibration.customers import Customers
from unfelt.engines.guard.calibration.trial import Stretch, roll_out
from unfelt.engines.guard.calibration.visits import Asked, Bools, Experience, Floats, Visits
from unfelt.engines.guard.caught import Caught, caught
from unfelt.engines.guard.circumstances import Circumstances

OBSERVE, TICK, TICKS, LONGEST = 5.0, 1.0, 200, 8
START = datetime(2026, 1, 1, tzinfo=UTC)
FAILED = {"id": "failed", "bad": "status >= 500"}
SCORE = {"id": "missing", "score": "missing / items"}
COUNT = {"id": "retries", "count": "status = 429"}
WAIT = {"id": "wait", "slow": "duration_ms", "proof": "95%"}
RARE = {"id": "rare", "bad": "status >= 500", "margin": "1%"}
"""Beside a score something has to count towards the impact budget."""
COUNTED = {"retries": 0.05, "retries:2+": 0.02, "retries:5+": 0.005}


@dataclass(frozen=True)
class Cell:
    """Metrics with their margins, what they are on old, and so much more of the first of them on new.

    only: the device that it is confined to. phones: their part, of phones and desktops; without them no groups.
    """

    name: str
    metrics: tuple[dict[str, Any], ...]
    base: Mapping[str, float]
    excess: float
    spread: Mapping[str, float] = field(default_factory=dict)
    phones: float | None = None
    only: str | None = None
    margin_of_groups: str | None = None


def with_margin(metric: dict[str, Any], margin: float) -> dict[str, Any]:
    """The metric and its margin."""
    return metric | {"margin": f"{margin:.8%}"}


def _scores() -> list[Cell]:
    wide = [(0.2, 0.12, e) for e in (0.01, 0.03, 0.1)] + [(0.05, 0.1, e) for e in (0.01, 0.05)]
    return [
        Cell(
            f"score {mean} ± {sd}, + {excess}",
            (with_margin(SCORE, excess / 2), RARE),
            {"missing": mean, "rare": 0.001},
            excess,
            {"missing": sd},
        )
        for mean, sd, excess in (*wide, (0.3, 0.4583, 0.05))
    ]


def _with_two_groups() -> list[Cell]:
    one = (with_margin(FAILED, 0.005),)
    both = [Cell(f"halves, both + {e}", one, {"failed": 0.01}, e, phones=0.5) for e in (0.01, 0.04)]
    some = [
        Cell(f"phones {part} of all, + {e}", one, {"failed": 0.01}, e, phones=part, only="device=phone")
        for part, e in ((0.5, 0.02), (0.3, 0.02), (0.3, 0.08))
    ]
    score = with_margin(SCORE, 0.015)
    spread, base = {"missing": 0.12}, {"missing": 0.2, "rare": 0.001}
    return [
        *both,
        *some,
        Cell("score, halves, one + 0.03", (score, RARE), base, 0.03, spread, 0.5, "device=phone"),
    ]


def _several() -> list[Cell]:
    plain = with_margin(FAILED, 0.005)
    three = (plain, *(with_margin(FAILED | {"id": f"failed{i}"}, 0.01) for i in (2, 3)))
    rates = {"failed": 0.01, "failed2": 0.02, "failed3": 0.003}
    kinds = (plain, with_margin(WAIT, 0.02), with_margin(SCORE, 0.03), with_margin(COUNT, 0.02))
    known = {"failed": 0.01, "wait": 0.05, "missing": 0.2, **COUNTED}
    return [
        *(Cell(f"three metrics, one + {e}", three, rates, e) for e in (0.01, 0.04)),
        Cell("four kinds, one + 0.02", kinds, known, 0.02, {"missing": 0.12}),
    ]


def _harmless() -> list[Cell]:
    score, count, wait = with_margin(SCORE, 0.02), with_margin(COUNT, 0.02), with_margin(WAIT, 0.02)
    one = (with_margin(FAILED, 0.01),)
    return [
        Cell("score 0.2 ± 0.12, harmless", (score, RARE), {"missing": 0.2, "rare": 0.001}, 0.0, {"missing": 0.12}),
        Cell("count, harmless", (count,), COUNTED, 0.0),
        Cell("wait, harmless", (wait,), {"wait": 0.05}, 0.0),
        Cell("halves, harmless", one, {"failed": 0.01}, 0.0, phones=0.5, margin_of_groups="2%"),
        Cell("phones 0.3, harmless", one, {"failed": 0.01}, 0.0, phones=0.3, margin_of_groups="1%"),
    ]


CELLS = (
    *_scores(),
    *(Cell(f"count 5 %, + {e}", (with_margin(COUNT, e / 2),), COUNTED, e) for e in (0.01, 0.03, 0.1)),
    *(Cell(f"wait, + {e}", (with_margin(WAIT, e / 2),), {"wait": 0.05}, e) for e in (0.005, 0.02, 0.1)),
    *_with_two_groups(),
    *_several(),
    *_harmless(),
)


def plan(cell: Cell) -> Change:
    """Its plan, with a budget that is never short."""
    groups = {"by": "device", "values": ["phone", "desktop"], "margin": cell.margin_of_groups}
    segments = [] if cell.phones is None else [{key: value for key, value in groups.items() if value}]
    experience = {"customer": "cookie:uid", "observe": f"{OBSERVE:g}s", "grace": "0s", "segments": segments}
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "forecast", "title": cell.name, "owner": "nobody"},
            "experience": experience | {"metrics": list(cell.metrics)},
            "guard": {"impact_budget": "1000000000 customers", "tick": f"{TICK:g}s"},
            "rollout": {"old": "http://127.0.0.1:1", "new": "http://127.0.0.1:2", "largest_share": "50%"},
        }
    )


def told(cell: Cell, change: Change) -> tuple[Caught, float]:
    """What the forecast says, at a rate at which it takes about TICKS; and that rate."""
    parts = {} if cell.phones is None else {"device=phone": cell.phones}
    rate = 50.0
    for _again in range(3):
        given = Circumstances(rate, cell.base, LONGEST * TICKS * TICK, cell.spread, parts)
        said = caught(change, given, change.experience.metrics[0], cell.excess, only=cell.only)
        rate = max(2.0, rate * said.seconds / (TICKS * TICK))
    given = Circumstances(rate, cell.base, LONGEST * TICKS * TICK, cell.spread, parts)
    return caught(change, given, change.experience.metrics[0], cell.excess, only=cell.only), rate


def customers(cell: Cell, change: Change, *, rate: float, seed: int) -> Customers:
    """All that may come in one run of it."""
    random = np.random.default_rng((seed, 91))
    count = random.poisson(rate * LONGEST * TICKS * TICK)
    time = np.sort(random.uniform(0, LONGEST * TICKS * TICK, count))
    device = (random.random(count) >= (cell.phones or 1.0)).astype(np.int64)
    names = ("phone", "desktop")
    has_groups = cell.phones is not None
    visits = Visits(time, np.arange(count), {"device": names} if has_groups else {}, {"device": device})
    if not has_groups:
        visits = Visits(time, np.arange(count))
    hurt = device == names.index(cell.only.partition("=")[2]) if cell.only else np.ones(count, dtype=bool)
    asked, old, new = [], list[Bools | Floats](), list[Bools | Floats]()
    for place, metric in enumerate(change.experience.metrics):
        questions = list(questions_of(metric))
        asked += [Asked(one.name, OBSERVE, 1, one.is_score, one.affects) for one in questions]
        before, after = _answers(cell, questions, random, hurt, excess=0.0 if place else cell.excess)
        old, new = old + before, new + after
    worlds = Experience.of(visits, asked, old), Experience.of(visits, asked, new)
    seats, nobody = random.random(visits.people), np.zeros(count, dtype=bool)
    return Customers(visits, asked, worlds, seats=seats, harmful=nobody, tick=TICK)


def _answers(
    cell: Cell, questions: Sequence[Question], random: np.random.Generator, hurt: Bools, *, excess: float
) -> tuple[list[Bools | Floats], list[Bools | Floats]]:
    """What each question is answered with on old and on new; `hurt` are those whom new differs for."""
    metric, base, n = questions[0].metric, cell.base[questions[0].metric.id], len(hurt)
    if metric.score is not None:
        sd = cell.spread[metric.id]
        old, new = _beta(random, base, sd, n), _beta(random, base + excess, sd, n)
        return [old], [np.where(hurt, new, old)]
    turned = hurt & (random.random(n) < excess / (1 - base))
    rank = random.random(n)
    if metric.slow is not None:
        levels = [one.quantile or 0.0 for one in questions]
        return [rank > level for level in levels], [(rank > level) | turned for level in levels]
    rates = [base] + [cell.base.get(one.name, 0.0) for one in questions[1:]]
    again = random.random(n) * base
    hit = turned & (rank >= base)
    return [rank < rate for rate in rates], [(rank < rate) | (hit & (again < rate)) for rate in rates]


def _beta(random: np.random.Generator, mean: float, sd: float, n: int) -> Floats:
    """Scores with that mean and standard deviation; 0 or 1 where that is as large as can be."""
    size = mean * (1 - mean) / sd**2 - 1
    drawn = random.beta(mean * size, (1 - mean) * size, n) if size > 0.01 else random.random(n) < mean
    result: Floats = np.asarray(drawn, dtype=float)
    return result


def row(cell: Cell, *, runs: int) -> dict[str, Any]:
    """Forecast and medians."""
    change = plan(cell)
    said, rate = told(cell, change)
    whole = Stretch(0.0, LONGEST * TICKS * TICK, START)
    ends = [
        roll_out(change, customers(cell, change, rate=rate, seed=seed), stretch=whole, rate=rate)
        for seed in range(runs)
    ]
    seconds, exposed = (float(np.median([getattr(end, of) for end in ends])) for of in ("seconds", "exposed"))
    found = {"cell": cell.name, "rate": rate, "said": asdict(said), "ends": Counter(end.action for end in ends)}
    return found | {"seconds": seconds, "exposed": exposed}


def shown(one: dict[str, Any]) -> str:
    """A line of the table."""
    said = one["said"]
    times, people = one["seconds"] / said["seconds"], one["exposed"] / max(said["exposed"], 1e-9)
    beyond = "" if min(times, people) >= 1 / 1.3 and max(times, people) <= 1.3 else "  beyond 1.3"
    return (
        f"{one['cell']:34s} {one['rate']:8,.0f}/s  forecast {said['ends']:9s} {said['seconds']:6,.0f} s "
        f"{said['exposed']:10,.1f}  played {one['seconds']:6,.0f} s {one['exposed']:10,.1f}  "
        f"{times:4.2f} {people:4.2f} {dict(one['ends'])}{beyond}"
    )


def main() -> None:
    """The table, line by line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    rows = []
    for cell in CELLS:
        if asked.only in cell.name:
            rows.append(row(cell, runs=asked.runs))
            print(shown(rows[-1]), flush=True)
    if asked.out:
        asked.out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
