"""SARIF in the manner of CodeQL, Semgrep, Trivy and others: what is high or new, and whether the tool ran."""

import json

import pytest

from unfelt.engines.ledger.reports.compare import beside
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import read_report


def rule(name: str, severity: object = None, **more: object) -> dict:
    """A rule of that id and severity."""
    return {"id": name, **({} if severity is None else {"properties": {"security-severity": severity}}), **more}


def at(file: str, line: int = 1) -> dict:
    """Where a result stands."""
    place = {"artifactLocation": {"uri": file}, "region": {"startLine": line}}
    return {"locations": [{"physicalLocation": place}]}


def run(*results: dict, rules: tuple = (), extensions: tuple = (), **more: object) -> dict:
    """A run of a tool."""
    tool = {
        "driver": {"name": "scan", "rules": list(rules)},
        "extensions": [{"name": "pack", "rules": list(extensions)}],
    }
    found = [{"message": {"text": "m"}, **one} for one in results]
    return {"tool": tool, "results": found, **more}


def read(*runs: dict, **more: object):
    """The report of these runs."""
    return read_report(json.dumps({"version": "2.1.0", "runs": list(runs), **more}).encode())


def high(result: dict, **more: object) -> tuple[float, float]:
    """Results and high ones of a run with that one."""
    numbers = read(run(result, **more)).numbers
    return numbers["results"], numbers["high"]


@pytest.mark.parametrize(
    "result",
    [
        {"ruleId": "x/sql"},
        {"ruleId": "x/sql", "rule": {"id": "x/sql", "index": 1, "toolComponent": {"index": 0}}},
        {"rule": {"index": 1, "toolComponent": {"index": 0}}},
        {"rule": {"index": 1, "toolComponent": {"name": "pack"}}},
        {"rule": {"guid": "8e4d"}},
        {"rule": {"id": "x/sql"}},
        {"ruleId": "x/sql/java"},
        {"ruleId": "x/sql", "ruleIndex": 7},
        {"ruleId": "x/sql", "ruleIndex": 0},
    ],
)
def test_the_rule_is_found_in_an_extension(result):
    """By component and index, name, guid, id, or an id above it; an index of another rule does not count."""
    extensions = (rule("other", "2.0"), rule("x/sql", "8.8", guid="8e4d"))
    assert high(result, rules=(rule("mild", "1.0"),), extensions=extensions) == (1, 1)


def test_the_driver_is_meant_where_no_component_is_named():
    """By its index; the worst counts where several have the id."""
    assert high({"ruleIndex": 1}, rules=(rule("a", "1.0"), rule("b", "9.1"))) == (1, 1)
    assert high({"ruleId": "a"}, rules=(rule("a", "1.0"),), extensions=(rule("a", "9.0"),)) == (1, 1)


@pytest.mark.parametrize(
    ("severity", "level", "found"),
    [
        ("7.0", "note", 1),
        ("6.9", "error", 0),
        (9.8, None, 1),
        ("High", None, 1),
        ("low", "error", 0),
        (None, "error", 1),
        (None, "warning", 0),
        (None, None, 0),
        ("nan", "error", 1),
        ("?", None, 0),
    ],
)
def test_severity_comes_before_level(severity, level, found):
    """As a score, or a word; what is neither leaves the level, which is a warning where nobody says."""
    assert high({"ruleId": "a", **({"level": level} if level else {})}, rules=(rule("a", severity),)) == (1, found)


def test_the_level_is_the_rules_and_that_of_whoever_ran_it_comes_first():
    """Default configuration, and overrides by index or id."""
    strict = rule("a", defaultConfiguration={"level": "error"})
    assert high({"ruleId": "a"}, rules=(strict,)) == (1, 1)
    for descriptor in ({"index": 0}, {"id": "a"}):
        override = {"descriptor": descriptor, "configuration": {"level": "note"}}
        ran = {"invocations": [{"executionSuccessful": True, "ruleConfigurationOverrides": [override]}]}
        assert high({"ruleId": "a"}, rules=(strict,), **ran) == (1, 0)


def test_a_rule_that_is_not_there_is_neither_high_nor_passed():
    """The result is unrated, and whether there are new high ones is not said."""
    numbers = read(run({"ruleIndex": 4})).numbers
    assert dict(numbers) == {"results": 1, "high": 0, "unrated": 1}


@pytest.mark.parametrize("kind", ["pass", "open", "review", "notApplicable", "informational"])
def test_only_failures_count(kind):
    """Other kinds of results are none here."""
    assert high({"kind": kind, "level": "error"}) == (0, 0)
    assert high({"kind": "fail", "level": "error"}) == (1, 1)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ([], 1),
        ([{"kind": "inSource"}], 0),
        ([{"status": "accepted"}], 0),
        ([{"status": "rejected"}], 1),
        ([{"status": "underReview"}], 1),
        ([{"status": "accepted"}, {"status": "rejected"}], 1),
    ],
)
def test_what_is_suppressed_is_what_was_accepted(given, found):
    """And not what somebody rejects or still looks at."""
    assert high({"level": "error", "suppressions": given}) == (found, found)


