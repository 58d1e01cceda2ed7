"""Any report: told by what it holds, read the same each time, refused with a reason, and no pass from nothing."""

import json
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from unfelt.engines.ledger.payload import Given
from unfelt.engines.ledger.programs import Reported
from unfelt.engines.ledger.reports import compare, form
from unfelt.engines.ledger.reports.compare import beside
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import read_report, reread

JUNIT = b'<testsuites><testsuite name="s" tests="1" failures="0"><testcase name="a"/></testsuite></testsuites>'
SARIF = json.dumps(
    {
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {"name": "scan", "rules": [{"id": "R", "properties": {"security-severity": "1"}}]}
                },
                "invocations": [{"executionSuccessful": True}],
                "results": [{"ruleId": "R", "message": {"text": "m"}}],
            }
        ],
    }
).encode()
BOM = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{"name": "a"}],
        "vulnerabilities": [{"id": "C", "ratings": [{"severity": "low", "score": 1.0}]}],
    }
).encode()
BOM_XML = (
    b'<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component><name>a</name></component></components>'
    b"<vulnerabilities><vulnerability><id>C</id></vulnerability></vulnerabilities></bom>"
)
TRIVY = json.dumps(
    {"SchemaVersion": 2, "ArtifactName": "a", "Results": [{"Target": "a", "Class": "os-pkgs", "Type": "alpine"}]}
).encode()
CSV = b"Type,Name,Request Count,Failure Count,Requests/s,50%,95%,99%\n,Aggregated,3000,10,130,40,120,200\n"
HISTORY = (
    b"Timestamp,User Count,Type,Name,95%,Total Request Count,Total Failure Count,Total Median Response Time\n"
    b"0,1,,Aggregated,9,0,0,9\n60,1,,Aggregated,9,600,6,9\n"
)
K6 = json.dumps(
    {
        "metrics": {
            "http_req_duration": {"med": 40.0, "p(95)": 120.0, "thresholds": {"p(95)<500": False}},
            "http_reqs": {"count": 1000, "rate": 13.0},
            "http_req_failed": {"value": 0.01, "passes": 10, "fails": 990},
        }
    }
).encode()
LOCUST = json.dumps(
    [{"name": "/", "method": "GET", "num_requests": 9, "num_failures": 0, "response_times": {"5": 9}}]
)
GOOD = {
    "JUnit": JUNIT,
    "SARIF": SARIF,
    "CycloneDX": BOM,
    "CycloneDX as XML": BOM_XML,
    "Trivy": TRIVY,
    "Locust": CSV,
    "Locust's history": HISTORY,
    "Locust's JSON": LOCUST.encode(),
    "k6": K6,
    "JSON": b'{"failures": 0}',
    "CSV": b"failures,age\n0,5\n",
}


def numbers(content: bytes) -> dict:
    """The numbers of the report alone."""
    return dict(read_report(content).numbers)


@pytest.mark.parametrize("name", GOOD)
def test_a_report_is_told_by_what_it_holds(name):
    """With a byte order mark, and in UTF-16 with one, it is the same."""
    content = GOOD[name]
    found = read_report(content)
    assert (found.format, found.ran.state) == (name.partition("'")[0].partition(" as")[0], "ran")
    for other in (b"\xef\xbb\xbf" + content, content.decode().encode("utf-16")):
        assert read_report(other) == found


@pytest.mark.parametrize("name", GOOD)
def test_the_same_bytes_say_the_same_again(name):
    """Alone and beside another, with a peak: of the bytes alone, without what was known when they were brought."""
    content = GOOD[name]
    once = beside(read_report(content), read_report(content), peak=100.0)
    assert reread(content, content, 100.0) == once
    assert reread(content) == read_report(content)


def test_words_inside_of_what_is_printed_do_not_tell_a_report():
    """A test that prints SARIF is a test; numbers under the name of a tool are numbers."""
    printed = b'<testsuite><testcase name="a"><system-out>{"runs": [], "$schema": "sarif"}</system-out></testcase>'
    assert read_report(printed + b"</testsuite>").format == "JUnit"
    assert read_report(b'{"failures": 1, "note": "bomFormat: CycloneDX, http_req_duration"}').format == "JSON"


