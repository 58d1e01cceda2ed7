"""Checking what the ledger says of itself: chain, plan revisions, artefacts, keys and signatures."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from securesystemslib.signer import SSlibKey

from unfelt.conf.language import Message
from unfelt.documents.revision import subject_of
from unfelt.engines.ledger.actions import links
from unfelt.engines.ledger.chain import faults
from unfelt.engines.ledger.checkpoints import Signed, is_good
from unfelt.engines.ledger.covering import ROWS, Covered, row_faults
from unfelt.engines.ledger.entries import CLOCK_MOVED, ERASED, EVIDENCE, FORGOTTEN, KEY, MISSION, PAPERS
from unfelt.engines.ledger.entry_kinds import entry_kinds
from unfelt.engines.ledger.erasing import erasure_faults
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.gates.rederiving import derived_faults
from unfelt.engines.ledger.gates.rollouts import rollout_faults
from unfelt.engines.ledger.keys import key_of
from unfelt.engines.ledger.mission import mission_faults
from unfelt.engines.ledger.naming import short
from unfelt.engines.ledger.payload import come_by, form_of, is_known
from unfelt.engines.ledger.people import TOKEN, digest_of
from unfelt.engines.ledger.rereading import is_read, reread_faults
from unfelt.engines.ledger.rules import Rules
from unfelt.engines.ledger.tally_file import read_tallies, rows_of
from unfelt.records.models import Artefact, Checkpoint, Entry, Person, Revision

_KEPT = ("tallies", "guard")


@dataclass(slots=True)
class Ledger:
    """What a walk along the chain found."""

    entries: int = 0
    digests: dict[int, str] = field(default_factory=dict)
    keys: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    seals: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    begun: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By rollout, what was written when it began."""
    revised: dict[str, Any] = field(default_factory=dict)
    """When each plan revision was first named."""
    papers: dict[str, list[tuple[int, Any]]] = field(default_factory=dict)
    """By digest of an artefact of evidence or a report, the entries that name it and their times."""
    people: dict[str, int] = field(default_factory=dict)
    """By token of a person, the first entry that names them."""
    forgotten: set[str] = field(default_factory=set)
    """Tokens whose name was erased, as entries say."""
    derived: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    """Entries of evidence that was derived, and their bodies."""
    read: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    """Entries of evidence that was read from a tool's file, and their bodies."""
    mission: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """Entries about a mission and its clock: their kinds and bodies."""
    rollouts: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    """Entries of evidence about what a rollout ended with, and their bodies."""
    erased: dict[str, int] = field(default_factory=dict)
    """By digest of an artefact that was erased, the entry that says so."""
    signed_until: int = 0
    """Up to here the chain is signed for by somebody who is trusted."""
    covered: Covered = field(default_factory=Covered)
    """Rows beside the ledger, as its entries left them."""
    faults: list[Fault] = field(default_factory=list)


def check_ledger(trusted: Mapping[str, SSlibKey]) -> Ledger:
    """Everything but the decisions themselves; `trusted` are the keys whose signatures count."""
    ledger = Ledger()
    ledger.faults += faults(_walk(ledger))
    ledger.faults += _revision_faults(ledger)
    ledger.faults += _artefact_faults(ledger)
    ledger.faults += erasure_faults(ledger.erased)
    ledger.faults += _people_faults(ledger)
    ledger.faults += row_faults(ledger.covered, ledger.forgotten)
    ledger.faults += mission_faults(ledger.mission)
    ledger.faults += derived_faults(ledger.derived, ledger.digests)
    ledger.faults += reread_faults(ledger.read, set(ledger.erased))
    ledger.faults += rollout_faults(ledger.rollouts)
    good = _signatures(ledger, vouched(ledger, trusted))
    ledger.faults += _key_faults(ledger, trusted, good)
    return ledger


def _walk(ledger: Ledger) -> Iterator[Any]:
    for link, digest in links():
        ledger.entries += 1
        ledger.digests[link.sequence] = digest
        try:
            _note(ledger, link.sequence, link)
        except (ValueError, TypeError, AttributeError):
            ledger.faults.append(entry_fault(link.sequence, Message("its body cannot be read")))
        yield link, digest


