"""From playbook, plan and evidence to open gates and what holds the others: pure, no clock."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, Gate, Playbook
from unfelt.documents.units import format_duration
from unfelt.engines.ledger.gates.facts import Evidence, Waiver, part_digests
from unfelt.engines.ledger.payload import form_of, is_known
from unfelt.engines.ledger.rules import Rules

Asked = Literal["standard", "normal", "major", "emergency"]
State = Literal[
    "pass", "signed", "waived", "not_applicable", "fail", "inconclusive", "not_run", "stale", "expired", "missing"
]
OPENING = frozenset({"pass", "waived", "not_applicable"})
"""States that let a gate open; a signature does at gates that may rest on one."""
MEASURED_ONLY = frozenset({"go", "proof"})
"""Gates at which nothing rests on a signature alone."""
SIGNED_FOR = timedelta(days=30)
"""How long a signature counts where something could be measured."""
ORDER: tuple[Gate, ...] = ("plan", "ready", "go", "proof", "close")
"""A gate opens only behind the ones before it."""
GATES: tuple[Gate, ...] = get_args(Gate)


@dataclass(frozen=True, slots=True)
class Case:
    """What is decided: the expanded plan, how carefully it is taken, what is true of it, the time, and why so."""

    plan: Mapping[str, Any]
    tier: Asked
    facts: Mapping[str, str]
    now: datetime
    why: Message | None = None
    owed_until: datetime | None = None
    """In an emergency that has begun to move customers: when it has to have answered what it owes."""

    @property
    def is_overdue(self) -> bool:
        """What an emergency owes was not answered in time, if it is still open."""
        return self.owed_until is not None and self.now > self.owed_until


@dataclass(frozen=True, slots=True)
class Standing:
    """One control: where it stands, why, and the evidence that says so."""

    control: Control
    state: State
    why: Message
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class GateStanding:
    """A gate: whether it is open, the controls that hold it, and the gate before it that does."""

    gate: Gate
    is_open: bool
    asked: int
    holding: tuple[Standing, ...]
    behind: Gate | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every control and every gate."""

    controls: tuple[Standing, ...]
    gates: tuple[GateStanding, ...]

    def gate(self, name: Gate) -> GateStanding:
        """That gate."""
        return next(one for one in self.gates if one.gate == name)


def evaluate(
    playbook: Playbook, case: Case, evidence: Iterable[Evidence], waivers: Iterable[Waiver]
) -> Evaluation:
    """Adding passing evidence never shuts a gate, time passing never opens one.

    Of each kind of evidence the newest record counts that is about the plan as it is. A failure does not expire:
    it is answered by newer evidence of its kind, or by an edit of what it was about.
    """
    found: dict[str, list[Evidence]] = defaultdict(list)
    for one in evidence:
        found[one.control].append(one)
    let: dict[str, list[Waiver]] = defaultdict(list)
    for waiver in waivers:
        let[waiver.control].append(waiver)
    # Many controls rely on the same part: each is looked up and hashed once.
    parts = part_digests(case.plan, sorted({part for one in playbook.controls for part in one.relies_on}))
    standings = tuple(_standing(one, case, parts, found[one.id], let[one.id]) for one in playbook.controls)
    return Evaluation(standings, _gates(standings, case))


def applies(control: Control, case: Case) -> Message | None:
    """None where the control applies; else the rule by which it does not."""
    if case.tier == "emergency":
        if control.emergency is None:
            return Message("an emergency change is not asked for it")
    elif case.tier not in control.tiers:
        return Message("a {tier} change is not asked for it", tier=case.tier)
    for fact, value in control.unless.items():
        if case.facts.get(fact) == value:
            return Message("does not apply: {fact} is {value}", fact=fact, value=value)
    return None


def asks(gate: Gate, control: Control, tier: Asked) -> bool:
    """The gate asks for the control; what an emergency owes afterwards is asked for when it is closed."""
    if tier != "emergency" or gate == "programme":
        return gate in control.gates
    if control.emergency == "before":
        return gate in control.gates or gate == "go"
    return gate == "close"


