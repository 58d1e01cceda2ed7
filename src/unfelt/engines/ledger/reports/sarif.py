"""SARIF 2.1.0 (OASIS): results of scanners, those that are high, and whether the scanner ran."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import (
    RAN,
    Ran,
    Report,
    ReportError,
    counted,
    listed,
    mapping,
    mappings,
    must_list,
    numbers,
    shown,
)
from unfelt.engines.ledger.reports.sarif_rules import Rules, levels
from unfelt.engines.ledger.reports.severity import Rated, by_score, by_word

MOST_RESULTS = 100_000
ELSEWHERE = ("results", "driver", "extensions", "invocations", "policies")
"""Parts that a file may leave to other files, and without which nothing can be said."""
LONGEST = 1_000
"""Signs of the name of a file, which many results may share."""


@dataclass(slots=True)
class _Seen:
    """What was met in all runs. new, unsaid: of the high results those that are new, and that do not say."""

    results: int = 0
    high: list[str] = field(default_factory=list)
    unrated: list[str] = field(default_factory=list)
    new: int = 0
    unsaid: int = 0
    tools: list[str] = field(default_factory=list)
    why: list[Ran] = field(default_factory=list)


def is_sarif(data: Mapping[str, Any]) -> bool:
    """It has runs of a tool, or names SARIF's scheme."""
    tools = any("tool" in run for run in mappings(data.get("runs")))
    return (
        tools
        or "sarif" in str(data.get("$schema", "")).lower()
        or ("runs" in data and str(data.get("version")) == "2.1.0")
    )


def sarif(data: Mapping[str, Any]) -> Report:
    """Results that are failures, and those that are high: by `security-severity`, else by level `error`.

    Suppressed results, and those that the run before had and this one has not, do not count. `new_high` is there
    where each high result says of itself whether it is new, or none is high and none is unrated.
    """
    version = str(data.get("version", "2.1.0"))
    if not version.startswith("2.1."):
        raise ReportError(Message("it is SARIF {version}: 2.1.0 is read", version=shown(version, most=20)))
    seen, runs = _Seen(), must_list(data, "runs")
    if any("results" in one for one in mappings(data.get("inlineExternalProperties"))):
        raise _elsewhere("inlineExternalProperties")
    for run in map(mapping, runs):
        _run(run, seen)
    if not runs:
        seen.why.append(Ran("nothing", Message("it has no run of a tool")))
    found = {"results": seen.results, "high": len(seen.high)} | (
        {"unrated": n} if (n := len(seen.unrated)) else {}
    )
    if seen.new or not (seen.unsaid or seen.unrated):
        found["new_high"] = seen.new
    bad, unrated, tools = counted(seen.high), counted(seen.unrated), ", ".join(seen.tools)[:500]
    return Report("SARIF", numbers(found), tools, bad, unrated, ran=seen.why[0] if seen.why else RAN)


def _run(run: Mapping[str, Any], seen: _Seen) -> None:
    rules = Rules.of(run)
    name = shown(rules.parts[0].get("name") or "") or "?"
    seen.tools.append(name)
    for part in ELSEWHERE:
        if mapping(run.get("externalPropertyFileReferences")).get(part):
            raise _elsewhere(part)
    why = _why_not(run, name)
    if why is not None:
        seen.why.append(why)
    overridden = levels(run, rules)
    for result in mappings(must_list(run, "results")):
        if seen.results >= MOST_RESULTS:
            raise ReportError(Message("it has more than {n} results: split it", n=MOST_RESULTS))
        if _counts(result):
            seen.results += 1
            _result(result, _rated(result, rules, overridden), _fingerprint(result, run), seen)


def _elsewhere(part: str) -> ReportError:
    return ReportError(Message("it leaves {part} to another file: write it as one file", part=part))


def _why_not(run: Mapping[str, Any], tool: str) -> Ran | None:
    """Why nothing follows from the run: its tool did not run to its end, or there is none."""
    kinds = _errors(run)
    for one in mappings(run.get("invocations")):
        notes = [
            *mappings(one.get("toolExecutionNotifications")),
            *mappings(one.get("toolConfigurationNotifications")),
        ]
        errors = [mapping(note.get("message")).get("text") for note in notes if _is_error(note, kinds)]
        stopped = one.get("processStartFailureMessage") or one.get("exitSignalName")
        if one.get("executionSuccessful") is False or errors or stopped:
            said = str(next(filter(None, (*errors, stopped, one.get("exitCodeDescription"))), "–"))
            return Ran("failed", Message("{tool} did not run to its end: {why}", tool=tool, why=shown(said)))
    if run.get("results") is None or not mapping(run.get("tool")).get("driver"):
        return Ran("nothing", Message("{tool} gave no list of results: nothing was scanned", tool=tool))
    return None


