"""How much of the playbook is answered, by area and by the clauses of standards: pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from unfelt.documents.playbook import Area, Playbook
from unfelt.engines.ledger.gates.standing import Evaluation, Standing
from unfelt.engines.ledger.origins import ORIGINS

KINDS = (*ORIGINS, "waived", "not_applicable", "open")
"""How a control that is answered was answered, or why it is not."""


@dataclass(frozen=True, slots=True)
class AreaStanding:
    """An area: how many of its controls stand where, and which are open."""

    area: Area
    counts: Mapping[str, int]
    open: tuple[str, ...]

    @property
    def is_answered(self) -> bool:
        """Something was asked and answered, and nothing that was asked is open."""
        return not self.open and any(self.counts[origin] for origin in ORIGINS)


@dataclass(frozen=True, slots=True)
class ClauseStanding:
    """What a standard asks for in one area, and how that area stands."""

    standard: str
    clauses: str
    area: AreaStanding


@dataclass(frozen=True, slots=True)
class Compliance:
    """The whole, by area, and by standard."""

    total: Mapping[str, int]
    areas: tuple[AreaStanding, ...]
    standards: Mapping[str, tuple[ClauseStanding, ...]]


def standing_kind(one: Standing) -> str:
    """By what it stands on: the origin of its evidence, a waiver, a rule, or nothing that counts: open."""
    if one.state in ("pass", "stated", "signed") and one.origin is not None:
        return one.origin
    return one.state if one.state in ("waived", "not_applicable") else "open"


def compliance_of(playbook: Playbook, found: Evaluation) -> Compliance:
    """Every control is counted once, in one of KINDS."""
    kinds = {one.control.id: standing_kind(one) for one in found.controls}
    areas = tuple(_area(area, kinds) for area in playbook.areas)
    names = dict.fromkeys(name for area in playbook.areas for name in area.clauses)
    standards = {
        name: tuple(ClauseStanding(name, one.area.clauses[name], one) for one in areas if name in one.area.clauses)
        for name in names
    }
    return Compliance(_counted(kinds.values()), areas, standards)


def _area(area: Area, kinds: Mapping[str, str]) -> AreaStanding:
    own = {control.id: kinds[control.id] for control in area.controls}
    return AreaStanding(area, _counted(own.values()), tuple(name for name, kind in own.items() if kind == "open"))


def _counted(kinds: Iterable[str]) -> dict[str, int]:
    counts = Counter(kinds)
    return {kind: counts[kind] for kind in KINDS}