@pytest.mark.parametrize(
    ("invocation", "state"),
    [
        ({"executionSuccessful": True, "exitCode": 1}, "ran"),
        ({"executionSuccessful": False}, "failed"),
        ({"executionSuccessful": True, "toolExecutionNotifications": [{"level": "error"}]}, "failed"),
        ({"executionSuccessful": True, "toolConfigurationNotifications": [{"level": "error"}]}, "failed"),
        ({"executionSuccessful": True, "toolExecutionNotifications": [{"level": "warning"}, {}]}, "ran"),
        ({"processStartFailureMessage": "no such file"}, "failed"),
    ],
)
def test_a_tool_that_failed_found_nothing_out(invocation, state):
    """One of several runs is enough."""
    assert read(run(invocations=[invocation])).ran.state == state
    assert read(run(), run(invocations=[invocation])).ran.state == state


def test_a_notification_has_the_level_of_its_kind():
    """Where it has none of its own."""
    kinds = [{"id": "N1"}, {"id": "N2", "defaultConfiguration": {"level": "error"}}]
    for meant, state in (({"index": 1}, "failed"), ({"id": "N2"}, "failed"), ({"id": "N1"}, "ran"), ({}, "ran")):
        told = run(invocations=[{"toolExecutionNotifications": [{"descriptor": meant}]}])
        told["tool"]["driver"]["notifications"] = kinds
        assert read(told).ran.state == state


def test_no_results_are_none_only_where_a_tool_ran():
    """An empty list is a result; a list that is missing, a tool that is missing, no run at all are not."""
    found = read(run())
    assert (dict(found.numbers), found.ran.state) == ({"results": 0, "high": 0, "new_high": 0}, "ran")
    for runs in ([], [run(results=None)], [{"tool": {"driver": {"name": "a"}}}], [{"results": []}], [{}]):
        assert read(*runs).ran.state == "nothing"
    assert read_report(b'{"$schema": "https://json.schemastore.org/sarif-2.1.0.json"}').ran.state == "nothing"


def test_new_is_what_the_tool_says_is_new():
    """Else it is not said; what the run before had and this has not is gone."""
    states = ("new", "unchanged", "updated", "absent")
    said = read(run(*({"level": "error", "baselineState": one} for one in states)))
    assert dict(said.numbers) == {"results": 3, "high": 3, "new_high": 1}
    assert "new_high" not in read(run({"level": "error"})).numbers
    half = ({"level": "error", "baselineState": "unchanged"}, {"level": "error"})
    assert "new_high" not in read(run(*half)).numbers


def test_a_finding_is_told_by_rule_fingerprint_and_place():
    """Its line may move; the same fingerprint in another file, and a second of the same, are new."""

    def new(*results: dict) -> float:
        old = read(run({"ruleId": "a", "level": "error", **at("a.py", 1)}))
        return beside(read(run(*({"ruleId": "a", "level": "error"} | one for one in results))), old).numbers[
            "new_high"
        ]

    assert new(at("a.py", 9)) == 0
    assert new(at("b.py", 1)) == new(at("a.py", 1), at("a.py", 2)) == new({**at("a.py"), "ruleId": "b"}) == 1
    same = {"ruleId": "a", "level": "error", "partialFingerprints": {"hash/v1": "x"}}
    one, moved, other = (read(run(same | at(*place))) for place in (("a.py", 1), ("a.py", 7), ("b.py", 1)))
    assert [beside(found, one).numbers["new_high"] for found in (one, moved, other)] == [0, 0, 1]


def test_a_place_may_be_an_artifact_by_its_number():
    """Or what the code calls it."""

    def result(place: dict) -> dict:
        return {"ruleId": "a", "level": "error", "locations": [place]}

    by_number = result({"physicalLocation": {"artifactLocation": {"index": 0}}})
    one = read(run(by_number, artifacts=[{"location": {"uri": "a.py"}}]))
    other = read(run(by_number, artifacts=[{"location": {"uri": "b.py"}}]))
    assert beside(other, one).numbers["new_high"] == 1
    assert beside(read(run({"ruleId": "a", "level": "error", **at("a.py")})), one).numbers["new_high"] == 0
    logical = [read(run(result({"logicalLocations": [{"fullyQualifiedName": name}]}))) for name in ("f", "g")]
    assert beside(logical[0], logical[1]).numbers["new_high"] == 1


@pytest.mark.parametrize("part", ["results", "driver", "extensions", "invocations"])
def test_what_lies_in_another_file_is_refused(part):
    """Nothing could be said without it."""
    with pytest.raises(ReportError, match=f"it leaves {part} to another file"):
        read(run(externalPropertyFileReferences={part: [{"location": {"uri": "b.sarif"}}]}))
    with pytest.raises(ReportError, match="inlineExternalProperties"):
        read(run(), inlineExternalProperties=[{"results": [{}]}])


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0-csd.2.beta"])
def test_other_versions_are_refused(version):
    """With their number."""
    with pytest.raises(ReportError, match=f"it is SARIF {version}: 2.1.0 is read"):
        read(run(), version=version)


@pytest.mark.parametrize("odd", [{"runs": {}}, {"runs": [{"tool": {}, "results": {}}]}])
def test_a_list_that_is_none_is_refused(odd):
    """Rather than read as an empty one."""
    with pytest.raises(ReportError, match="in it is no list"):
        read_report(json.dumps({"version": "2.1.0", **odd}).encode())