def _note(ledger: Ledger, sequence: int, link: Any) -> None:  # noqa: ANN401
    for token in TOKEN.findall(link.body):
        ledger.people.setdefault(token, sequence)
    if f'"{ROWS}":' in link.body:
        ledger.covered.note(sequence, link.kind, json.loads(link.body).get(ROWS, {}))
    if link.kind == FORGOTTEN.name:
        ledger.forgotten |= set(json.loads(link.body)["people"])
    if link.kind == KEY.name:
        ledger.keys.append((sequence, json.loads(link.body)))
    elif link.kind == ERASED.name:
        ledger.erased |= dict.fromkeys(json.loads(link.body)["digests"], link.sequence)
    elif link.kind in (MISSION.name, CLOCK_MOVED.name):
        ledger.mission.append((sequence, link.kind, json.loads(link.body)))
    elif link.kind == "seal":
        ledger.seals.append((sequence, json.loads(link.body)))
    elif link.kind == EVIDENCE.name:
        _note_evidence(ledger, link, json.loads(link.body))
    elif link.kind == "begun" and link.rollout:
        ledger.begun[link.rollout] = {**json.loads(link.body), "at": link.recorded_at, "plan": link.revision}
    else:
        _note_kept(ledger, link)
    if link.revision:
        ledger.revised.setdefault(link.revision, link.recorded_at)


def _note_kept(ledger: Ledger, link: Any) -> None:  # noqa: ANN401
    """What its kind says that it keeps is named."""
    kind = entry_kinds().get(link.kind)
    for member in kind.keeps if kind is not None else ():
        digest = json.loads(link.body)[member]
        ledger.papers.setdefault(digest, []).append((link.sequence, link.recorded_at))


def _note_evidence(ledger: Ledger, link: Any, body: Mapping[str, Any]) -> None:  # noqa: ANN401
    """Its artefact is named; its verdict follows from what it holds, under the limits of that day."""
    for digest in (body["artefact"], *body.get("beside", ())):
        if digest:
            ledger.papers.setdefault(digest, []).append((link.sequence, link.recorded_at))
    if body["kind"] == "derived":
        ledger.derived.append((link.sequence, body))
    if body["kind"] == "rollout" and "origin" in body:
        ledger.rollouts.append((link.sequence, body))
    if is_read(body):
        ledger.read.append((link.sequence, body))
    if body.get("limits") is not None and is_known(body["kind"]):
        payload = form_of(body["kind"]).model_validate(body["payload"])
        if body.get("origin", come := come_by(body["kind"], body["payload"])) != come:
            ledger.faults.append(
                entry_fault(link.sequence, Message("its origin does not follow from what it holds"))
            )
        if "origin" in body and not payload.follows():
            said = Message("its numbers do not follow from what was seen")
            ledger.faults.append(entry_fault(link.sequence, said))
        if Rules.read(body["limits"]).judge(payload)[0] != body["verdict"]:
            ledger.faults.append(
                entry_fault(link.sequence, Message("its verdict does not follow from what it holds"))
            )


# Plan revisions


def _revision_faults(ledger: Ledger) -> Iterator[Fault]:
    for row in Revision.objects.iterator():
        where = Message("plan revision {digest}", digest=row.digest[:12])
        if hashlib.sha256(row.canonical.encode()).hexdigest() != row.digest:
            yield Fault(where, Message("its content is not what was recorded"))
        elif (row.kind, row.name) != subject_of(json.loads(row.canonical)) or row.saved_at != ledger.revised.get(
            row.digest
        ):
            yield Fault(where, Message("its name or time is not that of its content"))


# People


def _people_faults(ledger: Ledger) -> Iterator[Fault]:
    """Every token has its name beside the ledger, or was erased as an entry says."""
    rows = {row.token: row for row in Person.objects.iterator()}
    for token, sequence in ledger.people.items():
        row = rows.get(token)
        if row is None:
            yield entry_fault(sequence, Message("the person that it names is missing"))
        elif row.name is None and token not in ledger.forgotten:
            yield entry_fault(sequence, Message("the person that it names was erased, and no entry says so"))
        elif row.name is not None and digest_of(row.salt, row.name) != token:
            yield entry_fault(sequence, Message("the person that it names is another one than was recorded"))


# Artefacts


