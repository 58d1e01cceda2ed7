"""Many runs of a shop at once, through the real windows: moving share, daily cycle, returning customers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import duckdb
import numpy as np

from unfelt.adapters.sources import Epoch, Lapse
from unfelt.adapters.sources.windows import closed_bets
from unfelt.documents.change import Change
from unfelt.kernel.labelgrid import Counts

LOOKS, TICK = 800, 10.0
START = datetime(2026, 1, 1, tzinfo=UTC)
BEGAN = "TIMESTAMP '2026-01-01 00:00:00'"
SCHEDULES = (
    (0.05, 0.1, 0.3, 0.5, 0.5),
    (0.2, 0.5, 0.3, 0.4, 0.1),
    (0.5, 0.4, 0.5, 0.6, 0.5),
    (0.02, 0.3, 0.2, 0.5, 0.3),
)
GROUPS = (None, "a", "b")

PLAN = Change.model_validate(
    {
        "unfelt": 1,
        "change": {"id": "runs", "title": "Runs", "owner": "nobody"},
        "experience": {
            "customer": "column:customer",
            "observe": "30s",
            "segments": [{"by": "band", "values": ["a"]}],
            "metrics": [{"id": "failed", "bad": "bad", "margin": "2x"}],
        },
        "guard": {"impact_budget": "1000 customers"},
    }
)


@dataclass(frozen=True)
class Runs:
    """What closed, what failed and who was assigned, per look; cell = 3·run + (everybody, a, other)."""

    runs: int
    closed: list[Counts]
    failed: list[Counts]
    fresh: list[Counts]
    """One row per (run, propensity): n1 and n0 are fresh assignments."""
    customers: int
    bets: int


def simulate(*, runs, customers, ratio, seed, base=0.2, used_over_asked=1.0):
    """Each run has its own customers, who come back, differ in luck, and follow the day's cycle."""
    parts = [
        _through_windows(
            _requests((seed, part), runs // 4, customers, ratio=ratio, base=base, used_over_asked=used_over_asked),
            part,
        )
        for part in range(4)
    ]
    names = ("closed", "failed", "fresh")
    tables = [np.concatenate([p[n] for p in parts]) for n in range(3)]
    looks = {name: _by_look(table) for name, table in zip(names, tables, strict=True)}
    return Runs(runs=4 * (runs // 4), customers=customers, bets=sum(p[3] for p in parts), **looks)


def _requests(place, runs, customers, *, ratio, base, used_over_asked):
    random, part = np.random.default_rng(place), place[1]
    people = runs * customers
    visits = 1 + random.poisson(0.8, people)
    who = np.repeat(np.arange(people), visits)
    time = random.uniform(0, LOOKS * TICK - 40, len(who))
    lucky = random.random(people) < 0.5
    seat = random.random(people)
    share = np.array(SCHEDULES[part])[(time // (LOOKS * TICK / 5)).astype(int)]
    new = seat[who] < share * used_over_asked
    rate = base * (1 + 0.25 * np.sin(2 * np.pi * time / (LOOKS * TICK) * 3)) * np.where(lucky, 0.25, 1.75)[who]
    bad = random.random(len(who)) < rate * np.where(new, ratio, 1.0)
    band = (random.random(people) < 0.6)[who]
    return {"who": who + part * people, "time": time, "new": new, "bad": bad, "band": band, "per_run": customers}


def _through_windows(requests, part):
    connection = duckdb.connect(config={"threads": 1})
    columns = {name: values for name, values in requests.items() if name != "per_run"}
    connection.execute("SET TimeZone = 'UTC'")
    frame = connection.from_arrow(_arrow(columns))  # noqa: F841  (read by name below)
    connection.execute(f"""
        CREATE TABLE experience AS SELECT {BEGAN} + to_microseconds(CAST(time * 1e6 AS BIGINT)) AS time, bad,
            CAST(who AS VARCHAR) AS customer, if(new, 'new', 'old') AS arm, if(band, 'a', 'b') AS band FROM frame
    """)
    bets = closed_bets(connection, "experience", _epochs(part), _lapses(), PLAN)
    bets.filter("metric = 'failed'").create_view("bets")
    tables = [_table(connection, *how, per_run=requests["per_run"]) for how in _READINGS]
    (count,) = connection.execute("SELECT count(*) FROM bets WHERE NOT excluded").fetchone()
    connection.close()
    return (*tables, count)


_READINGS = (
    ("closes", "NOT excluded", "CAST(bad AS INTEGER)", True),
    ("failed_at", "failed_at IS NOT NULL", "1", True),
    ("opened", "true", "0", False),
)


def _table(connection, moment, where, bad, groups, *, per_run):
    """Rows (look, cell, q, n1, x1, n0, x0)."""
    run = f"CAST(customer AS BIGINT) // {per_run}"
    cells = [f"3 * ({run})"] + ([f"3 * ({run}) + if(band = 'a', 1, 2)"] if groups else [])
    selects = [
        f"""SELECT least({LOOKS - 1}, CAST(ceil(epoch({moment} - {BEGAN}) / {TICK}) AS INTEGER)) AS look,
            {cell} AS cell, propensity AS q, count(*) FILTER (arm = 'new') AS n1,
            sum({bad}) FILTER (arm = 'new') AS x1, count(*) FILTER (arm = 'old') AS n0,
            sum({bad}) FILTER (arm = 'old') AS x0 FROM bets WHERE {where} GROUP BY ALL"""
        for cell in cells
    ]
    columns = connection.execute(" UNION ALL ".join(selects)).fetchnumpy()
    return np.stack([np.ma.filled(column, 0).astype(float) for column in columns.values()], axis=1)


def _arrow(columns):
    import pyarrow

    return pyarrow.table(columns)


def _epochs(part):
    length = timedelta(seconds=LOOKS * TICK / 5)
    return [
        Epoch(
            number=i,
            phase="watch",
            share=share,
            salt="s",
            began=(START + i * length),
            ended=(START + (i + 1) * length),
        )
        for i, share in enumerate(SCHEDULES[part])
    ]


def _lapses():
    began = START + timedelta(seconds=2500)
    return [Lapse(began, began + timedelta(seconds=60), "lease")]


def _by_look(table):
    table = table[np.argsort(table[:, 0], kind="stable")]
    edges = np.searchsorted(table[:, 0], np.arange(LOOKS + 1))
    slices = [table[low:high] for low, high in pairwise(edges)]
    return [Counts(s[:, 1].astype(np.intp), *(s[:, c] for c in range(2, 7))) for s in slices]
