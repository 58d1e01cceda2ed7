"""What waits for somebody, from gates, tasks and questions: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from unfelt.documents.change import Change
from unfelt.engines.ledger.gates.actions import is_named
from unfelt.engines.ledger.gates.standing import (
    MEASURED_ONLY,
    ORDER,
    SIGNED_FOR,
    Evaluation,
    GateStanding,
    Standing,
)
from unfelt.engines.people.rights import Reader

SOON = timedelta(days=7)
"""How long before its end evidence is called to mind."""


@dataclass(frozen=True, slots=True)
class Held:
    """A control of a change, as it stands."""

    change: Change
    standing: Standing


@dataclass(frozen=True, slots=True)
class Ending:
    """Evidence that soon ends to count."""

    held: Held
    ends: datetime


def first_shut(found: Evaluation) -> GateStanding | None:
    """The gate that holds the change now; None where all are open."""
    gates = (found.gate(name) for name in ORDER)
    return next((gate for gate in gates if gate.holding), None)


def may_sign(known: Reader, change: Change, standing: Standing) -> bool:
    """Their role is the control's, the plan names nobody else for it, and the control takes a signature."""
    control = standing.control
    return (
        "sign-off" in control.evidence
        and standing.state != "not_applicable"
        and known.may("sign", change.change.team or "")
        and control.owner in known.roles(change.change.team or "")
        and is_named(change, (control.owner,), by=known.name)
    )


def opens_by_signature(one: Standing, gate: str) -> bool:
    """The gate lets the control pass for a signature alone."""
    return one.control.evidence == ("sign-off",) or gate not in MEASURED_ONLY


def to_sign(known: Reader, evaluated: Mapping[str, Evaluation], changes: Iterable[Change]) -> list[Held]:
    """What holds the first shut gate of each change, is not answered, and would be by a signature of theirs."""
    found = []
    for change in changes:
        gate = first_shut(evaluated[change.change.id])
        for one in gate.holding if gate else ():
            is_open = one.state in ("missing", "stale", "expired")
            if (
                is_open
                and gate is not None
                and opens_by_signature(one, gate.gate)
                and may_sign(known, change, one)
            ):
                found.append(Held(change, one))
    return found


def ending_soon(evaluated: Mapping[str, Evaluation], changes: Iterable[Change], *, now: datetime) -> list[Ending]:
    """Evidence that counts now and not in a week, the most pressing first."""
    found = []
    for change in changes:
        for one in evaluated[change.change.id].controls:
            end = _end(one)
            if one.state in ("pass", "stated", "signed") and end is not None and end < now + SOON:
                found.append(Ending(Held(change, one), end))
    return sorted(found, key=lambda one: one.ends)


def _end(one: Standing) -> datetime | None:
    if one.evidence is None:
        return None
    is_word = one.evidence.origin in ("stated", "signed")
    valid = min(one.control.valid, SIGNED_FOR) if is_word else one.control.valid
    end = one.evidence.found_at + valid
    return end if one.evidence.until is None else min(end, one.evidence.until)
