"""CycloneDX as XML, also with the weaknesses of its extension for 1.2 and 1.3: made into what its JSON holds."""

from collections.abc import Mapping
from typing import Any

from unfelt.engines.ledger.reports.cyclonedx import cyclonedx
from unfelt.engines.ledger.reports.form import Report

SPACE = "http://cyclonedx.org/schema/bom/"
_WITHIN = frozenset(("bom", "components", "component"))
_OF_PARTS = ("group", "name", "purl")


def version_of(tag: str, attributes: Mapping[str, str]) -> str | None:
    """The version of CycloneDX in whose name space the first element stands; None where it is in another."""
    prefix, _colon, name = tag.rpartition(":")
    space = attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")
    return space.removeprefix(SPACE) if name == "bom" and space.startswith(SPACE) else None


class Bom:
    """Reads one document."""

    def __init__(self, version: str) -> None:
        self.path: list[str] = []
        self.words: list[str] = []
        self.parts: list[dict[str, Any]] = []
        self.open: list[tuple[int, dict[str, Any]]] = []
        """The components that are not at their end, and how deep they stand."""
        self.weak: dict[str, Any] | None = None
        self.at = 0
        self.tools: list[dict[str, str]] = []
        self.data: dict[str, Any] = {"specVersion": version, "components": self.parts}

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        """A component, its licence, a weakness, or a rating of one."""
        above = self.path[-1] if self.path else ""
        self.path.append(tag)
        self.words.clear()
        if self.weak is not None:
            if tag == "rating" and above == "ratings":
                self.weak["ratings"].append({})
        elif tag == "vulnerability" and above == "vulnerabilities":
            self.at = len(self.path)
            refs = [{"ref": attributes["ref"]}] if "ref" in attributes else []
            self.weak = {"ratings": [], "affects": refs, "analysis": {}}
            self.data.setdefault("vulnerabilities", []).append(self.weak)
        elif tag == "vulnerabilities" and _WITHIN.issuperset(self.path[:-1]):
            self.data.setdefault("vulnerabilities", [])
        elif tag == "component" and _WITHIN.issuperset(self.path):
            self.parts.append({"bom-ref": attributes.get("bom-ref", ""), "licenses": []})
            self.open.append((len(self.path), self.parts[-1]))
        elif above == "licenses" and self.open and len(self.path) == self.open[-1][0] + 2:
            self.open[-1][1]["licenses"].append(tag)

    def text(self, piece: str) -> None:
        """Of the element that is open."""
        self.words.append(piece)

    def end(self, tag: str) -> None:
        """What was said in it is known."""
        said = "".join(self.words).strip()
        if self.weak is not None:
            self._weakness(tuple(self.path[self.at :]), said)
        elif tag == "name" and "tools" in self.path:
            self.tools.append({"name": said})
        elif self.open and len(self.path) == self.open[-1][0] + 1 and tag in _OF_PARTS:
            self.open[-1][1][tag] = said
        if self.open and len(self.path) == self.open[-1][0]:
            self.open.pop()
        self.path.pop()
        self.words.clear()
        if self.weak is not None and len(self.path) < self.at:
            self.weak = None

    def _weakness(self, place: tuple[str, ...], said: str) -> None:
        weak = self.weak or {}
        match place:
            case ("id",):
                weak["id"] = said
            case ("ratings", "rating", "severity" | "method" as name) if said:
                weak["ratings"][-1][name] = said
            case ("ratings", "rating", "score") | ("ratings", "rating", "score", "base") if said:
                weak["ratings"][-1]["score"] = said
            case ("analysis", "state"):
                weak["analysis"]["state"] = said
            case ("affects", "target", "ref"):
                weak["affects"].append({"ref": said})
            case _:
                pass

    def report(self) -> Report:
        """The same as of its JSON."""
        return cyclonedx({**self.data, "metadata": {"tools": self.tools}})