def test_plain_numbers_are_their_own():
    """Nested under `numbers`, or as they stand; what is no finite number is left out."""
    assert numbers(b'{"age": 60, "ok": true, "name": "x", "inf": Infinity}') == {"age": 60}
    assert numbers(b'{"numbers": {"fit": 0.66}, "age": 1}') == {"fit": 0.66}
    assert numbers(b'{"verdict": "open"}') == {}
    assert numbers(b"age,fit,name\n60,0.5,x\n") == {"age": 60, "fit": 0.5}
    assert numbers(b"name,value\r\nage,60\r\nfit,0.5\r\n") == {"age": 60, "fit": 0.5}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "its form is not known"),
        (b"\xff\xfe", "its form is not known"),
        (b"\xff\xfe\x00", "not text in UTF-16-LE"),
        (b"\xff", "not text in UTF-8"),
        (b"<a", "it is not XML"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><testsuites>&b;</testsuites>', "a document type of its own"),
        (b"{", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[1]", "it is a list"),
        (b"[]", "it is a list"),
        (b"a,b\nx,y\n", "looks like CSV: a, b"),
        (b'{"numTotalTests": 1, "testResults": []}', r"looks like Jest \(JSON\)"),
        (b'{"results": [], "errors": [], "version": "1"}', r"looks like Semgrep \(JSON\)"),
        (b'{"spdxVersion": "SPDX-2.3", "count": 1}', r"looks like SPDX \(JSON\)"),
        (b"<TestRun/>", "looks like TRX"),
        (b"timeStamp,elapsed,label\n1,2,a\n2,3,b\n", "looks like CSV: timeStamp, elapsed, label"),
        (b"words about a test that went well", "its form is not known"),
        (b"name,value\na,1\na,2\n", "looks like CSV"),
        (b"a,b\n1\n", "looks like CSV"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(content, said):
    """Never numbers; and it says what is read."""
    with pytest.raises(ReportError, match=said) as caught:
        read_report(content)
    assert "looks like" not in said or "Read are: JUnit XML, SARIF 2.1.0, CycloneDX" in str(caught.value)


def test_reports_of_two_programs_are_not_compared():
    """It says which is which."""
    with pytest.raises(ReportError, match="one is of k6, the other of JUnit"):
        beside(read_report(K6), read_report(JUNIT))


def verdict(content: bytes, **limits: str) -> str:
    """What follows from the report beside these limits."""
    from unfelt.engines.ledger.rules import Rules

    report = read_report(content)
    payload = Reported.bring(Given(dict(report.numbers), report=report))
    again = Reported.model_validate(payload.model_dump(mode="json", exclude_defaults=True))
    assert again == payload
    return Rules.read(limits).judge(again)[0]


def test_what_the_limits_are_makes_no_pass_of_nothing():
    """Every limit holds for the numbers, and none is asked."""
    nothing = {
        b"<testsuites/>": ("not_run", "failures"),
        b'<testsuite tests="0"><error/></testsuite>': ("fail", "skipped"),
        b'{"version": "2.1.0", "runs": []}': ("not_run", "high"),
        b'{"SchemaVersion": 2, "ArtifactName": "a"}': ("not_run", "high"),
        b'{"metrics": {"http_reqs": {"count": 3, "rate": 3.0}}}': ("inconclusive", "failures"),
    }
    for content, (expected, name) in nothing.items():
        assert (content, verdict(content, **{name: "<= 9"})) == (content, expected)
    assert verdict(JUNIT, failures="<= 0") == verdict(SARIF, new_high="<= 0") == "pass"


@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf{}")
@example(b"\xfe\xff\xd8\x00")
@example(b'<?xml version="1.0" encoding="gb18030"?><testsuite name="\xff"/>')
def test_any_bytes_are_a_report_or_refused(content):
    """No other error."""
    with suppress(ReportError):
        read_report(content)


@settings(max_examples=400)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_a_report_that_was_cut_or_changed_is_a_report_or_refused(name, data):
    """Bytes put in, taken out, or others in their place; it raises nothing else, and compares with itself."""
    content = GOOD[name]
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 30)))
    changed = content[:start] + data.draw(st.binary(max_size=6)) + content[end:]
    with suppress(ReportError):
        found = read_report(changed)
        assert all(abs(value) < float("inf") for value in found.numbers.values())
        with suppress(ReportError):
            assert beside(found, found, peak=1.0).format == found.format


