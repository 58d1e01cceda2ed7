"""Which gates are open, by where their controls stand: pure, no clock."""

from dataclasses import replace

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, Gate
from unfelt.engines.ledger.gates.standing import GATES, MEASURED_ONLY, ORDER, Asked, Case, GateStanding, Standing
from unfelt.engines.ledger.origins import candidate_of, is_measured


def asks(gate: Gate, control: Control, tier: Asked) -> bool:
    """The gate asks for the control; what an emergency owes afterwards is asked for when it is closed."""
    if tier != "emergency" or gate == "programme":
        return gate in control.gates
    if control.emergency == "before":
        return gate in control.gates or gate == "go"
    return gate == "close"


def gates_of(standings: tuple[Standing, ...], case: Case) -> tuple[GateStanding, ...]:
    found: list[GateStanding] = []
    shut: Gate | None = None
    candidate = candidate_of(case.plan)
    for gate in GATES:
        asked = [one for one in standings if one.state != "not_applicable" and asks(gate, one.control, case.tier)]
        holding = tuple(held for one in asked if (held := _held(one, gate, candidate)) is not None)
        behind = shut if gate in ORDER else None
        found.append(GateStanding(gate, not holding and behind is None, len(asked), holding, behind))
        if gate in ORDER and shut is None and holding:
            shut = gate
    return tuple(found)


def _held(one: Standing, gate: Gate, candidate: str) -> Standing | None:
    """None where it lets the gate open; else the standing with what holds it there.

    What go or proof ask for themselves was measured; what an emergency asks for at go may be stated or signed.
    """
    if one.state not in ("pass", "stated", "signed"):
        return None if one.state == "waived" else one
    measured_only = gate in MEASURED_ONLY and gate in one.control.gates
    if not measured_only or one.is_waived or (one.evidence is not None and is_measured(one.evidence, candidate)):
        return None
    return replace(one, why=_not_measured(one, candidate))


def _not_measured(one: Standing, candidate: str) -> Message:
    if one.origin != "read":
        return Message("{why}. Nothing opens this gate that was not measured", why=one.why)
    if not candidate:
        return Message(
            "{why}, read from another tool. It counts here for a candidate that the plan names: `candidate`",
            why=one.why,
        )
    return Message(
        "{why}, read from another tool. It counts here when unfelt ran it on the candidate: unfelt run-control",
        why=one.why,
    )
