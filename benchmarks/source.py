"""From the router's log to tallies: lines per second beside a plain scan, and what a tick costs early and late.

Run it with: .venv/bin/python benchmarks/source.py
"""

import json
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from unfelt.adapters.sources import Epoch
from unfelt.adapters.sources.forms import FIELDS, log_form
from unfelt.adapters.sources.live import LiveSource
from unfelt.documents.change import Change

BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
READ = BEGAN + timedelta(days=1)
"""The reader comes after everything was written."""
LINES = 400_000
EPOCHS = [Epoch(1, "watch", 0.1, "salt", BEGAN)]


def plan(observe: str) -> Change:
    metrics = [
        {"id": "failed", "bad": "status >= 500", "margin": "0.5%"},
        {"id": "slow_checkout", "bad": "path = '/checkout' and duration_ms > 800", "margin": "1%"},
    ]
    segments = [{"by": "device", "values": ["phone", "desktop"]}, {"by": "region"}]
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "bench", "title": "Bench", "owner": "lin@shop.example"},
            "experience": {
                "customer": "cookie:uid",
                "observe": observe,
                "segments": segments,
                "metrics": metrics,
            },
            "guard": {"impact_budget": "100 customers"},
        }
    )


def requests(draw: random.Random, customers: Iterator[str], second: float, pause: float) -> Iterator[bytes]:
    """Two lines per request, as the router writes them."""
    for number, customer in enumerate(customers):
        at = (BEGAN + timedelta(seconds=second + number * pause)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        arm = "new" if int(customer[:8], 16) < 0.1 * 16**8 else "old"
        begun = {
            "time": at,
            "type": "start",
            "id": f"{draw.getrandbits(64):x}",
            "customer": customer,
            "arm": arm,
            "served": "none",
            "attempts": 0,
            "epoch": 1,
            "phase": "watch",
            "share": 0.1,
            "method": "GET",
            "path": "/checkout",
            "status": 0,
            "duration_ms": None,
            "flags": "-",
            "bytes": 0,
            "device": draw.choice(("phone", "desktop")),
            "region": draw.choice("abc"),
        }
        status, took = (500 if draw.random() < 0.01 else 200), draw.random() * 810
        ended = begun | {"type": "end", "served": arm, "attempts": 1, "status": status, "duration_ms": took}
        for line in (begun, ended):
            yield json.dumps(line, separators=(",", ":")).encode() + b"\n"


def name(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()[:32]


def cpu(work: object) -> float:
    """Processor seconds of the call: other work on the machine does not count."""
    began = time.process_time()
    work()  # type: ignore[operator]
    return time.process_time() - began


def scan(log: Path) -> None:
    """The same fields, counted by arm and status: the least that any reader of this file does."""
    types = ", ".join(
        f"{field}: '{kind}'" for field, kind in (FIELDS | {"device": "VARCHAR", "region": "VARCHAR"}).items()
    )
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(
        f"SELECT arm, status, count(*), max(time), count(DISTINCT customer), sum(duration_ms), max(id), "
        f"max(path), max(device), max(region) "
        f"FROM read_json('{log}', format = 'newline_delimited', columns = {{{types}}}) GROUP BY ALL"
    ).fetchall()


def throughput(directory: Path) -> None:
    draw = random.Random(1)
    log = directory / "access.jsonl"
    customers = (name(min(60_000, n // 4 + draw.randrange(2000))) for n in range(LINES // 2))
    log.write_bytes(b"".join(requests(draw, customers, 0, 0.002)))
    rates, scans = [], []
    for run in range(3):
        source = LiveSource(plan("60s"), directory / f"state{run}", log=log, form=log_form("envoy"))

        def read(source: LiveSource = source) -> None:
            number = 0
            while source.collect(number, epochs=EPOCHS, lapses=(), now=READ).intake.lines:
                number += 1

        rates.append(LINES / cpu(read))
        scans.append(LINES / cpu(lambda: scan(log)))
        source.close()
    ours, plain = statistics.median(rates), statistics.median(scans)
    print(f"log to tallies and Parquet   {ours:>10,.0f} lines/s of one core")
    print(f"plain DuckDB scan            {plain:>10,.0f} lines/s of one core ({plain / ours:.1f} times as fast)")


def ticks(directory: Path) -> None:
    """Ticks of 200 requests by 50 customers, before and after a million others came."""
    draw = random.Random(2)
    log = directory / "late.jsonl"
    log.touch()
    source = LiveSource(plan("3s"), directory / "late", log=log, form=log_form("envoy"), most=100_000_000)
    second, number = 0.0, 0

    def tick(customers: list[str], pause: float) -> float:
        nonlocal second, number
        with log.open("ab") as file:
            file.writelines(requests(draw, iter(customers), second, pause))
        second += len(customers) * pause
        took = cpu(lambda: source.collect(number, epochs=EPOCHS, lapses=(), now=READ))
        number += 1
        return took

    def small(first: int) -> float:
        return statistics.median(
            tick([name(first + n * 50 + draw.randrange(50)) for _ in range(200)], 0.0025) for n in range(40)
        )

    early = small(0)
    for part in range(20):
        tick([name(1_000_000 + part * 50_000 + n) for n in range(50_000)], 0.001)
        log.write_bytes(b"")
    late = small(10_000)
    print(f"a tick, no customers yet     {1000 * early:>10.0f} ms")
    print(f"a tick, 1,000,000 customers  {1000 * late:>10.0f} ms ({late / early:.2f} times)")
    source.close()
    opened = cpu(
        lambda: LiveSource(
            plan("3s"), directory / "late", log=log, form=log_form("envoy"), most=100_000_000
        ).close()
    )
    print(f"the same source opened again {1000 * opened:>10.0f} ms")


def main() -> None:
    with TemporaryDirectory() as directory:
        throughput(Path(directory))
        ticks(Path(directory))


if __name__ == "__main__":
    main()
