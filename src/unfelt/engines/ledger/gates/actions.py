"""Evidence and waivers into the ledger: the only place that writes them."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches
from typing import Any

from django.db import OperationalError

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Control, Least, Origin, Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.revision import expanded, revise
from unfelt.documents.sections import Person
from unfelt.engines.ledger.actions import keep_artefact, record
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.entries import EVIDENCE, WAIVER
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.gates.facts import GateError, Verdict, Waiver, part_digests
from unfelt.engines.ledger.gates.reading import evidence_of, programme_name
from unfelt.engines.ledger.kinds import Paper, SignOff
from unfelt.engines.ledger.origins import candidate_of, suffices
from unfelt.engines.ledger.payload import Payload
from unfelt.engines.ledger.rules import Rules
from unfelt.engines.people.persons import is_same
from unfelt.records.models import Member

TRIES = 8
"""How often the records are asked to take an entry, two seconds each where they are locked."""

LONGEST_WAIVER = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class About:
    """What evidence is about: a change as it is planned now, or a programme, which knows no plan."""

    name: str
    revision: str
    plan: Mapping[str, Any] | None

    @classmethod
    def change(cls, change: Change) -> "About":
        """The change as it is."""
        return cls(change.change.id, revise(change).digest, expanded(change))

    @classmethod
    def programme(cls, programme: Programme) -> "About":
        """The programme."""
        return cls(programme_name(programme), revise(programme).digest, None)

    def parts(self, control: Control) -> dict[str, str]:
        """The digests of what the control's evidence relies on."""
        return {} if self.plan is None else part_digests(self.plan, control.relies_on)


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of it: the verdict and its reason, the number of the entry, and how it was come by.

    is_enough: the control accepts what was come by so.
    """

    verdict: Verdict
    why: Message
    number: int
    origin: Origin = "stated"
    least: Least = "stated"

    @property
    def is_enough(self) -> bool:
        """The control accepts what was come by so."""
        return suffices(self.origin, self.least)


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
    about: About,
    control: Control,
    payload: Payload,
    *,
    at: datetime,
    found_at: datetime | None = None,
    by: str = "",
    why: str = "",
    artefact: bytes | None = None,
    beside: tuple[bytes, ...] = (),
) -> Recorded:
    """The record is the newest entry of the chain. Its verdict follows from the payload; nobody writes it down.

    artefact: what was found, kept as it is. beside: what else it was read from: reports, that of the old version.
    GateError where the control does not take such evidence, or it is of the future.
    """
    kind = payload.kind
    must_take(control, kind)
    found = found_at or at
    if found > at:
        raise GateError(
            Message("Evidence cannot be of the future: {found}. Now it is {now}.", found=found, now=at)
        )
    rules = Rules.of(control)
    verdict, reason = rules.judge(payload)
    until = payload.until if isinstance(payload, Paper) else None
    plain = payload.model_dump(mode="json", exclude_defaults=True)
    candidate = candidate_of(about.plan) if payload.tries else ""
    body = {
        "change": about.name,
        "revision": about.revision,
        "control": control.id,
        "kind": kind,
        "verdict": verdict,
        "why": why or reason.plain(),
        "by": by,
        "found_at": found.isoformat(),
        "until": datetime.combine(until + timedelta(days=1), time(), UTC).isoformat() if until else None,
        "parts": about.parts(control),
        "payload": plain,
        "limits": rules.texts(),
        "origin": payload.come_by(plain),
        **({"candidate": candidate} if candidate else {}),
        "artefact": None if artefact is None else hashlib.sha256(artefact).hexdigest(),
        **({"beside": [hashlib.sha256(one).hexdigest() for one in beside]} if beside else {}),
    }
    artefacts = (*(() if artefact is None else (artefact,)), *beside)
    number = _recorded(EVIDENCE, body, at=at, artefacts=artefacts)
    return Recorded(verdict, reason, number, payload.come_by(plain), control.least)


def sign(
    change: Change,
    playbook: Playbook,
    control: Control,
    *,
    by: str,
    refuse: str = "",
    at: datetime,
) -> Recorded:
    """The signature is on record. The owner's own counts when it is given again after the playbook's delay.

    GateError where the plan names others for the control's role.
    """
    must_be_one_of(change, (control.owner,), by=by)
    about = About.change(change)
    announced = alone = False
    if not refuse and is_same(by, change.change.owner):
        alone = _announced(about, control, by=by, before=at - playbook.playbook.self_approval)
        announced = not alone
    payload = SignOff(role=control.owner, refused=bool(refuse), announced=announced, alone=alone, why=refuse)
    return add_evidence(about, control, payload, at=at, by=by)


def _announced(about: About, control: Control, *, by: str, before: datetime) -> bool:
    """The same person signed the same plan, alone, at least so long ago."""
    parts = about.parts(control)
    return any(
        one.control == control.id
        and is_same(one.by, by)
        and dict(one.parts) == parts
        and bool(one.payload.get("announced"))
        and one.found_at <= before
        for one in evidence_of(about.name)
    )


def must_be_one_of(change: Change, roles: tuple[str, ...], *, by: str) -> None:
    """GateError where the plan names people for these roles, and this is neither one of them nor a deputy."""
    if not is_named(change, roles, by=by):
        named = named_for(change, roles)
        raise GateError(
            Message(
                "{name} has not the right to: the plan names {people} as {roles}.",
                name=by,
                people=", ".join(dict.fromkeys(person.name for person in named)),
                roles=", ".join(roles),
            )
        )


def named_for(change: Change, roles: tuple[str, ...]) -> list[Person]:
    """Whom the plan names for these roles, and their deputies."""
    known = {person.id: person for person in change.people}
    named = [person for person in change.people if set(person.roles).intersection(roles)]
    return named + [known[person.deputy] for person in named if person.deputy in known]


def is_named(change: Change, roles: tuple[str, ...], *, by: str) -> bool:
    """The plan names this person for one of these roles, or names nobody."""
    named = named_for(change, roles)
    return not named or any(is_same(by, name) for person in named for name in (person.id, person.name))


def must_be_known(change: Change, name: str) -> None:
    """GateError for a name that is neither of an active member nor of anybody whom the plan names."""
    named = [one for person in change.people for one in (person.id, person.name)]
    if any(is_same(name, one) for one in (change.change.owner, *named)):
        return
    short = name.partition("@")[0]
    members = Member.objects.filter(is_active=True, name__istartswith=short).values_list("name", flat=True)
    if not any(is_same(name, one) for one in members):
        raise GateError(
            Message(
                "{name} is not known: a waiver names members, or people whom the plan names under `people`.",
                name=name,
            )
        )


def may_be_waived(change: Change, playbook: Playbook, waiver: Waiver, *, at: datetime) -> None:
    """GateError where the waiver has no reason, no end, not two people, or not the right."""
    if is_same(waiver.by, waiver.agreed_by):
        raise GateError(
            Message("A waiver takes two people: {name} gave it and cannot agree to it too.", name=waiver.by)
        )
    must_be_one_of(change, playbook.playbook.may_waive, by=waiver.by)
    for name in (waiver.by, waiver.agreed_by):
        must_be_known(change, name)
    if not waiver.reason.strip():
        raise GateError(Message("A waiver needs a reason that a stranger understands."))
    if not at < waiver.until <= at + LONGEST_WAIVER:
        raise GateError(
            Message(
                "A waiver ends between now and a year from now; {until} does not lie there.",
                until=waiver.until.isoformat(),
            )
        )


def waive(change: Change, playbook: Playbook, waiver: Waiver, *, at: datetime) -> int:
    """The waiver is on record; GateError where it may not be given."""
    may_be_waived(change, playbook, waiver, at=at)
    plain = asdict(waiver)
    body = plain | {name: plain[name].isoformat() for name in ("given_at", "until")}
    about = {"change": change.change.id, "revision": revise(change).digest}
    return _recorded(WAIVER, {**about, **body}, at=at)


def _recorded(kind: EntryKind, body: Mapping[str, Any], *, at: datetime, artefacts: tuple[bytes, ...] = ()) -> int:
    """The number of the new entry, with what it names kept beside it, or neither.

    Where others hold the records, it waits for them a few times.
    """
    for left in reversed(range(TRIES)):
        try:
            with in_turn():
                for artefact in artefacts:
                    keep_artefact(EVIDENCE.name, artefact, at=at)
                return int(record(kind, body, rollout=None, at=at).sequence)
        except OperationalError:
            if not left:
                raise
    raise AssertionError
