"""Bytes of evidence that have to go: a tombstone stays, with who erased them and why; verification names it."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.entries import ERASED, PAPERS
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.people import names, revealed
from unfelt.records.covering import is_there
from unfelt.records.models import Artefact, Entry, Erasure

SHORTEST = 12
"""So many first digits of a digest name an artefact, where no other begins so."""
LONGEST_WHY = 2_000


@dataclass(frozen=True, slots=True)
class Stone:
    """What is left of an artefact: the entry that says so, and what it says."""

    number: int
    why: str
    by: str


def erase_artefacts(digests: Sequence[str], *, why: str, by: str, at: datetime) -> int:
    """The bytes are gone, and the entry of that number says whose act it was and why; or nothing is done.

    digests: whole, or their first twelve digits. GateError for what is no file of evidence: decisions are decided
    again from tallies and what the guard remembered.
    """
    if not why.strip():
        raise GateError(Message("Say why it is erased: the reason stays in its place."))
    if len(why) > LONGEST_WHY:
        raise GateError(Message("The reason is too long: {n} signs at most.", n=LONGEST_WHY))
    with in_turn():
        wanted = sorted({_kept(one) for one in digests})
        if not wanted:
            raise GateError(Message("Name what is erased, by its digest."))
        body = {"by": by, "digests": wanted, "why": why.strip()}
        number = int(record(ERASED, body, rollout=None, at=at).sequence)
        Erasure.objects.bulk_create(Erasure(digest=one, sequence=number, erased_at=at) for one in wanted)
        _overwriting()
        Artefact.objects.filter(digest__in=wanted).delete()
    _forget_the_log()
    return number


def _kept(text: str) -> str:
    """The whole digest of a file of evidence, or of a report that was sent, which is kept."""
    said = text.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST},64}}", said):
        raise GateError(Message("{text} is no digest: its first {n} digits are due.", text=text, n=SHORTEST))
    gone = Erasure.objects.filter(digest__startswith=said).first()
    found = list(Artefact.objects.filter(digest__startswith=said).values_list("digest", "kind")[:2])
    if not found and gone is not None:
        raise GateError(
            Message("{digest} is erased already, as entry {n} says.", digest=said[:SHORTEST], n=gone.sequence)
        )
    if not found:
        raise GateError(Message("No file that is kept has the digest {digest}.", digest=said))
    if len(found) > 1:
        raise GateError(Message("More than one digest begins with {digest}: write more of it.", digest=said))
    digest, kind = found[0]
    if kind not in PAPERS:
        raise GateError(
            Message(
                "{digest} is needed to verify a rollout ({kind}), and is not erased: it names no person.",
                digest=digest[:SHORTEST],
                kind=kind,
            )
        )
    return str(digest)


def _overwriting() -> None:
    """SQLite writes zeros over what is deleted from here on; PostgreSQL does when it vacuums the table."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def _forget_the_log() -> None:
    """SQLite's log of what was written is cut, as soon as nobody reads what is older."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def must_not_be_erased(digests: Iterable[str]) -> None:
    """GateError for bytes that were erased before: they do not come back with new evidence."""
    gone = Erasure.objects.filter(digest__in=list(digests)).first()
    if gone is not None:
        raise GateError(
            Message("This very file was erased, as entry {n} says, and is not kept again.", n=gone.sequence)
        )


def stones_of(digests: Iterable[str]) -> Mapping[str, Stone]:
    """What is left of those of these artefacts that were erased, by digest."""
    rows = dict(Erasure.objects.filter(digest__in=list(digests)).values_list("digest", "sequence"))
    if not rows:
        return {}
    texts = Entry.objects.filter(sequence__in=set(rows.values()), kind=ERASED.name).values_list("sequence", "body")
    known = names()
    said = {number: revealed(json.loads(text), known) for number, text in texts}
    return {
        digest: Stone(number, str(said[number]["why"]), str(said[number].get("by", "")))
        for digest, number in rows.items()
        if number in said
    }


# Verification


def erasure_faults(erased: Mapping[str, int]) -> Iterator[Fault]:
    """Tombstones without their entry, entries without their tombstone, and bytes that are there all the same.

    erased: by digest, the entry that says that the artefact was erased.
    """
    rows = dict(Erasure.objects.values_list("digest", "sequence")) if is_there(Erasure) else {}
    for digest, number in rows.items():
        if erased.get(digest) != number:
            where = Message("artefact {digest}", digest=digest[:12])
            yield Fault(where, Message("it was marked as erased, and no entry says so"))
    for digest, number in erased.items():
        if digest not in rows:
            said = Message("the artefact {digest} that it erased is not marked as erased", digest=digest[:12])
            yield entry_fault(number, said)
    for digest in Artefact.objects.filter(digest__in=list(erased)).values_list("digest", flat=True):
        said = Message("the artefact {digest} that it erased is there all the same", digest=digest[:12])
        yield entry_fault(erased[digest], said)
