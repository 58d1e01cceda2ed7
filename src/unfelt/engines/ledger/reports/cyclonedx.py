"""CycloneDX 1.x (ECMA-424): components, and the weaknesses that are listed with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import (
    RAN,
    Ran,
    Report,
    ReportError,
    listed,
    mapping,
    mappings,
    must_list,
    numbers,
    shown,
)
from unfelt.engines.ledger.reports.severity import HIGH, HIGH_RISK, Rated, by_score, by_word, worst

SETTLED = ("resolved", "resolved_with_pedigree", "not_affected", "false_positive")
"""States of an analysis after which a weakness is none here."""
DEEPEST = 50


@dataclass(slots=True)
class _Weak:
    """The open weaknesses by how they are rated, each with the places where it is."""

    bad: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    unrated: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    high: int = 0
    open: int = 0
    unsaid: int = 0
    unnamed: int = 0


def cyclonedx(data: Mapping[str, Any]) -> Report:
    """Components, those without a licence, and weaknesses; high ones are not settled and rated so by anybody.

    A list of components says nothing about weaknesses: `high` is there only where weaknesses were looked for.
    `new_high` is there where none is high and none is unrated.
    """
    version = str(data.get("specVersion") or "")
    if not version.startswith("1."):
        raise ReportError(
            Message("it is CycloneDX {version}: 1.x is read", version=shown(version, most=20) or "?")
        )
    parts = list(_components(must_list(data, "components")))
    weak = must_list(data, "vulnerabilities")
    found = {"components": len(parts), "without_licence": sum(not listed(one.get("licenses")) for one in parts)}
    seen = _weak(weak, _places(parts))
    if _was_scanned(data, weak):
        found |= {"vulnerabilities": len(weak), "high": seen.high, "unrated": seen.unsaid}
        found |= {} if seen.high or seen.unsaid else {"new_high": 0}
    return Report(
        "CycloneDX",
        numbers(found),
        shown(version, most=20),
        dict(seen.bad),
        dict(seen.unrated),
        seen.unnamed,
        ran=RAN if parts or weak or listed(data.get("services")) else Ran("nothing", _NOTHING),
    )


_NOTHING = Message("it lists no component and no weakness: nothing was scanned")


def _was_scanned(data: Mapping[str, Any], weak: list[Any]) -> bool:
    """Weaknesses were looked for. Trivy writes an empty list where it was not asked to look."""
    if data.get("vulnerabilities") is None:
        return False
    return bool(weak) or "trivy" not in _tools(mapping(data.get("metadata")).get("tools"))


def _tools(tools: object) -> Set[str]:
    named = [*mappings(tools), *mappings(mapping(tools).get("components"))]
    return {str(one.get("name")).lower() for one in named}


def _components(parts: list[Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Each component and those inside it."""
    if depth > DEEPEST:
        raise ReportError(Message("it is nested more than {n} deep", n=DEEPEST))
    for one in map(mapping, parts):
        yield one
        yield from _components(listed(one.get("components")), depth + 1)


def _places(parts: list[Mapping[str, Any]]) -> dict[str, str]:
    """By reference, a name of the component that lasts from one version to the next."""
    found = {}
    for one in parts:
        name = "/".join(str(one[part]) for part in ("group", "name") if one.get(part))
        purl = str(one.get("purl") or "").partition("?")[0]
        found[str(one.get("bom-ref"))] = purl[: purl.rfind("@")] if "@" in purl[1:] else purl or name
    return found


def _weak(weak: list[Any], places: Mapping[str, str]) -> _Weak:
    seen = _Weak()
    for one in map(mapping, weak):
        if mapping(one.get("analysis")).get("state") in SETTLED:
            continue
        seen.open += 1
        rated = worst([_rated(rating) for rating in mappings(one.get("ratings"))])
        if rated == "lower":
            continue
        seen.high += rated == "high"
        seen.unsaid += rated == "unrated"
        name = str(one.get("id") or "")
        refs = [str(affected.get("ref")) for affected in mappings(one.get("affects"))]
        if name:
            held = seen.bad if rated == "high" else seen.unrated
            held[name].update(places.get(ref, ref) for ref in refs)
        else:
            seen.unnamed += 1
    return seen


def _rated(rating: Mapping[str, Any]) -> Rated:
    """By word and score, whichever is worse; a score of an unknown method says something only where it is high."""
    score, method = rating.get("score"), str(rating.get("method") or "CVSS").upper()
    is_risk = method.startswith("OWASP")
    by_number = by_score(score, high=HIGH_RISK if is_risk else HIGH)
    if by_number == "lower" and not is_risk and not method.startswith("CVSS"):
        by_number = "unrated"
    return worst([by_word(rating.get("severity")), by_number])
