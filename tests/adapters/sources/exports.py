"""Recordings as they are exported from the experience of a rollout: with rows of requests that had only begun."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

BEGAN = datetime(2026, 11, 23, 4, tzinfo=UTC)
COLUMNS = ("time", "type", "id", "customer", "arm", "share", "method", "path", "status", "duration_ms", "device")
LATE = ("status", "duration_ms")


def row(
    number: int, *, seconds: float, arm: str = "old", status: int | None = 200, took: float | None = 80.0, **more
):
    """The row of a request that has ended."""
    said = {
        "time": BEGAN + timedelta(microseconds=round(seconds * 1e6)),
        "type": "end",
        "id": f"r{number}",
        "customer": f"c{number}",
        "arm": arm,
        "share": 0.5,
        "method": "GET",
        "path": f"/page/{number % 7}",
        "status": status,
        "duration_ms": took,
        "device": "phone",
    }
    return said | more


def begun(ended):
    """The row of its beginning."""
    return ended | {"type": "start"} | dict.fromkeys(LATE)


def requests(*, seed: int = 1, many: int = 2000, worse: float = 0.0) -> list[dict[str, object]]:
    """Of customers over 400 s, one request each; on new so many more fail, and one in ten takes long."""
    draw = random.Random(seed)
    found = []
    for number in range(many):
        arm = draw.choice(("old", "new"))
        failed = draw.random() < 0.005 + (worse if arm == "new" else 0.0)
        took = draw.uniform(300, 900) if draw.random() < 0.1 else draw.uniform(5, 150)
        at = 400 * number / many + draw.random() / 10
        found.append(row(number, seconds=at, arm=arm, status=503 if failed else 200, took=took))
    return found


def with_starts(ended, *, seed: int = 2) -> list[dict[str, object]]:
    """With one to three rows of the beginning of each request that takes long, before or behind its end."""
    draw = random.Random(seed)
    rows = []
    for one in ended:
        rows += [begun(one)] * (draw.randint(1, 3) if one["duration_ms"] > 200 else 0)
        rows.insert(len(rows) - draw.randint(0, 1) if rows else 0, one)
    return rows


def write(path: Path, rows, *, columns=COLUMNS) -> Path:
    """As Parquet or CSV, by the name of the file."""
    table = pa.table({name: [one[name] for one in rows] for name in columns})
    if path.suffix == ".csv":
        csv.write_csv(table, path)
    else:
        pq.write_table(table, path)
    return path
