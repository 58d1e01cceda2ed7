"""Reports of other programs: the numbers in each, and refusals of what is none."""

import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from unfelt.engines.ledger.reports import read
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import beside, read_report

JUNIT = (
    '<testsuites><testsuite><testcase name="a"/><testcase name="b"><failure/></testcase>'
    '<testcase name="c"><error/></testcase><testcase name="d"><skipped/></testcase></testsuite></testsuites>'
)
CSV = (
    "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
    "Max Response Time,Average Content Size,Requests/s,Failures/s,"
    "50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%\n"
    "GET,/a,10,0,1,1,1,1,1,1.0,0.0,1,1,1,1,1,1,1,1,1,1,1\n"
    ",Aggregated,1000,10,40,45,3,720,2048,130.0,1.3,40,45,50,60,80,P95,150,200,400,700,720\n"
)
K6 = {
    "metrics": {
        "http_req_duration": {"med": 40.0, "p(95)": 120.0, "avg": 50},
        "http_reqs": {"count": 1000, "rate": 130.0},
        "http_req_failed": {"value": 0.01, "passes": 10, "fails": 990},
    }
}


def sarif(*results: dict, severity: str = "8.1", **driver: str) -> bytes:
    """A report with these results of one rule."""
    rule = {"id": "R", "properties": {"security-severity": severity}}
    tool = {"driver": {"name": "scan", "rules": [rule], **driver}}
    found = [{"ruleId": "R", "message": {"text": "m"}, **result} for result in results]
    return json.dumps({"version": "2.1.0", "runs": [{"tool": tool, "results": found}]}).encode()


def at(file: str, line: int) -> dict:
    """Where a result stands."""
    place = {"artifactLocation": {"uri": file}, "region": {"startLine": line}}
    return {"locations": [{"physicalLocation": place}]}


def numbers(content: bytes) -> dict:
    """The numbers of the report alone."""
    return dict(read_report(content).numbers)


def test_junit_counts_errors_as_failures():
    """Tests, failures, skipped."""
    assert numbers(JUNIT.encode()) == {"tests": 4, "failures": 2, "skipped": 1}


def test_sarif_tells_high_by_severity_and_else_by_level():
    """Suppressed results do not count."""
    assert numbers(sarif(at("a", 1), {"suppressions": [{"kind": "inSource"}]})) == {"results": 1, "high": 1}
    assert numbers(sarif(at("a", 1), severity="3")) == {"results": 1, "high": 0, "new_high": 0}
    assert numbers(sarif({"level": "error"}, severity="?"))["high"] == 1
    assert numbers(sarif({"level": "warning"}, severity="?"))["high"] == 0


def test_a_finding_of_the_old_version_is_not_new_when_its_line_moves():
    """By rule, file and message; a tool's own fingerprint comes first."""
    old, new = sarif(at("a", 1)), sarif(at("a", 9), at("b", 1))
    assert beside(read_report(new), read_report(old))["new_high"] == 1
    named = {"partialFingerprints": {"primary": "x"}}
    one, two = sarif(at("a", 1) | named), sarif(at("moved", 1) | named)
    assert beside(read_report(two), read_report(one))["new_high"] == 0
    said = sarif(at("a", 1) | {"baselineState": "new"}, at("b", 1) | {"baselineState": "unchanged"})
    assert numbers(said)["new_high"] == 1


def test_cyclonedx_counts_what_is_rated_high_and_not_settled():
    """Components, licences, vulnerabilities."""
    weak = [
        {"id": "A", "ratings": [{"severity": "high"}]},
        {"id": "B", "ratings": [{"severity": "critical"}], "analysis": {"state": "not_affected"}},
        {"id": "C", "ratings": [{"severity": "low"}]},
    ]
    parts = [{"name": "a", "licenses": [{}]}, {"name": "b"}]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": parts, "vulnerabilities": weak}
    assert numbers(json.dumps(bom).encode()) == {
        "components": 2,
        "without_licence": 1,
        "vulnerabilities": 3,
        "high": 1,
    }


def test_locust_and_k6_give_the_same_numbers():
    """Rates a second, waits in seconds, failures as a part."""
    csv, k6 = numbers(CSV.replace("P95", "120").encode()), numbers(json.dumps(K6).encode())
    assert (csv["requests"], csv["failures"], csv["failed_part"], csv["rate"]) == (1000, 10, 0.01, 130)
    assert (csv["p50"], csv["p95"], csv["p99"]) == (0.04, 0.12, 0.2)
    assert k6 == {name: value for name, value in csv.items() if name != "p99"}


def test_load_is_held_against_old_and_peak():
    """p95 from 100 to 120 ms is 20 % slower; 130 a second at a peak of 100 are 1.3 times."""
    new, old = (read_report(CSV.replace("P95", wait).encode()) for wait in ("120", "100"))
    found = beside(new, old, peak=100)
    assert (round(found["slower_p95"], 6), found["load"], found["more_failed"]) == (0.2, 1.3, 0)


def test_plain_json_is_its_own_numbers():
    """Nested under `numbers`, or as they stand; what is no finite number is left out."""
    assert numbers(b'{"age": 60, "ok": true, "name": "x", "inf": Infinity}') == {"age": 60}
    assert numbers(b'{"numbers": {"fit": 0.66}, "age": 1}') == {"fit": 0.66}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "its form is not known"),
        (b"\xff\xfe", "not text in UTF-8"),
        (b"<a", "it is not XML"),
        (b"<html></html>", "not of JUnit"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><testsuites>&b;</testsuites>', "a document type of its own"),
        (b"{", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[1]", "it is a list"),
        (b"Type,Name\nGET,/a\n", "no row `Aggregated`"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(content, said):
    """Never numbers."""
    with pytest.raises(ReportError, match=said):
        read_report(content)


def test_reports_of_two_programs_are_not_compared():
    """It says which is which."""
    with pytest.raises(ReportError, match="one is of k6, the other of JUnit"):
        beside(read_report(json.dumps(K6).encode()), read_report(JUNIT.encode()))


@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_a_report_or_refused(content):
    """No other error."""
    with suppress(ReportError):
        read_report(content)


WORDS = (
    *("runs", "results", "tool", "driver", "rules", "id", "properties", "security-severity", "level", "locations"),
    *("metrics", "http_req_duration", "components", "vulnerabilities", "ratings", "numbers"),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(WORDS),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=25,
)


@given(anything, st.sampled_from([{}, {"version": "2.1.0"}, {"bomFormat": "CycloneDX"}]))
def test_any_json_is_a_report_or_refused(data, head):
    """Whatever lies where the formats have their parts, numbers are finite."""
    content = json.dumps(
        {**(data if isinstance(data, dict) else {"runs": data, "metrics": data}), **head}
    ).encode()
    with suppress(ReportError):
        found = read_report(content)
        assert all(abs(value) < float("inf") for value in found.numbers.values())
        assert beside(found, found).get("new_high", 0) == 0


def test_examples_in_docstrings_run():
    """Of the comparison."""
    import doctest

    assert doctest.testmod(read).failed == 0
