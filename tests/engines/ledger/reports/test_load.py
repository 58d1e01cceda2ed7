"""Tests of load by Locust and k6: their numbers, and runs that say nothing however good those look."""

import json

import pytest

from unfelt.engines.ledger.reports.compare import beside
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import read_report

STATS = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,"
    "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
    "GET,/a,10,0,1,1,1,1,1,1.0,0.0,1,1,1,1,1,1,1,1,1,1,1\n"
    ",Aggregated,{n},{bad},40,45,3,720,2048,{rate},1.3,40,45,50,60,80,120,150,200,400,700,720\n"
)
HISTORY = (
    "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%,"
    "Total Request Count,Total Failure Count,Total Median Response Time,Total Average Response Time,"
    "Total Min Response Time,Total Max Response Time,Total Average Content Size\n"
)


def stats(n: float = 3000, bad: float = 10, rate: object = 130.0):
    """What Locust's statistics say."""
    return read_report(STATS.format(n=n, bad=bad, rate=rate).encode())


def k6(**metrics: dict):
    """What a summary with these metrics says."""
    own = {"http_req_duration": {"med": 40.0, "p(95)": 120.0}, "http_reqs": {"count": 1000, "rate": 10.0}}
    return read_report(json.dumps({"metrics": {**own, **metrics}}).encode())


def test_locust_and_k6_give_the_same_numbers():
    """Rates a second, waits in seconds, failures as a part."""
    assert dict(stats().numbers) == {
        "requests": 3000,
        "failures": 10,
        "failed_part": 10 / 3000,
        "rate": 130,
        "p50": 0.04,
        "p95": 0.12,
        "p99": 0.2,
    }
    assert dict(k6(http_req_failed={"value": 0.01, "passes": 10, "fails": 990}).numbers) == {
        "requests": 1000,
        "failures": 10,
        "failed_part": 0.01,
        "rate": 10,
        "p50": 0.04,
        "p95": 0.12,
    }


def test_history_is_the_whole_run_by_its_last_row():
    """Its rate from first to last; of the waits only the median is of the whole."""
    rows = [(0, 0, 0, "N/A", "N/A"), (30, 600, 6, "20", "90"), (60, 1800, 6, "30", "70")]
    text = HISTORY + "".join(
        f"{at},5,,Aggregated,1,0,{p50},1,1,1,1,{p95},1,1,1,1,1,{n},{bad},25,1,1,1,1\n"
        for at, n, bad, p50, p95 in rows
    )
    found = read_report(text.encode())
    assert dict(found.numbers) == {
        "requests": 1800,
        "failures": 6,
        "failed_part": 6 / 1800,
        "rate": 30,
        "p50": 0.025,
        "highest_p95": 0.09,
    }
    assert found.ran.state == "ran"
    assert (
        read_report((HISTORY + "0,0,,Aggregated" + ",N/A" * 13 + ",0,0,0,0,0,0,0\n").encode()).ran.state
        == "nothing"
    )


def entry(name: str, n: int, bad: int, times: dict) -> dict:
    """What Locust's JSON counts of one request."""
    return {
        "name": name,
        "method": "GET",
        "num_requests": n,
        "num_failures": bad,
        "start_time": 100.0,
        "last_request_timestamp": 110.0,
        "response_times": times,
    }


def test_locusts_json_is_all_requests_together():
    """Quantiles of the counts of both, rounded up to the slower one as Locust does."""
    data = [entry("/a", 90, 0, {"10": 90}), entry("/b", 10, 5, {"200.0": 5, "400.0": 5})]
    found = read_report(json.dumps(data).encode())
    assert dict(found.numbers) == {
        "requests": 100,
        "failures": 5,
        "failed_part": 0.05,
        "rate": 10,
        "p50": 0.01,
        "p95": 0.4,
        "p99": 0.4,
    }


