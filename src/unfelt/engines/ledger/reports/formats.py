"""One reader a format: from content to numbers. Formats are those of their makers, in versions that name them.

JUnit XML (the Ant task's form), SARIF 2.1.0 (OASIS), CycloneDX 1.x (ECMA-424), Locust's stats CSV, k6's summary.
"""

import csv
import io
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, ReportError, listed, mapping, number, numbers

MOST_RESULTS = 100_000
MOST_ROWS = 20_000
HIGH = 7.0
"""From this severity on (CVSS 3, `security-severity` in SARIF) a finding is high."""


def sarif(data: Mapping[str, Any]) -> Report:
    """Results; those that are high by `security-severity`, or by level `error` where none is given.

    Suppressed results do not count. `new_high` counts high ones of `baselineState` new, where the tool says that,
    and none where none is high.
    """
    results, high, new, said, tools = 0, set(), 0, False, []
    for run in map(mapping, listed(data.get("runs"))):
        driver = mapping(mapping(run.get("tool")).get("driver"))
        tools.append(str(driver.get("name") or "?"))
        rules = {str(rule.get("id")): rule for rule in map(mapping, listed(driver.get("rules")))}
        for result in map(mapping, listed(run.get("results"))):
            if results >= MOST_RESULTS:
                raise ReportError(Message("it has more than {n} results: split it", n=MOST_RESULTS))
            if listed(result.get("suppressions")):
                continue
            results += 1
            said = said or "baselineState" in result
            if _is_high(result, rules):
                high.add(_fingerprint(result))
                new += result.get("baselineState") == "new"
    found = {"results": results, "high": len(high)}
    if said or not high:
        found["new_high"] = new
    return Report("SARIF", numbers(found), ", ".join(tools), frozenset(high))


def _is_high(result: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]]) -> bool:
    rule = rules.get(str(result.get("ruleId")), {})
    severity = mapping(rule.get("properties")).get("security-severity")
    try:
        return float(str(severity)) >= HIGH
    except ValueError:
        level = result.get("level") or mapping(rule.get("defaultConfiguration")).get("level") or "warning"
        return level == "error"


def _fingerprint(result: Mapping[str, Any]) -> str:
    """What the tool calls the finding across runs; else rule, file and message (lines move)."""
    given = mapping(result.get("partialFingerprints")) or mapping(result.get("fingerprints"))
    if given:
        return f"{result.get('ruleId')} {sorted(given.items())}"
    place = mapping(mapping((listed(result.get("locations")) or [{}])[0]).get("physicalLocation"))
    file = mapping(place.get("artifactLocation")).get("uri")
    return f"{result.get('ruleId')} {file} {mapping(result.get('message')).get('text')}"


def cyclonedx(data: Mapping[str, Any]) -> Report:
    """Components, those without a licence, and vulnerabilities; high ones are not resolved and rated so."""
    components = [mapping(one) for one in listed(data.get("components"))]
    high = set()
    weak = [mapping(one) for one in listed(data.get("vulnerabilities"))]
    for one in weak:
        ratings = [str(mapping(rating).get("severity")).lower() for rating in listed(one.get("ratings"))]
        settled = mapping(one.get("analysis")).get("state") in ("resolved", "not_affected", "false_positive")
        if not settled and {"high", "critical"}.intersection(ratings):
            high.add(str(one.get("id")))
    found = {
        "components": len(components),
        "without_licence": sum(not listed(one.get("licenses")) for one in components),
        "vulnerabilities": len(weak),
        "high": len(high),
        **({} if high else {"new_high": 0}),
    }
    return Report("CycloneDX", numbers(found), str(data.get("specVersion") or ""), frozenset(high))


def locust(text: str) -> Report:
    """The row `Aggregated` of `locust --csv`: requests, failures, rate a second, p50, p95, p99 in seconds."""
    try:
        rows = list(islice(csv.DictReader(io.StringIO(text)), MOST_ROWS))
    except csv.Error as error:
        raise ReportError(Message("it is not CSV that can be read: {error}", error=error)) from error
    total = next((row for row in rows if row.get("Name") == "Aggregated"), None)
    if total is None:
        raise ReportError(Message("it has no row `Aggregated`: take NAME_stats.csv of locust --csv NAME"))
    requests, failures = _value(total, "Request Count"), _value(total, "Failure Count")
    return Report(
        "Locust",
        _load(
            requests,
            failures,
            _value(total, "Requests/s"),
            {p: _value(total, f"{p}%", 1000) for p in (50, 95, 99)},
        ),
    )


def _value(row: Mapping[str, Any], name: str, unit: float = 1.0) -> float | None:
    try:
        return number(float(str(row.get(name)).strip()) / unit)
    except ValueError:
        return None


def k6(data: Mapping[str, Any]) -> Report:
    """`k6 run --summary-export`, or the data of handleSummary: the same numbers as of Locust."""

    def metric(name: str) -> Mapping[str, Any]:
        found = mapping(mapping(data.get("metrics")).get(name))
        return mapping(found.get("values")) or found

    waits, requests, failed = (metric(name) for name in ("http_req_duration", "http_reqs", "http_req_failed"))
    count = number(requests.get("count"))
    part = number(failed.get("rate", failed.get("value")))
    quantiles = {50: "med", 95: "p(95)", 99: "p(99)"}
    times = {p: number(waits.get(name)) for p, name in quantiles.items()}
    return Report(
        "k6",
        _load(
            count,
            None if count is None or part is None else part * count,
            number(requests.get("rate")),
            {p: None if time is None else time / 1000 for p, time in times.items()},
        ),
    )


def _load(
    requests: float | None, failures: float | None, rate: float | None, waits: Mapping[int, float | None]
) -> dict[str, float]:
    part = failures / requests if requests and failures is not None else None
    found = {"requests": requests, "failures": failures, "failed_part": part, "rate": rate}
    found |= {f"p{p}": wait for p, wait in waits.items()}
    return numbers(found)


JSON_FORMATS: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Report]], ...] = (
    (lambda data: "runs" in data and "sarif" in str(data.get("$schema", data.get("version", ""))).lower(), sarif),
    (lambda data: "runs" in data and str(data.get("version")) == "2.1.0", sarif),
    (lambda data: data.get("bomFormat") == "CycloneDX", cyclonedx),
    (lambda data: "http_req_duration" in mapping(data.get("metrics")), k6),
)
"""How a JSON report is told from others, and its reader."""
