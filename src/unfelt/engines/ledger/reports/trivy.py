"""Trivy's JSON of images, file trees, repositories and clusters: weaknesses, wrong settings and open secrets."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import (
    RAN,
    Ran,
    Report,
    ReportError,
    counted,
    mapping,
    mappings,
    must_list,
    numbers,
    shown,
)
from unfelt.engines.ledger.reports.severity import Rated, by_score, by_word, worst

MOST_FINDINGS = 100_000
LONGEST = 1_000
"""Signs of the name of a target, which many findings share."""
_CLUSTER = ("Resources", "Findings", "Vulnerabilities", "Misconfigurations")
"""Where the report on a cluster has what it looked at, by version of Trivy."""
_SCORES = ("V40Score", "V3Score", "V2Score")


def is_trivy(data: Mapping[str, Any]) -> bool:
    """It has Trivy's head: a version of its scheme with what was looked at, or a cluster with its resources."""
    has_head = "SchemaVersion" in data and bool({"ArtifactName", "Results"} & data.keys())
    return has_head or ("ClusterName" in data and any(name in data for name in _CLUSTER))


def is_old_trivy(data: list[Any]) -> bool:
    """The form before there was a scheme: a list of targets."""
    return bool(data) and all(isinstance(one, dict) and "Target" in one for one in data)


def trivy(data: Mapping[str, Any]) -> Report:
    """Findings of each sort, those of severity HIGH or CRITICAL, and those whose severity nobody knows.

    `new_high` is there where none is high and none is unrated.
    """
    results, failed = list(must_list(data, "Results")), []
    for name in _CLUSTER if "ClusterName" in data else ():
        for one in mappings(must_list(data, name)):
            results += must_list(one, "Results")
            failed += [str(one.get("Name"))] if one.get("Error") else []
    counts: Counter[str] = Counter(vulnerabilities=0, misconfigurations=0, secrets=0, high=0, unrated=0)
    names: dict[Rated, list[str]] = {"high": [], "unrated": [], "lower": []}
    for sort, rated, name in _findings(results):
        counts[sort] += 1
        names[rated].append(name)
        if counts.total() > MOST_FINDINGS:
            raise ReportError(Message("it has more than {n} results: split it", n=MOST_FINDINGS))
    counts["high"], counts["unrated"] = len(names["high"]), len(names["unrated"])
    found = dict(counts) | ({} if names["high"] or names["unrated"] else {"new_high": 0})
    tool = shown(data.get("ArtifactName") or data.get("ClusterName") or "")
    bad, unrated = counted(names["high"]), counted(names["unrated"])
    return Report("Trivy", numbers(found), tool, bad, unrated, ran=_ran(results, failed))


def _ran(results: list[Any], failed: list[str]) -> Ran:
    if failed:
        return Ran("failed", Message("it could not be scanned: {names}", names=shown(", ".join(failed[:10]))))
    if not results:
        return Ran("nothing", Message("it has no target that was scanned"))
    return RAN


def _findings(results: list[Any]) -> Iterator[tuple[str, Rated, str]]:
    """Of each finding its sort, how it is rated, and a name that lasts."""
    for result in map(mapping, results):
        of_system = result.get("Class") == "os-pkgs"
        place = str(result.get("Type") if of_system else result.get("Target"))[:LONGEST]
        for one in mappings(must_list(result, "Vulnerabilities")):
            if one.get("Status") != "not_affected":
                yield (
                    "vulnerabilities",
                    _weakness(one),
                    f"{one.get('VulnerabilityID')} {one.get('PkgName')} @ {place}",
                )
        for one in mappings(must_list(result, "Misconfigurations")):
            if str(one.get("Status") or "FAIL") == "FAIL":
                name = f"{one.get('ID')} {mapping(one.get('CauseMetadata')).get('Resource', '')} @ {place}"
                yield "misconfigurations", by_word(one.get("Severity")), name
        for one in mappings(must_list(result, "Secrets")):
            yield "secrets", by_word(one.get("Severity")), f"{one.get('RuleID')} @ {place}"


def _weakness(one: Mapping[str, Any]) -> Rated:
    """By its severity; by its scores where that is unknown."""
    by_name = by_word(one.get("Severity"))
    if by_name != "unrated":
        return by_name
    given = [mapping(of) for of in mapping(one.get("CVSS")).values()]
    return worst([by_score(of.get(name)) for of in given for name in _SCORES])