@pytest.mark.parametrize(
    ("report", "state"),
    [
        (stats(), "ran"),
        (stats(n=0, bad=0, rate=0.0), "nothing"),
        (stats(n="N/A"), "nothing"),
        (stats(n=3000, bad=3000), "broken"),
        (stats(n=3000, bad=1500), "broken"),
        (stats(n=3000, bad=1499), "ran"),
        (stats(n=130, bad=0, rate=130.0), "little"),
        (k6(), "ran"),
        (k6(http_reqs={"count": 0, "rate": 0}), "nothing"),
        (k6(http_reqs={}, iterations={"count": 5}), "nothing"),
        (k6(http_req_failed={"value": 1, "passes": 1000, "fails": 0}), "broken"),
        (k6(http_req_failed={"rate": 1.0}), "broken"),
        (k6(http_reqs={"count": 10, "rate": 10.0}), "little"),
    ],
)
def test_a_run_that_failed_fast_is_no_pass(report, state):
    """No request came to its end, all failed, or it was over at once."""
    assert report.ran.state == state


def test_k6_says_how_long_it_ran():
    """Also where no request was made for most of the time."""
    data = {"metrics": {"http_reqs": {"values": {"count": 10, "rate": 0.1}}}, "state": {"testRunDurationMs": 900}}
    assert read_report(json.dumps(data).encode()).ran.state == "little"


@pytest.mark.parametrize(
    ("thresholds", "crossed"),
    [
        ({"p(95)<100": True}, 1),
        ({"p(95)<100": False}, 0),
        ({"p(95)<100": {"ok": False}, "max<1": {"ok": True}}, 1),
        ({"p(95)<100": {"ok": True}}, 0),
    ],
)
def test_thresholds_that_were_crossed_are_a_failure(thresholds, crossed):
    """`--summary-export` writes true where it was crossed, handleSummary whether it is well."""
    waits = {"med": 40.0, "p(95)": 120.0, "thresholds": thresholds}
    found = k6(
        http_req_duration=waits
        if True in thresholds.values() or False in thresholds.values()
        else {"values": waits, "thresholds": thresholds}
    )
    assert (found.numbers["thresholds_failed"], found.ran.state) == (crossed, "broken" if crossed else "ran")


def test_the_summary_for_machines_is_read():
    """Metrics by name in a list, and how long the run was."""
    metrics = [
        {"name": "http_reqs", "type": "counter", "values": {"count": 600}},
        {"name": "http_req_failed", "type": "rate", "values": {"matches": 6, "total": 600, "rate": 0.01}},
        {"name": "http_req_duration", "type": "trend", "values": {"med": 10.0, "p(95)": 20.0}},
    ]
    data = {"version": "1.0.0", "config": {"duration": 60.0}, "results": {"metrics": metrics}}
    found = read_report(json.dumps(data).encode())
    expected = {"requests": 600, "failures": 6, "failed_part": 0.01, "rate": 10, "p50": 0.01, "p95": 0.02}
    assert dict(found.numbers) == expected


def test_load_is_held_against_old_and_peak():
    """p95 of 120 ms both, 130 a second at a peak of 100 are 1.3 times."""
    found = beside(stats(), stats(), peak=100).numbers
    assert (found["slower_p95"], found["load"], found["more_failed"]) == (0, 1.3, 0)


def test_an_old_version_that_only_failed_is_nothing_to_be_held_against():
    """Answers that fail are fast, or as slow as a time limit."""
    for old in (stats(n=3000, bad=3000), stats(n=0, bad=0, rate=0.0), stats(n=130, bad=0)):
        with pytest.raises(ReportError, match="nothing can be held against it"):
            beside(stats(), old)


def test_other_csv_of_locust_is_refused():
    """Its failures and exceptions, and statistics without the row of all."""
    with pytest.raises(ReportError, match="no row `Aggregated`"):
        read_report(b"Type,Name,Request Count,Failure Count\nGET,/a,1,0\n")
    with pytest.raises(ReportError, match="looks like CSV: Method, Name, Error, Occurrences"):
        read_report(b"Method,Name,Error,Occurrences\nGET,/a,404,1\nGET,/b,404,1\n")