def _standing(
    control: Control, case: Case, parts: Mapping[str, str], evidence: list[Evidence], waivers: list[Waiver]
) -> Standing:
    rule = applies(control, case)
    if rule is not None:
        return Standing(control, "not_applicable", rule)
    best = _judged(control, {part: parts[part] for part in control.relies_on}, evidence, now=case.now)
    if best.state == "pass":
        return best
    live = [one for one in waivers if one.given_at <= case.now < one.until]
    if live:
        last = max(live, key=lambda one: one.until)
        why = Message(
            "waived until {until} by {by}, agreed by {agreed_by}: {reason}",
            until=f"{last.until:%Y-%m-%d %H:%M} UTC",
            by=last.by,
            agreed_by=last.agreed_by,
            reason=last.reason,
        )
        return Standing(control, "waived", why, best.evidence)
    return best


def _judged(control: Control, digests: Mapping[str, str], evidence: list[Evidence], *, now: datetime) -> Standing:
    ordered = sorted(evidence, key=lambda each: (each.found_at, each.number))
    of_plan = [one for one in ordered if one.programme or dict(one.parts) == digests]
    kinds = [kind for kind in control.evidence if any(one.kind == kind for one in of_plan)]
    if not kinds and ordered:
        why = Message("the plan was changed where this evidence relies on it")
        return Standing(control, "stale", why, ordered[-1])
    if not kinds:
        return Standing(control, "missing", Message("no evidence yet"))
    standings = [_newest(control, [one for one in of_plan if one.kind == kind], now) for kind in kinds]
    return min(standings, key=lambda one: _RANK.index(one.state))


_RANK: tuple[State, ...] = ("fail", "pass", "signed", "inconclusive", "not_run", "expired")
"""Of several kinds of evidence the first of these states is the control's."""


def _newest(control: Control, records: list[Evidence], now: datetime) -> Standing:
    """By the newest record of one kind; of the passes since the last that was none, one that still counts."""
    rules = Rules.of(control)
    records = [_judged_again(rules, one) for one in records]
    last = _by(control, records[-1], now)
    for one in reversed(records):
        if one.verdict != "pass":
            return last
        standing = _by(control, one, now)
        if standing.state != "expired":
            return standing
    return last


def _judged_again(rules: Rules, one: Evidence) -> Evidence:
    """The record under the limits as they are now, where they were others when it was written."""
    if one.limits is None or one.limits == rules.texts():
        return one
    if not is_known(one.kind):
        said = Message("evidence of kind {kind} cannot be read: its plug-in is not installed", kind=one.kind)
        return replace(one, verdict="inconclusive", why=said)
    verdict, why = rules.judge(form_of(one.kind).model_validate(one.payload))
    return replace(one, verdict=verdict, why=why)


def _by(control: Control, one: Evidence, now: datetime) -> Standing:
    why = one.why if isinstance(one.why, Message) else Message("{why}", why=one.why or "–")
    if one.verdict == "fail":
        return Standing(control, "fail", why, one)
    valid = min(control.valid, SIGNED_FOR) if one.kind == "sign-off" else control.valid
    end = one.found_at + valid
    end = end if one.until is None else min(end, one.until)
    if now >= end:
        return Standing(
            control,
            "expired",
            Message(
                "older than {valid}, since {end}", valid=format_duration(valid), end=f"{end:%Y-%m-%d %H:%M} UTC"
            ),
            one,
        )
    if one.verdict == "pass" and one.kind == "sign-off" and control.evidence != ("sign-off",):
        return Standing(control, "signed", Message("signed by {by}, not measured", by=one.by), one)
    return Standing(control, one.verdict, why, one)


def _gates(standings: tuple[Standing, ...], case: Case) -> tuple[GateStanding, ...]:
    found: list[GateStanding] = []
    shut: Gate | None = None
    for gate in GATES:
        asked = [one for one in standings if one.state != "not_applicable" and asks(gate, one.control, case.tier)]
        holding = tuple(one for one in asked if not _lets(one, gate))
        behind = shut if gate in ORDER else None
        found.append(GateStanding(gate, not holding and behind is None, len(asked), holding, behind))
        if gate in ORDER and shut is None and holding:
            shut = gate
    return tuple(found)


def _lets(one: Standing, gate: Gate) -> bool:
    """A signature lets pass what plan or ready ask for, also where an emergency asks for it only at go."""
    rests_on_it = gate not in MEASURED_ONLY or gate not in one.control.gates
    return one.state in OPENING or (one.state == "signed" and rests_on_it)
