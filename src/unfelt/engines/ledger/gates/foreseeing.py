"""What evidence would do if it were put on record: its numbers beside their limits, its verdict, and the gates."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Gate
from unfelt.engines.ledger.gates.care import Lowering
from unfelt.engines.ledger.gates.drafting import Draft
from unfelt.engines.ledger.gates.opening import asks
from unfelt.engines.ledger.gates.reading import case_of, evaluated
from unfelt.engines.ledger.gates.standing import Standing
from unfelt.engines.ledger.gates.superseding import UNWRITTEN
from unfelt.engines.ledger.origins import suffices
from unfelt.engines.ledger.rules import Rules
from unfelt.engines.ledger.standards import Standards


@dataclass(frozen=True, slots=True)
class Beside:
    """A number beside its limit; holds: None where it is not there, or may lie on either side."""

    name: str
    number: str
    limit: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class AtGate:
    """What it does at a gate that asks for the control."""

    gate: Gate
    is_enough: bool
    why: Message


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a draft would do. decided_by: another record by which the control would stand so; 0 for none."""

    draft: Draft
    beside: tuple[Beside, ...]
    others: tuple[tuple[str, float], ...]
    """Numbers that no limit asks for."""
    standing: Standing | None = None
    """Where the control would stand; None where no change is asked."""
    gates: tuple[AtGate, ...] = ()
    decided_by: int = 0

    @property
    def is_enough(self) -> bool:
        """The control accepts what was come by so."""
        return suffices(self.draft.origin, self.draft.control.least)


def foreseen(
    draft: Draft, change: Change | None, place: Standards, *, now: datetime, lowered: Sequence[Lowering] = ()
) -> Foreseen:
    """Of a change every gate that asks for the control; of a programme, which has no gates, the verdict alone."""
    beside, others = beside_limits(draft)
    if change is None:
        return Foreseen(draft, beside, others)
    found = evaluated(change, place, now=now, lowered=lowered, more=[draft.evidence])
    case = case_of(change, place.playbook, now=now)
    name = draft.control.id
    standing = next(one for one in found.controls if one.control.id == name)
    gates = []
    for gate in found.gates:
        if asks(gate.gate, draft.control, case.tier) and standing.state != "not_applicable":
            held = next((one for one in gate.holding if one.control.id == name), None)
            gates.append(AtGate(gate.gate, held is None, (held or standing).why))
    by = standing.evidence.number if standing.evidence is not None else 0
    return Foreseen(draft, beside, others, standing, tuple(gates), by if by != UNWRITTEN else 0)


def beside_limits(draft: Draft) -> tuple[tuple[Beside, ...], tuple[tuple[str, float], ...]]:
    """Each limit with the number that answers it, and the numbers that answer none."""
    rules, payload = Rules.of(draft.control), draft.payload
    numbers = rules.numbers(payload)
    used = {rules.reads.get((payload.kind, name), name) for name in rules.limits} | set(rules.limits)
    beside = tuple(
        Beside(
            name,
            limit.shown(numbers[name]) if name in numbers else "–",
            str(limit),
            rules.holds(payload, name, numbers[name]) if name in numbers else None,
        )
        for name, limit in rules.limits.items()
    )
    return beside, tuple((name, one) for name, one in payload.numbers.items() if name not in used)


def plain_foreseen(found: Foreseen) -> dict[str, Any]:
    """As plain data, in the language in force."""
    draft = found.draft
    plain = draft.body["payload"]
    return {
        "kind": draft.payload.kind,
        "verdict": draft.verdict,
        "why": str(draft.why),
        "origin": draft.origin,
        "is_enough": found.is_enough,
        "candidate": draft.body.get("candidate", ""),
        "format": plain.get("format", ""),
        "tool": plain.get("tool", ""),
        "ran": plain.get("state", "ran") if plain.get("format") else "",
        "numbers": dict(draft.payload.numbers),
        "limits": [asdict(one) for one in found.beside],
        "gates": [{"gate": one.gate, "is_enough": one.is_enough, "why": str(one.why)} for one in found.gates],
        "state": found.standing.state if found.standing is not None else "",
        "decided_by": found.decided_by or None,
    }
