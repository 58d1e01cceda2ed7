"""The rules of a SARIF run: which one a result is of, in the driver or an extension, and its severity."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from unfelt.engines.ledger.reports.form import listed, mapping, mappings

Rule = Mapping[str, Any]
DEEPEST = 50


@dataclass(slots=True)
class Rules:
    """Those of the driver (at 0) and of each extension, in order and by id."""

    parts: list[Mapping[str, Any]]
    by_id: dict[str, list[Rule]] = field(default_factory=dict)
    by_guid: dict[str, Rule] = field(default_factory=dict)

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> "Rules":
        """The run's tool."""
        tool = mapping(run.get("tool"))
        found = cls([mapping(tool.get("driver")), *mappings(tool.get("extensions"))])
        for part in found.parts:
            for rule in mappings(part.get("rules")):
                found.by_id.setdefault(str(rule.get("id")), []).append(rule)
                if rule.get("guid"):
                    found.by_guid.setdefault(str(rule["guid"]), rule)
        return found

    def meant(self, reference: Mapping[str, Any], *, rule_id: object = None, index: object = None) -> list[Rule]:
        """The rule that a reference names; several where several parts have one of that id; else none."""
        name = str(reference.get("id") or rule_id or "")
        part = self._part(mapping(reference.get("toolComponent")))
        place = reference.get("index", index)
        rules = listed(self.parts[part].get("rules")) if part is not None else []
        if isinstance(place, int) and 0 <= place < len(rules):
            found = mapping(rules[place])
            if not name or _is_of(name, str(found.get("id"))):
                return [found]
        guid = str(reference.get("guid"))
        if guid in self.by_guid:
            return [self.by_guid[guid]]
        return next((self.by_id[one] for one in _and_above(name) if one in self.by_id), [])

    def _part(self, reference: Mapping[str, Any]) -> int | None:
        """Which part of the tool: 0 is the driver, and meant where none is named."""
        index = reference.get("index")
        if isinstance(index, int) and not isinstance(index, bool) and index >= 0:
            return index + 1 if index + 1 < len(self.parts) else None
        for name in ("guid", "name"):
            if reference.get(name):
                found = [i for i, part in enumerate(self.parts) if part.get(name) == reference[name]]
                return found[0] if found else None
        return 0


def _is_of(name: str, rule: str) -> bool:
    return name == rule or name.startswith(f"{rule}/")


def _and_above(name: str) -> Iterator[str]:
    """A hierarchical id and those above it: `a/b/c`, `a/b`, `a`."""
    for _level in range(DEEPEST):
        if name:
            yield name
        name = name.rpartition("/")[0]


def levels(run: Mapping[str, Any], rules: Rules) -> dict[int, list[str]]:
    """By identity of a rule, the levels to which those who ran the tool set it."""
    found: dict[int, list[str]] = {}
    for invocation in mappings(run.get("invocations")):
        for one in mappings(invocation.get("ruleConfigurationOverrides")):
            level = mapping(one.get("configuration")).get("level")
            for rule in rules.meant(mapping(one.get("descriptor"))) if level else []:
                found.setdefault(id(rule), []).append(str(level))
    return found
