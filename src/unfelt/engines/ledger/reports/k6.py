"""k6: the summary of `--summary-export`, the data of handleSummary, and the summary of k6 1 for machines."""

from collections.abc import Iterator, Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, mapping, mappings, number, shown
from unfelt.engines.ledger.reports.load import Load

OWN = frozenset(
    (
        "http_req_duration",
        "http_reqs",
        "iterations",
        "iteration_duration",
        "vus",
        "vus_max",
        "data_received",
        "checks",
    )
)
"""Metrics that k6 has by itself."""
QUANTILES = {50: "med", 95: "p(95)", 99: "p(99)"}
Metrics = Mapping[str, Mapping[str, Any]]


def is_k6(data: Mapping[str, Any]) -> bool:
    """It has metrics by k6's names."""
    return bool(OWN & _metrics(data).keys())


def _metrics(data: Mapping[str, Any]) -> Metrics:
    """By name: the values and thresholds of each metric, whichever way the summary has them."""
    results = mapping(data.get("results"))
    if "metrics" in results:
        return {str(one.get("name")): one for one in mappings(results["metrics"])}
    return {name: mapping(one) for name, one in mapping(data.get("metrics")).items()}


def k6(data: Mapping[str, Any]) -> Report:
    """The same numbers as of Locust, and how many of its own thresholds it did not keep."""
    metrics = _metrics(data)

    def metric(name: str) -> Mapping[str, Any]:
        found = mapping(metrics.get(name))
        return mapping(found.get("values")) or found

    waits, requests, failed = (metric(name) for name in ("http_req_duration", "http_reqs", "http_req_failed"))
    count, lasted = number(requests.get("count")), _lasted(data)
    rate = number(requests.get("rate", count / lasted if count and lasted else None))
    thresholds = list(_thresholds(metrics))
    crossed = [name for name, is_kept in thresholds if not is_kept]
    times = {p: number(waits.get(name)) for p, name in QUANTILES.items()}
    return Load(
        count,
        _failures(failed, count),
        rate,
        lasted,
        {p: None if time is None else time / 1000 for p, time in times.items()},
        {"thresholds_failed": float(len(crossed))} if thresholds else {},
        _broke(crossed),
    ).report("k6")


def _broke(crossed: list[str]) -> Message | None:
    names = shown(", ".join(crossed[:10]))
    return Message("it crossed its own thresholds: {names}", names=names) if crossed else None


def _lasted(data: Mapping[str, Any]) -> float | None:
    """Seconds, where the summary says."""
    lasted = number(mapping(data.get("state")).get("testRunDurationMs"))
    return number(mapping(data.get("config")).get("duration")) if lasted is None else lasted / 1000


def _failures(failed: Mapping[str, Any], requests: float | None) -> float | None:
    """So many requests failed: k6 counts a failed one as one that passes `http_req_failed`."""
    counted = number(failed.get("passes", failed.get("matches")))
    part = number(failed.get("rate", failed.get("value")))
    if counted is not None:
        return counted
    return None if requests is None or part is None else number(part * requests)


def _thresholds(metrics: Metrics) -> Iterator[tuple[str, bool]]:
    """Each by its name, and whether it was kept: `--summary-export` writes true where it was crossed."""
    for name, metric in metrics.items():
        for rule, said in mapping(metric.get("thresholds")).items():
            yield f"{name} {rule}", mapping(said).get("ok") is True if isinstance(said, dict) else said is False
