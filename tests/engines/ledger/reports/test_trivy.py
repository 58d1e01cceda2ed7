"""Trivy's JSON: weaknesses, wrong settings, secrets; and targets that were not looked at."""

import json

import pytest

from unfelt.engines.ledger.reports.compare import beside
from unfelt.engines.ledger.reports.form import ReportError
from unfelt.engines.ledger.reports.read import read_report


def read(*results: dict, **more: object):
    """The report of these results."""
    data = {"SchemaVersion": 2, "ArtifactName": "app:1", "Results": list(results), **more}
    return read_report(json.dumps(data).encode())


def weak(severity: str = "HIGH", **more: object) -> dict:
    """A weakness of a package."""
    return {"VulnerabilityID": "CVE-0", "PkgName": "lib", "Severity": severity, **more}


def target(*weaknesses: dict, name: str = "app:1 (alpine 3.20)", **more: object) -> dict:
    """What was looked at."""
    return {"Target": name, "Class": "os-pkgs", "Type": "alpine", "Vulnerabilities": list(weaknesses), **more}


def test_each_sort_counts():
    """High are HIGH and CRITICAL; passed settings and weaknesses that do not apply do not count."""
    settings = [
        {"ID": "DS1", "Status": "FAIL", "Severity": "HIGH"},
        {"ID": "DS2", "Status": "PASS", "Severity": "HIGH"},
    ]
    secrets = [{"RuleID": "key", "Severity": "CRITICAL"}]
    found = read(
        target(weak(), weak("LOW"), weak("UNKNOWN"), weak(Status="not_affected")),
        {"Target": "Dockerfile", "Class": "config", "Misconfigurations": settings},
        {"Target": "a.env", "Class": "secret", "Secrets": secrets},
    )
    assert dict(found.numbers) == {
        "vulnerabilities": 3,
        "misconfigurations": 1,
        "secrets": 1,
        "high": 3,
        "unrated": 1,
    }


def test_an_unknown_severity_goes_by_its_scores():
    """And is unrated without any: then it is not said whether there are new high ones."""
    scores = {"nvd": {"V3Score": 9.8}, "ghsa": {"V3Score": 5.0}}
    assert read(target(weak("UNKNOWN", CVSS=scores))).numbers["high"] == 1
    assert read(target(weak("UNKNOWN", CVSS={"nvd": {"V2Score": 2.0}}))).numbers["new_high"] == 0
    silent = read(target(weak("UNKNOWN"))).numbers
    assert (silent["high"], silent["unrated"], "new_high" in silent) == (0, 1, False)


def test_nothing_that_was_scanned_is_no_pass():
    """No target; a target without findings is one."""
    for nothing in (b'{"SchemaVersion": 2, "ArtifactName": "app"}', b'{"SchemaVersion": 2, "Results": []}'):
        assert read_report(nothing).ran.state == "nothing"
    clean = read({"Target": "app:1 (alpine 3.20)", "Class": "os-pkgs", "Type": "alpine"})
    assert (clean.ran.state, clean.numbers["new_high"]) == ("ran", 0)


def test_a_cluster_is_its_resources():
    """One that could not be looked at is a scan that failed."""
    good = {"Kind": "Pod", "Name": "a", "Results": [target(weak())]}
    cluster = {"ClusterName": "c", "Resources": [good]}
    assert read_report(json.dumps(cluster).encode()).numbers["high"] == 1
    cluster["Resources"].append({"Kind": "Pod", "Name": "b", "Error": "timeout"})
    assert read_report(json.dumps(cluster).encode()).ran.state == "failed"


def test_the_form_before_there_was_a_scheme_is_read():
    """A list of targets."""
    assert read_report(json.dumps([target(weak())]).encode()).numbers["high"] == 1


def test_a_new_image_has_the_same_findings():
    """Told by id, package and kind of system, not by the tag; a file of its own is another place."""
    old = read(target(weak()))
    assert beside(read(target(weak(), name="app:2 (alpine 3.20.1)")), old).numbers["new_high"] == 0
    assert beside(read(target(weak(), weak())), old).numbers["new_high"] == 1
    by_file = [read({**target(weak(), name=name), "Class": "lang-pkgs"}) for name in ("a.lock", "b.lock")]
    assert beside(by_file[0], by_file[1]).numbers["new_high"] == 1


def test_lists_that_are_none_are_refused():
    """Rather than read as empty ones."""
    with pytest.raises(ReportError, match="Vulnerabilities in it is no list"):
        read({"Target": "a", "Vulnerabilities": {}})
