"""Nobody is moved while a gate is shut: the one check before a rollout begins, whoever begins it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.documents.change import Change
from unfelt.documents.load import load_playbook
from unfelt.documents.playbook import Gate
from unfelt.documents.problems import DocumentErrors
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.gates.actions import must_be_known
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.gates.models import is_asked
from unfelt.engines.ledger.gates.reading import case_of, evaluated
from unfelt.engines.ledger.gates.rollouts import note_rollouts
from unfelt.engines.ledger.gates.sealed import seal_derived
from unfelt.engines.ledger.gates.standing import Evaluation, Standing
from unfelt.engines.ledger.gates.tiers import unagreed
from unfelt.engines.ledger.standards import Standards
from unfelt.engines.people.persons import is_same
from unfelt.records.models import Rollout
from unfelt.rollout import entries
from unfelt.rollout.decide import State
from unfelt.rollout.refusal import CannotStart

SAY_TIER = Message(
    "the plan does not say how carefully the change is taken, and no gate would hold it: write `change.tier` "
    "(standard, normal or major)"
)
SHOWN = 5
"""So many controls are named where a gate is shut."""


def must_be_let_go(
    change: Change, place: Standards | None = None, *, at: datetime, must_say: bool = False
) -> Evaluation | None:
    """The gates of a change that says how carefully it is taken; CannotStart where go is shut.

    place: what it is judged by; the playbook of the settings if left out. must_say: a plan on record says how
    carefully it is taken.

    A change in a file without `tier`, no emergency and never asked for more, is asked for nothing: None.
    """
    place = place or _standards()
    playbook, lowered = place.playbook, unagreed(change)
    if not is_asked(change, playbook) and not lowered:
        if must_say:
            raise CannotStart(SAY_TIER)
        return None
    note_rollouts(change.change.id, playbook)
    found = evaluated(change, place, now=at, lowered=lowered)
    go = found.gate("go")
    if not go.is_open:
        shut = found.gate(go.behind) if go.behind else go
        names = [one.control.id for one in shut.holding]
        raise CannotStart(
            Message(
                "gate {gate} is shut. No passing evidence for: {controls}. What each takes: unfelt gates",
                gate=shut.gate,
                controls=", ".join(names[:SHOWN]) + (f" (+{len(names) - SHOWN})" if len(names) > SHOWN else ""),
            )
        )
    return found


def note_end(change: Change) -> int:
    """What a rollout ended with is evidence for the change, where it has gates to answer; how many pieces are new.

    A playbook that cannot be read now does not spoil the end: a worker writes it down, or whoever asks for the
    gates in a terminal.
    """
    with suppress(DocumentErrors, GateError, OSError):
        playbook = load_playbook(settings().playbook)
        if is_asked(change, playbook) or unagreed(change):
            return note_rollouts(change.change.id, playbook)
    return 0


@dataclass(frozen=True, slots=True)
class Outside:
    """Two people let a rollout begin outside the window of its plan, for a reason."""

    reason: str
    by: str
    agreed_by: str


def must_be_in_window(change: Change, outside: Outside | None, *, at: datetime) -> None:
    """CannotStart outside the plan's window, unless two people that are known say why: that is on record."""
    window = change.window
    if window is None or window.start <= at < window.end:
        return
    if outside is None:
        over = Message("is over") if at >= window.end else Message("has not begun")
        raise CannotStart(
            Message(
                "the window of the plan, {start} to {end}, {state}. Plan another one, or say why with a second "
                "person: unfelt run --outside-window REASON --agreed-by NAME",
                start=f"{window.start:%Y-%m-%d %H:%M %Z}",
                end=f"{window.end:%Y-%m-%d %H:%M %Z}",
                state=over,
            )
        )
    if is_same(outside.by, outside.agreed_by):
        raise CannotStart(Message("It takes two people: {name} cannot agree to it too.", name=outside.by))
    try:
        for name in (outside.by, outside.agreed_by):
            must_be_known(change, name)
    except GateError as error:
        raise CannotStart(error.message) from error
    said = {"change": change.change.id, "reason": outside.reason, "by": outside.by, "agreed_by": outside.agreed_by}
    record(entries.OUTSIDE_WINDOW, said, rollout=None, at=at)


def must_not_collide(change: Change) -> None:
    """CannotStart while another change moves customers of the same touchpoints: each would be taken for the other.

    An emergency does not wait.
    """
    if change.change.emergency or not change.touches:
        return
    for row in Rollout.objects.filter(ended=None).exclude(change=change.change.id).select_related("revision"):
        shared = set(json.loads(row.revision.canonical)["touches"]).intersection(change.touches)
        if shared and row.state != State.PREPARED:
            raise CannotStart(
                Message(
                    "change {other} is moving customers of {touchpoints} too (rollout {rollout}). Let it end, or "
                    "take it back: unfelt back {rollout}",
                    other=row.change,
                    rollout=row.id,
                    touchpoints=", ".join(sorted(shared)),
                )
            )


def note_gates(
    change: Change, found: Evaluation, place: Standards | None = None, *, at: datetime, gate: Gate = "go"
) -> int:
    """The entry that says what the gate was opened by; what was derived for it is on record before that."""
    place = place or _standards()
    tier = case_of(change, place.playbook, now=at).tier
    sealed = seal_derived(change, place, found, tier=tier, at=at)
    controls = {
        one.control.id: {"state": one.state, "evidence": sealed.get(one.control.id) or _number(one)}
        for one in found.controls
        if one.state != "not_applicable"
    }
    said = {"change": change.change.id, "gate": gate, "controls": controls}
    return int(record(entries.GATE, said, rollout=None, at=at).sequence)


def _number(one: Standing) -> int | None:
    return one.evidence.number if one.evidence else None


def _standards() -> Standards:
    return Standards(load_playbook(settings().playbook))