WORDS = (
    *("runs", "results", "tool", "driver", "rules", "id", "properties", "security-severity", "level", "locations"),
    *(
        "metrics",
        "http_req_duration",
        "http_reqs",
        "components",
        "vulnerabilities",
        "ratings",
        "numbers",
        "Results",
    ),
    *(
        "rule",
        "index",
        "guid",
        "toolComponent",
        "extensions",
        "invocations",
        "analysis",
        "affects",
        "ref",
        "values",
    ),
    *("thresholds", "kind", "suppressions", "baselineState", "partialFingerprints", "Vulnerabilities", "Severity"),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.just(1e308), st.text(max_size=5)),
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
HEADS = (
    {},
    {"version": "2.1.0"},
    {"bomFormat": "CycloneDX", "specVersion": "1.5"},
    {"SchemaVersion": 2, "ArtifactName": "a"},
    {"ClusterName": "c"},
)


def replaced(data, path, inner):
    """The data with something else at that place."""
    if not path:
        return inner
    if isinstance(data, dict) and data:
        key = sorted(data)[path[0] % len(data)]
        return {**data, key: replaced(data[key], path[1:], inner)}
    if isinstance(data, list) and data:
        at = path[0] % len(data)
        return [*data[:at], replaced(data[at], path[1:], inner), *data[at + 1 :]]
    return inner


@given(anything, st.sampled_from(HEADS))
def test_any_json_is_a_report_or_refused(data, head):
    """Whatever lies where the formats have their parts, numbers are finite, and nothing in it is new to itself."""
    inside = data if isinstance(data, dict) else {"runs": data, "metrics": data, "Results": data}
    content = json.dumps({**inside, **head}).encode()
    with suppress(ReportError):
        found = read_report(content)
        assert all(abs(value) < float("inf") for value in found.numbers.values())
        with suppress(ReportError):
            assert beside(found, found).numbers.get("new_high", 0) == found.unnamed


@settings(max_examples=300)
@given(
    st.sampled_from([name for name, content in GOOD.items() if content[:1] in b"{["]),
    st.lists(st.integers(0, 9), min_size=1, max_size=6),
    anything,
)
def test_json_with_something_else_in_one_place_is_a_report_or_refused(name, path, inner):
    """Whatever the place and whatever stands there."""
    content = json.dumps(replaced(json.loads(GOOD[name]), path, inner)).encode()
    with suppress(ReportError):
        assert all(abs(value) < float("inf") for value in read_report(content).numbers.values())


@given(st.lists(st.sampled_from(["pass", "skip", "idle"]), max_size=4), st.integers(0, 3), st.integers(0, 3))
def test_tests_pass_only_where_one_ran(cases, tests, skipped):
    """Whatever the attributes say of it."""
    inside = {"pass": '<testcase name="a"/>', "skip": "<testcase><skipped/></testcase>"}
    inside["idle"] = '<testcase status="notrun"/>'
    listed = "".join(inside[case] for case in cases)
    content = f'<testsuite tests="{tests}" skipped="{skipped}">{listed}</testsuite>'.encode()
    assert (verdict(content, failures="<= 0") == "pass") <= ("pass" in cases)


@pytest.mark.parametrize(
    "content",
    [
        b'{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "a\\ud800\\u0000b"}}, "invocations": '
        b'[{"executionSuccessful": false, "exitCodeDescription": "\\ud800"}], "results": []}]}',
        b'{"SchemaVersion": 2, "ArtifactName": "\\ud800\\u0000"}',
        b"<testsuite name='" + b"x" * 9_000 + b"'/>",
        b"<testsuites><testsuite time='1e308'/><testsuite time='1e308'/></testsuites>",
        json.dumps([{"num_requests": 1e308, "num_failures": 1e308, "response_times": {"1": 1e308}}] * 2).encode(),
        b'{"metrics": {"http_reqs": {"count": 1e308, "rate": 1e-308}, "http_req_failed": {"rate": 1e308}}}',
        json.dumps({"version": "2.1.0", "runs": [{"tool": {}, "results": [{"ruleId": "a/" * 99_999}]}]}).encode(),
    ],
)
def test_what_is_kept_of_a_report_can_be_kept(content):
    """Names that can be printed, numbers that are finite, whatever stands in it."""
    report = read_report(content)
    payload = Reported.bring(Given(dict(beside(report, None, peak=1e-300).numbers), report=report))
    kept = json.dumps(payload.model_dump(mode="json"), ensure_ascii=False, allow_nan=False).encode()
    assert len(kept) < 2_000
    assert b"\\u0000" not in kept


def test_examples_in_docstrings_run():
    """Of the comparison and of what a reader gives."""
    import doctest

    assert [doctest.testmod(module).failed for module in (compare, form)] == [0, 0]
