"""Evidence and waivers into the ledger: the only place that writes them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Any

from django.db import OperationalError

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Control, Least, Origin, Playbook
from unfelt.documents.revision import revise
from unfelt.documents.sections import Person
from unfelt.engines.ledger.actions import keep_artefact, record
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.entries import EVIDENCE, WAIVER
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.gates.drafting import About, Correction, Draft, drafted
from unfelt.engines.ledger.gates.facts import GateError, Verdict, Waiver
from unfelt.engines.ledger.gates.reading import counted_of
from unfelt.engines.ledger.kinds import SignOff
from unfelt.engines.ledger.origins import suffices
from unfelt.engines.ledger.payload import Payload
from unfelt.engines.people.persons import is_same
from unfelt.records.models import Member

TRIES = 8
"""How often the records are asked to take an entry, two seconds each where they are locked."""

LONGEST_WAIVER = timedelta(days=365)


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
    corrects: Correction | None = None,
) -> Recorded:
    """The record is the newest entry of the chain. Its verdict follows from the payload; nobody writes it down.

    artefact: what was found, kept as it is. beside: what else it was read from: reports, that of the old version.
    corrects: the record in whose place it is. GateError where the control does not take such evidence, it is
    empty, it is of the future, or may not take that place.
    """
    draft = drafted(
        about,
        control,
        payload,
        at=at,
        found_at=found_at,
        by=by,
        why=why,
        artefact=artefact,
        beside=beside,
        corrects=corrects,
    )
    return put_on_record(draft, at=at)


def put_on_record(draft: Draft, *, at: datetime) -> Recorded:
    """What was drafted is the newest entry of the chain, word for word."""
    number = _recorded(EVIDENCE, draft.body, at=at, artefacts=draft.artefacts)
    return Recorded(draft.verdict, draft.why, number, draft.origin, draft.control.least)


def sign(
    change: Change,
    playbook: Playbook,
    control: Control,
    *,
    by: str,
    refuse: str = "",
    at: datetime,
    corrects: Correction | None = None,
) -> Recorded:
    """The signature is on record. The owner's own counts when it is given again after the playbook's delay.

    corrects: their signature of before, in whose place it is.

    GateError where the plan names others for the control's role.
    """
    must_be_one_of(change, (control.owner,), by=by)
    about = About.change(change)
    announced = alone = False
    if not refuse and is_same(by, change.change.owner):
        alone = _announced(about, control, by=by, before=at - playbook.playbook.self_approval)
        announced = not alone
    payload = SignOff(role=control.owner, refused=bool(refuse), announced=announced, alone=alone, why=refuse)
    return add_evidence(about, control, payload, at=at, by=by, corrects=corrects)


def _announced(about: About, control: Control, *, by: str, before: datetime) -> bool:
    """The same person signed the same plan, alone, at least so long ago."""
    parts = about.parts(control)
    return any(
        one.control == control.id
        and is_same(one.by, by)
        and dict(one.parts) == parts
        and bool(one.payload.get("announced"))
        and one.found_at <= before
        for one in counted_of(about.name)
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
