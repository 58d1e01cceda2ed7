"""Locust: the CSV of `--csv` (its statistics, or their history) and the JSON of `--json`."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, ReportError, mapping, number, written
from unfelt.engines.ledger.reports.load import Load

WHOLE = ("Aggregated", "Total")
"""The row of all requests together, by version."""
QUANTILES = (50, 95, 99)
MEDIAN = {50: "Median response time"}
"""What old versions call a quantile."""
Row = Mapping[str, str]


def is_statistics(header: list[str]) -> bool:
    """The CSV has Locust's columns of statistics."""
    return "Name" in header and bool({"Request Count", "# requests"} & set(header)) and "Timestamp" not in header


def is_history(header: list[str]) -> bool:
    """The CSV has Locust's columns of history."""
    return {"Timestamp", "User Count", "Name", "Total Request Count"} <= set(header)


def statistics(rows: list[Row]) -> Report:
    """The row of all requests: requests, failures, rate a second, p50, p95, p99 in seconds."""
    total = _whole(rows)[-1]
    return Load(
        _value(total, "Request Count", "# requests"),
        _value(total, "Failure Count", "# failures"),
        _value(total, "Requests/s"),
        waits={p: _value(total, f"{p}%", MEDIAN.get(p, ""), unit=1000) for p in QUANTILES},
    ).report("Locust")


def history(rows: list[Row]) -> Report:
    """The whole run by its last row. `highest_p95` is of the worst moment: of the whole it has only the median."""
    found = _whole(rows)
    last, times = found[-1], [written(row.get("Timestamp")) for row in found]
    known = [time for time in times if time is not None]
    seconds = max(known) - min(known) if known else None
    requests = _value(last, "Total Request Count")
    worst = [wait for row in found if (wait := _value(row, "95%", unit=1000)) is not None]
    return Load(
        requests,
        _value(last, "Total Failure Count"),
        requests / seconds if requests is not None and seconds else None,
        seconds,
        {50: _value(last, "Total Median Response Time", unit=1000)},
        {"highest_p95": max(worst, default=None)},
    ).report("Locust")


def _whole(rows: list[Row]) -> list[Row]:
    found = [row for row in rows if row.get("Name") in WHOLE]
    if not found:
        raise ReportError(Message("it has no row `Aggregated`: take NAME_stats.csv of locust --csv NAME"))
    return found


def _value(row: Row, *names: str, unit: float = 1.0) -> float | None:
    found = next((value for name in names if (value := written(row.get(name))) is not None), None)
    return None if found is None else found / unit


def is_locust(data: list[Any]) -> bool:
    """The JSON is a list of what Locust counts of each request."""
    return bool(data) and all("num_requests" in mapping(one) and "num_failures" in mapping(one) for one in data)


def locust_json(data: list[Any]) -> Report:
    """All requests together; waits from the counts of their rounded times, as Locust itself reckons them."""
    requests = failures = 0.0
    waits: Counter[float] = Counter()
    begun, ended = [], []
    for one in data:
        if one.get("name") in WHOLE and not one.get("method"):
            continue
        requests += number(one["num_requests"]) or 0
        failures += number(one["num_failures"]) or 0
        begun += [time] if (time := number(one.get("start_time"))) else []
        ended += [time] if (time := number(one.get("last_request_timestamp"))) else []
        for wait, n in mapping(one.get("response_times")).items():
            waits[written(wait) or 0.0] += max(0, int(number(n) or 0))
    seconds = max(ended) - min(begun) if begun and ended else None
    rate = requests / seconds if seconds and seconds > 0 else None
    quantiles = {p: _quantile(waits, p) for p in QUANTILES}
    return Load(number(requests), number(failures), rate, seconds, quantiles).report("Locust")


def _quantile(waits: Counter[float], percent: int) -> float | None:
    """The time in seconds within which that part of the requests was answered."""
    left = waits.total() - waits.total() * percent // 100
    for wait in sorted(waits, reverse=True):
        left -= waits[wait]
        if left <= 0:
            return wait / 1000
    return None