def _artefact_faults(ledger: Ledger) -> Iterator[Fault]:
    named = {body.get(kind): (kind, sequence) for sequence, body in ledger.seals for kind in _KEPT}
    times = dict(Entry.objects.filter(kind="seal").values_list("sequence", "recorded_at"))
    found = set()
    papers = ledger.papers
    for row in Artefact.objects.iterator():
        found.add(row.digest)
        where = Message("artefact {digest}", digest=row.digest[:12])
        kind, sequence = named.get(row.digest, ("", 0))
        if hashlib.sha256(bytes(row.content)).hexdigest() != row.digest:
            yield Fault(where, Message("its content is not what was recorded"), sequence or None)
        elif row.digest in papers and row.kind in PAPERS:
            if row.saved_at not in [at for _sequence, at in papers[row.digest]]:
                yield Fault(where, Message("no entry names it as what it is"))
        elif kind != row.kind or not any(row.saved_at == at for at in times.values()):
            yield Fault(where, Message("no entry names it as what it is"))
    for digest in papers.keys() - found - ledger.erased.keys():
        gone = Message("the artefact {digest} that it names is missing", digest=digest[:12])
        yield from (entry_fault(sequence, gone) for sequence, _at in papers[digest])
    for sequence, body in ledger.seals:
        yield from _seal_faults(sequence, body, found)


def _seal_faults(sequence: int, body: Mapping[str, Any], found: set[str]) -> Iterator[Fault]:
    for kind in _KEPT:
        if body[kind] not in found:
            gone = Message("the artefact {digest} that it names is missing", digest=body[kind][:12])
            yield entry_fault(sequence, gone)
            return
    rollout = Entry.objects.values_list("rollout_id", flat=True).get(sequence=sequence)
    decisions = Entry.objects.filter(
        kind="decision", rollout_id=rollout, sequence__gte=body["first"], sequence__lte=body["last"]
    ).order_by("sequence")
    try:
        kept = read_tallies(bytes(Artefact.objects.get(digest=body["tallies"]).content))
        written = rows_of((row, json.loads(text)) for row, text in decisions.values_list("sequence", "body"))
    except (ValueError, KeyError, TypeError):
        yield entry_fault(sequence, Message("its tallies cannot be read"))
        return
    if decisions.count() != body["decisions"]:
        yield entry_fault(sequence, Message("it does not seal the decisions that are there"))
    if kept != written:
        yield entry_fault(_first_difference(kept, written), Message("its tallies are not those that were sealed"))


def _first_difference(kept: list[Any], written: list[Any]) -> int:
    """The decision whose tallies differ first."""
    for one, other in zip(kept, written, strict=False):
        if one != other:
            return int(min(one[0], other[0]))
    return int((kept + written)[min(len(kept), len(written))][0])


# Keys and signatures


def vouched(ledger: Ledger, trusted: Mapping[str, SSlibKey]) -> dict[str, SSlibKey]:
    """The trusted keys, and those on record that spell out the key that they are named by."""
    known = dict(trusted)
    for _, body in ledger.keys:
        try:
            key = key_of(body["public"])
        except (ValueError, KeyError):
            continue
        if key.keyid == body["keyid"]:
            known.setdefault(key.keyid, key)
    return known


def _signatures(ledger: Ledger, keys: Mapping[str, SSlibKey]) -> list[Checkpoint]:
    """The checkpoints that are good; what is wrong with the others is noted."""
    good: list[Checkpoint] = []
    for row in Checkpoint.objects.order_by("sequence"):
        where = Message("checkpoint {sequence}", sequence=row.sequence)
        signed = Signed(row.sequence, row.digest, row.key, row.envelope, row.signed_at)
        if not is_good(signed, keys):
            ledger.faults.append(Fault(where, Message("its signature is not good for what it says")))
        elif row.sequence not in ledger.digests:
            gone = Message("the entry that was signed for is missing")
            ledger.faults.append(Fault(where, gone, row.sequence))
        elif ledger.digests[row.sequence] != row.digest:
            first = good[-1].sequence + 1 if good else 1
            said = Message(
                "something in entries {first} to {last} is not what was signed", first=first, last=row.sequence
            )
            ledger.faults.append(Fault(where, said, row.sequence))
        else:
            good.append(row)
    return good


def _key_faults(ledger: Ledger, trusted: Mapping[str, SSlibKey], good: list[Checkpoint]) -> Iterator[Fault]:
    """Each key is trusted itself, or vouched for by one that is; signatures of others count for nothing."""
    accepted = set(trusted)
    for number, (sequence, body) in enumerate(ledger.keys):
        last = ledger.keys[number + 1][0] if number + 1 < len(ledger.keys) else ledger.entries
        vouched = any(row.key == body["before"] and sequence <= row.sequence <= last for row in good)
        if body["before"] in accepted and vouched:
            accepted.add(body["keyid"])
        elif body["keyid"] not in accepted:
            said = Message(
                "the key {key} is not one that you trust, and none that you trust vouches for it",
                key=short(body["keyid"]),
            )
            yield entry_fault(sequence, said)
    ledger.signed_until = max((row.sequence for row in good if row.key in accepted), default=0)