def _errors(run: Mapping[str, Any]) -> set[str]:
    """The kinds of notifications that are errors where one does not say, by number and id."""
    known = enumerate(mappings(mapping(mapping(run.get("tool")).get("driver")).get("notifications")))
    errors = [(i, one) for i, one in known if mapping(one.get("defaultConfiguration")).get("level") == "error"]
    return {f"index {i}" for i, _one in errors} | {f"id {one.get('id')}" for _i, one in errors}


def _is_error(note: Mapping[str, Any], errors: set[str]) -> bool:
    """By its own level, else by that of the kind of notification that it names."""
    if "level" in note:
        return bool(note["level"] == "error")
    return any(f"{name} {one}" in errors for name, one in mapping(note.get("descriptor")).items())


def _counts(result: Mapping[str, Any]) -> bool:
    """It is a failure, still there, and nobody who may has suppressed it."""
    given = [str(one.get("status", "accepted")) for one in mappings(result.get("suppressions"))]
    is_suppressed = bool(given) and set(given) == {"accepted"}
    is_failure = str(result.get("kind", "fail")) == "fail"
    return is_failure and not is_suppressed and result.get("baselineState") != "absent"


def _result(result: Mapping[str, Any], rated: Rated, name: str, seen: _Seen) -> None:
    if rated == "high":
        seen.high.append(name)
        state = result.get("baselineState")
        seen.new += state == "new"
        seen.unsaid += state not in ("new", "unchanged", "updated")
    elif rated == "unrated":
        seen.unrated.append(name)


def _rated(result: Mapping[str, Any], rules: Rules, overridden: Mapping[int, set[str]]) -> Rated:
    """High by severity, else by level; unrated where it names a rule by a number that no rule has."""
    reference, index = mapping(result.get("rule")), result.get("ruleIndex")
    meant = rules.meant(reference, rule_id=result.get("ruleId"), index=index)
    for holder in (result, *meant):
        severity = mapping(holder.get("properties")).get("security-severity")
        rated = by_score(severity) if by_word(severity) == "unrated" else by_word(severity)
        if rated != "unrated" and (rated == "high" or len(meant) < 2):
            return rated
    level = result.get("level")
    if level is None:
        own = [str(mapping(rule.get("defaultConfiguration")).get("level") or "warning").lower() for rule in meant]
        given = [one for rule in meant for one in overridden.get(id(rule), ())] or own
        pointed = reference.get("index", index)
        if not given and isinstance(pointed, int) and pointed >= 0:
            return "unrated"
        level = "error" if "error" in given else "warning"
    return "high" if str(level).lower() == "error" else "lower"


def _fingerprint(result: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    """Rule and file, with what the tool calls the finding across runs, else with what it says; lines move."""
    rule = result.get("ruleId") or mapping(result.get("rule")).get("id") or result.get("ruleIndex")
    given = [mapping(result.get(name)) for name in ("fingerprints", "partialFingerprints")]
    said = mapping(result.get("message"))
    own = json.dumps(
        given if any(given) else [said.get("text") or said.get("id"), said.get("arguments")], sort_keys=True
    )
    return f"{rule} {_file(result, run)[:LONGEST]} {own}"


def _file(result: Mapping[str, Any], run: Mapping[str, Any]) -> str:
    place = mapping((listed(result.get("locations")) or [{}])[0])
    given = mapping(mapping(place.get("physicalLocation")).get("artifactLocation"))
    index, artifacts = given.get("index"), listed(run.get("artifacts"))
    if not given.get("uri") and isinstance(index, int) and 0 <= index < len(artifacts):
        given = mapping(mapping(artifacts[index]).get("location"))
    logical = mapping((listed(place.get("logicalLocations")) or [{}])[0])
    return str(given.get("uri") or logical.get("fullyQualifiedName") or logical.get("name") or "")
