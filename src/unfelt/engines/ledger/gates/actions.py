"""Evidence and waivers in the ledger: the only place that writes and reads them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from django.db import OperationalError

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Control, Playbook
from unfelt.documents.revision import expanded
from unfelt.engines.ledger.actions import keep_artefact, record
from unfelt.engines.ledger.gates.decide import Asked, Case, Evaluation, evaluate
from unfelt.engines.ledger.gates.facts import Evidence, GateError, Waiver
from unfelt.records.models import Entry

EVIDENCE, WAIVER = "evidence", "waiver"
TRIES = 8
"""How often the records are asked to take an entry, two seconds each where they are locked."""
LONGEST_WAIVER = timedelta(days=365)


def control_of(playbook: Playbook, name: str) -> Control:
    """The control of that name, or GateError with the near ones."""
    names = [control.id for control in playbook.controls]
    if name not in names:
        near = get_close_matches(name, names, n=3) or [one for one in names if name in one][:3] or names[:3]
        raise GateError(
            Message("There is no control {name}. Did you mean {near}?", name=name, near=", ".join(near))
        )
    return next(control for control in playbook.controls if control.id == name)


def must_take(control: Control, kind: str) -> None:
    """GateError where the control does not accept that kind of evidence."""
    if kind not in control.evidence:
        raise GateError(
            Message(
                "{control} does not take {kind}. It takes, strongest first: {kinds}.",
                control=control.id,
                kind=kind,
                kinds=", ".join(control.evidence),
            )
        )


def add_evidence(
    change: str,
    control: Control,
    evidence: Evidence,
    *,
    revision: str,
    at: datetime,
    artefact: bytes | None = None,
) -> int:
    """The record is the newest entry of the chain; its number. GateError where the control does not take it."""
    must_take(control, evidence.kind)
    if evidence.found_at > at:
        raise GateError(
            Message("Evidence cannot be of the future: {found}. Now it is {now}.", found=evidence.found_at, now=at)
        )
    body = {
        "change": change,
        "revision": revision,
        "control": evidence.control,
        "kind": evidence.kind,
        "verdict": evidence.verdict,
        "why": evidence.why.plain() if isinstance(evidence.why, Message) else evidence.why,
        "by": evidence.by,
        "found_at": evidence.found_at.isoformat(),
        "until": evidence.until.isoformat() if evidence.until else None,
        "parts": dict(evidence.parts),
        "numbers": dict(evidence.numbers),
        "artefact": None if artefact is None else keep_artefact(EVIDENCE, artefact, at=at),
    }
    return _recorded(EVIDENCE, body, at=at)


def add_waiver(change: str, waiver: Waiver, *, revision: str, at: datetime) -> int:
    """The waiver is on record; GateError where it is not one of two people, has no reason or no end."""
    if waiver.by.strip() == waiver.agreed_by.strip():
        raise GateError(
            Message("A waiver takes two people: {name} gave it and cannot agree to it too.", name=waiver.by)
        )
    if not waiver.reason.strip():
        raise GateError(Message("A waiver needs a reason that a stranger understands."))
    if not at < waiver.until <= at + LONGEST_WAIVER:
        raise GateError(
            Message(
                "A waiver ends between now and a year from now; {until} does not lie there.",
                until=waiver.until.isoformat(),
            )
        )
    plain = asdict(waiver)
    body = plain | {name: plain[name].isoformat() for name in ("given_at", "until")}
    return _recorded(WAIVER, {"change": change, "revision": revision, **body}, at=at)


def _recorded(kind: str, body: Mapping[str, Any], *, at: datetime) -> int:
    """The number of the new entry; where others hold the records, it waits for them a few times."""
    for left in reversed(range(TRIES)):
        try:
            return int(record(kind, body, rollout=None, at=at).sequence)
        except OperationalError:
            if not left:
                raise
    raise AssertionError


def case_of(change: Change, *, now: datetime) -> Case:
    """The change as it is decided on: `normal` where it does not say how carefully it is taken."""
    given = change.change
    tier: Asked = "emergency" if given.emergency else given.tier or "normal"
    return Case(expanded(change), tier, dict(given.facts), now)


def evaluated(change: Change, playbook: Playbook, *, now: datetime) -> Evaluation:
    """Every gate of the change by what is on record."""
    name = change.change.id
    return evaluate(playbook, case_of(change, now=now), evidence_of(name), waivers_of(name))


def evidence_of(change: str) -> Iterator[Evidence]:
    """Everything on record for the change, oldest first."""
    for number, body in _bodies(EVIDENCE, change):
        yield Evidence(
            control=body["control"],
            kind=body["kind"],
            verdict=body["verdict"],
            found_at=datetime.fromisoformat(body["found_at"]),
            parts=body["parts"],
            why=Message.of(body["why"]) if isinstance(body["why"], dict) else body["why"],
            by=body["by"],
            until=datetime.fromisoformat(body["until"]) if body["until"] else None,
            number=number,
            numbers=body["numbers"],
        )


def waivers_of(change: str) -> Iterator[Waiver]:
    """Every waiver on record for the change."""
    for _number, body in _bodies(WAIVER, change):
        times = {name: datetime.fromisoformat(body[name]) for name in ("given_at", "until")}
        yield Waiver(body["control"], body["reason"], body["by"], body["agreed_by"], **times)


def _bodies(kind: str, change: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    entries = Entry.objects.filter(kind=kind, body__contains=f'"change":{json.dumps(change)}').order_by("sequence")
    for entry in entries.iterator():
        body = json.loads(entry.body)
        if body["change"] == change:
            yield int(entry.sequence), body
