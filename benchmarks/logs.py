"""Recorded logs of every format: how long reading takes beside a bare DuckDB scan of the same file, in one run.

Run it with: .venv/bin/python benchmarks/logs.py [LINES]
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "adapters" / "sources"))

import duckdb
import log_days

from unfelt.adapters.sources.complete import SETTINGS
from unfelt.adapters.sources.logs.arms import form_of
from unfelt.adapters.sources.logs.form import Written
from unfelt.adapters.sources.logs.reading import take, wants_of

RUNS = 3
CLEAN = tuple(path for path in log_days.PATHS if "\udce9" not in path)


def fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest of RUNS."""
    found = []
    for _run in range(RUNS):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def scan(connection: duckdb.DuckDBPyConnection, path: Path, style: log_days.Style) -> None:
    """Every line, or every object, of the file in a table."""
    if style.write.__name__ in ("json_nginx", "traefik", "caddy", "envoy_json"):
        rows = f"FROM read_json('{path}', format = 'newline_delimited', ignore_errors = true)"
    else:
        rows = f"""FROM read_csv('{path}', columns = {{line: 'VARCHAR'}}, header = false, auto_detect = false,
            delim = '\x01', quote = '', escape = '', strict_mode = false)"""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE bare AS {rows}")


def read(connection: duckdb.DuckDBPyConnection, path: Path, style: log_days.Style) -> None:
    """The file as the log of an arm: time, path, status, duration and customer of each line, and the account."""
    needed = frozenset({"status", "path"} | ({"duration_ms"} if style.took else set()))
    wants = wants_of(needed, style.uid, {})
    with TemporaryDirectory() as folder:
        name = style.format if style.notation else "auto"
        form, taken = form_of(connection, str(path), Written(style.notation or ""), "old", Path(folder), name=name)
        parsed = take(connection, form, taken, arm="old", into="log", wants=wants)
    assert parsed.lines.unparsed == parsed.lines.undecodable == 0


def main() -> None:
    """One line for each format."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    requests = [one for one in log_days.day(many, 1, customers=5000) if one.path in CLEAN]
    print(f"{'format':22} {'scan s':>7} {'read s':>7} {'ratio':>6}  ({len(requests)} lines)")
    for name, style in log_days.STYLES.items():
        with TemporaryDirectory() as place:
            path = Path(place) / "access.log"
            path.write_bytes(log_days.encoded(style.head) + b"".join(log_days.lines(style, requests)))
            connection = duckdb.connect()
            connection.execute(SETTINGS)
            bare = fastest(partial(scan, connection, path, style))
            ours = fastest(partial(read, connection, path, style))
            print(f"{name:22} {bare:7.3f} {ours:7.3f} {ours / bare:6.1f}", flush=True)


if __name__ == "__main__":
    main()
