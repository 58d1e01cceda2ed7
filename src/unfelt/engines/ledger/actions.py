"""Writing to the ledger: the only place that does."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from unfelt.engines.ledger.appending import append, in_turn
from unfelt.engines.ledger.chain import Link
from unfelt.engines.ledger.covering import ROWS, taken_up
from unfelt.engines.ledger.entries import FORGOTTEN, PLANNED, TIER_LOWERED
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.gates.care import care_of, is_less
from unfelt.engines.ledger.people import erase
from unfelt.engines.ledger.sealing import counts_at_once, seal_at_once
from unfelt.records.changes import derived
from unfelt.records.models import Artefact, ChangeRow, Entry, Revision, Rollout


def record(
    kind: EntryKind, body: Mapping[str, Any], *, rollout: Rollout | None, at: datetime, revision: str | None = None
) -> Entry:
    """The body is the newest entry of the chain, with the digests of the rows that were changed with it.

    What counts at once is signed for at once, where this installation's key can be used.
    """
    with in_turn():
        changed = taken_up(at=at)
        said = {**body, ROWS: changed} if changed else body
        entry = append(kind, said, rollout=rollout, at=at, revision=revision)
        if counts_at_once(kind, body):
            seal_at_once(at=at)
    return entry


def keep_revision(*, kind: str, name: str, digest: str, document: str, at: datetime) -> Revision:
    """The document is kept under its digest; keeping it twice is keeping it once."""
    kept: Revision
    kept, _made = Revision.objects.get_or_create(
        digest=digest, defaults={"kind": kind, "name": name, "canonical": document, "saved_at": at}
    )
    if kind == "change":
        newest = {**derived(kept.canonical), "revision": kept, "saved_at": at}
        ChangeRow.objects.update_or_create(name=kept.name, defaults=newest)
    return kept


def keep_plan(*, name: str, digest: str, document: str, at: datetime, by: str = "") -> None:
    """The plan is kept as it is, named by an entry, before any rollout; keeping it twice is keeping it once.

    A plan that asks for less than the one before it is named by a second entry: a second person agrees to that.

    by: who wrote it, where that is known.
    """
    with in_turn():
        before = ChangeRow.objects.filter(name=name).select_related("revision").first()
        if before is None or before.revision_id != digest:
            keep_revision(kind="change", name=name, digest=digest, document=document, at=at)
            said = {"change": name, "by": by} if by else {"change": name}
            record(PLANNED, said, rollout=None, at=at, revision=digest)
            was = care_of(json.loads(before.revision.canonical)) if before is not None else "none"
            now = care_of(json.loads(document))
            if is_less(now, was):
                record(TIER_LOWERED, {**said, "was": was, "now": now}, rollout=None, at=at, revision=digest)


def forget(name: str, *, at: datetime) -> list[str]:
    """The tokens of that person, whose name is erased; that they were is on record."""
    with in_turn():
        gone = erase(name, at=at)
        if gone:
            record(FORGOTTEN, {"people": gone}, rollout=None, at=at)
        return gone


def keep_artefact(kind: str, content: bytes, *, at: datetime) -> str:
    """The bytes are kept under their SHA-256, which is returned; keeping them twice is keeping them once."""
    digest = hashlib.sha256(content).hexdigest()
    Artefact.objects.get_or_create(digest=digest, defaults={"kind": kind, "content": content, "saved_at": at})
    return digest


def links() -> Iterator[tuple[Link, str]]:
    """The whole chain as it stands in the database, each entry with its recorded digest."""
    for entry in Entry.objects.order_by("sequence").iterator():
        yield (
            Link(
                sequence=entry.sequence,
                kind=entry.kind,
                rollout=entry.rollout_id,
                revision=entry.revision_id,
                recorded_at=entry.recorded_at,
                body=entry.body,
                previous=entry.previous,
            ),
            entry.digest,
        )
