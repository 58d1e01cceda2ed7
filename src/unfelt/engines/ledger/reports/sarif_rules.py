"""The rules of a SARIF run: which one a result is of, in the driver or an extension, and its severity."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import ReportError, listed, mapping, mappings

Rule = Mapping[str, Any]
DEEPEST = 50
MOST_OF_AN_ID = 20
"""A part has each id once."""


@dataclass(slots=True)
class Rules:
    """Those of the driver (at 0) and of each extension, in order and by id."""

    parts: list[Mapping[str, Any]]
    by_id: dict[str, list[Rule]] = field(default_factory=dict)
    by_guid: dict[str, Rule] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)
    """The parts by guid and by name."""

    @classmethod
    def of(cls, run: Mapping[str, Any]) -> "Rules":
        """The run's tool."""
        tool = mapping(run.get("tool"))
        found = cls([mapping(tool.get("driver")), *mappings(tool.get("extensions"))])
        for at, part in enumerate(found.parts):
            for name in ("guid", "name"):
                found.named.setdefault(f"{name} {part.get(name)}", at)
            for rule in mappings(part.get("rules")):
                found._add(rule)
        return found

    def _add(self, rule: Rule) -> None:
        same = self.by_id.setdefault(str(rule.get("id")), [])
        same.append(rule)
        if len(same) > MOST_OF_AN_ID:
            raise ReportError(Message("more than {n} rules in it have the same id", n=MOST_OF_AN_ID))
        if rule.get("guid"):
            self.by_guid.setdefault(str(rule["guid"]), rule)

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
                return self.named.get(f"{name} {reference[name]}")
        return 0


def _is_of(name: str, rule: str) -> bool:
    return name.startswith(rule) and name[len(rule) : len(rule) + 1] in ("", "/")


def _and_above(name: str) -> Iterator[str]:
    """A hierarchical id and those above it: `a/b/c`, `a/b`, `a`."""
    for _level in range(DEEPEST):
        if name:
            yield name
        name = name.rpartition("/")[0]


def levels(run: Mapping[str, Any], rules: Rules) -> dict[int, set[str]]:
    """By identity of a rule, the levels to which those who ran the tool set it: `error`, or a lower one."""
    found: dict[int, set[str]] = {}
    for invocation in mappings(run.get("invocations")):
        for one in mappings(invocation.get("ruleConfigurationOverrides")):
            level = mapping(one.get("configuration")).get("level")
            for rule in rules.meant(mapping(one.get("descriptor"))) if level else []:
                found.setdefault(id(rule), set()).add("error" if str(level).lower() == "error" else "lower")
    return found
