"""What is on record answers controls by itself: engines register what they compute; it is computed at every look.

A deriver reads the entries of the ledger that are about the change, never what stands today in a row that can be
written over: so what was derived once can be derived again, from the same entries, for ever.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.playbook import Control, Origin, Playbook
from unfelt.engines.ledger.derived import MOST_ROWS, Derived
from unfelt.engines.ledger.gates.facts import Evidence
from unfelt.engines.ledger.gates.standing import Evaluation, Standing
from unfelt.engines.ledger.origins import weakest
from unfelt.engines.ledger.rules import Rules


@dataclass(frozen=True, slots=True)
class Number:
    """A number (count, part as fraction, seconds), the rows behind it that are wanting, and the weakest input."""

    value: float
    wanting: tuple[Message, ...] = ()
    weakest: Origin = "derived"


@dataclass(frozen=True, slots=True)
class Told:
    """An entry about the change, with names in the place of tokens."""

    number: int
    kind: str
    at: datetime
    body: Mapping[str, Any]
    revision: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What is computed from: the plan, its entries oldest first, its evidence, and where controls stand.

    parts: the digests of the plan's parts that controls rely on. beside: what the deriver gathered. standings are
    those that follow from all evidence but what is derived from them.
    """

    change: Change
    plan: Mapping[str, Any]
    told: Sequence[Told]
    evidence: Sequence[Evidence]
    now: datetime
    playbook: Playbook
    catalog: Catalog | None = None
    parts: Mapping[str, str] = field(default_factory=dict)
    standings: Mapping[str, Standing] = field(default_factory=dict)
    beside: Any = None


class Row(NamedTuple):
    """An entry about one of the changes as it stands in the chain: its body as text, with tokens for people."""

    number: int
    kind: str
    text: str
    at: datetime
    revision: str | None


@dataclass(frozen=True, slots=True)
class Records:
    """What derivers gather from: changes, catalog, and the entries about them that they name, oldest first.

    before: the first entry that is not looked at; None where all are.
    """

    changes: Sequence[Change]
    catalog: Catalog | None
    now: datetime
    entries: Sequence[Row]
    before: int | None = None


Gather = Callable[[Records], Any]


@dataclass(frozen=True, slots=True)
class Deriver:
    """What an engine computes from the ledger.

    numbers: by name, as controls ask for them by `reads: {derived: …}`; what nobody knows is not there.
    facts: what is true of the change whatever its plan says. kinds: the entries that it reads. gather: what it
    reads for many changes at once, as it was before an entry. by_standings: it looks at where controls stand.
    """

    name: str
    kinds: tuple[str, ...]
    numbers: Callable[[Ground], Mapping[str, Number]] | None = None
    facts: Callable[[Ground], Mapping[str, str]] | None = None
    gather: Gather | None = None
    by_standings: bool = False


def derivers() -> Sequence[Deriver]:
    """Every deriver that an engine registers."""
    return tuple(plugins.registered("derived", "DERIVERS").values())


@cache
def _kinds(known: Sequence[Deriver]) -> frozenset[str]:
    return frozenset(kind for one in known for kind in one.kinds)


def kinds_read() -> frozenset[str]:
    """The kinds of entries that any of them reads."""
    return _kinds(derivers())


def gathered(records: Records) -> dict[str, Any]:
    """What the derivers read for all the changes at once, by their names."""
    found: dict[Gather, Any] = {}
    for one in derivers():
        if one.gather is not None and one.gather not in found:
            found[one.gather] = one.gather(records)
    return {one.name: found[one.gather] for one in derivers() if one.gather is not None}


NOT_THE_PLANS: frozenset[str] = frozenset(("date_moved", "findings", "unhappy_customers", "customers_notified"))
"""Facts that follow from records, or are not known: what a plan says of them does not count."""


def facts_of(ground: Ground, beside: Mapping[str, Any]) -> dict[str, str]:
    """What is true of the change: as its plan says, and as the records do where that is not the plan's to say."""
    found = {name: said for name, said in ground.change.change.facts.items() if name not in NOT_THE_PLANS}
    for one in derivers():
        if one.facts is not None:
            found |= one.facts(replace(ground, beside=beside.get(one.name)))
    return found


def derived_for(
    ground: Ground, beside: Mapping[str, Any], *, by_standings: bool, found: Evaluation | None = None
) -> list[Evidence]:
    """For each control that takes it, what follows from the records; nothing where nothing is known."""
    standings = {one.control.id: one for one in found.controls} if found is not None else {}
    numbers: dict[str, Number] = {}
    for one in derivers():
        if one.numbers is not None and one.by_standings == by_standings:
            numbers |= one.numbers(replace(ground, standings=standings, beside=beside.get(one.name)))
    made = [(control, derived_of(control, numbers)) for control in ground.playbook.controls if numbers]
    return [_as_evidence(control, payload, ground) for control, payload in made if payload is not None]


def derived_of(control: Control, numbers: Mapping[str, Number]) -> Derived | None:
    """The numbers that the control asks for; None where it takes nothing derived or none of them is known."""
    if "derived" not in control.evidence:
        return None
    reads = control.reads.get("derived", {})
    found = {source: numbers[source] for name in control.limits if (source := reads.get(name, name)) in numbers}
    if not found:
        return None
    wanting = [row.plain() for one in found.values() for row in one.wanting]
    return Derived(
        numbers={name: one.value for name, one in found.items()},
        weakest=weakest(*(one.weakest for one in found.values())),
        wanting=tuple(wanting[:MOST_ROWS]),
    )


def _as_evidence(control: Control, payload: Derived, ground: Ground) -> Evidence:
    verdict, why = Rules.of(control).judge(payload)
    return Evidence(
        control=control.id,
        kind="derived",
        verdict=verdict,
        found_at=ground.now,
        parts={part: ground.parts[part] for part in control.relies_on},
        why=why,
        payload=payload.model_dump(mode="json", exclude_defaults=True),
        origin=payload.weakest,
    )
