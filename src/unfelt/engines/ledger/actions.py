"""Writing to the ledger: the only place that does."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from securesystemslib.signer import CryptoSigner

from unfelt.engines.ledger.chain import GENESIS, Link, canonical
from unfelt.engines.ledger.checkpoints import sign
from unfelt.engines.ledger.gates.care import LOWERED, care_of, is_less
from unfelt.engines.ledger.people import erase, veiled
from unfelt.records.changes import derived
from unfelt.records.models import Artefact, ChangeRow, Checkpoint, Entry, Revision, Rollout

_CHAIN_LOCK = 0x756E66656C74
"""`unfelt` as a number: the name of the lock on the chain."""


def record(
    kind: str, body: Mapping[str, Any], *, rollout: Rollout | None, at: datetime, revision: str | None = None
) -> Entry:
    """The body is the newest entry of the chain, under the rollout's plan revision or the one that is named.

    Names of people are not in it: they lie beside the ledger.
    """
    body = veiled(body, at=at)
    with transaction.atomic():
        _queue()
        last = Entry.objects.order_by("-sequence").values_list("sequence", "digest").first()
        link = Link(
            sequence=last[0] + 1 if last else 1,
            kind=kind,
            rollout=rollout.id if rollout else None,
            revision=rollout.revision_id if rollout else revision,
            recorded_at=at,
            body=canonical(body),
            previous=last[1] if last else GENESIS,
        )
        entry = Entry(
            sequence=link.sequence,
            kind=kind,
            rollout=rollout,
            revision_id=link.revision,
            recorded_at=at,
            body=link.body,
            previous=link.previous,
            digest=link.digest(),
        )
        entry.save(force_insert=True)
        return entry


def _queue() -> None:
    """Two writers take turns: SQLite's immediate transaction has locked already, PostgreSQL is asked to."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


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
    with transaction.atomic():
        _queue()
        before = ChangeRow.objects.filter(name=name).select_related("revision").first()
        if before is None or before.revision_id != digest:
            keep_revision(kind="change", name=name, digest=digest, document=document, at=at)
            said = {"change": name, "by": by} if by else {"change": name}
            record("planned", said, rollout=None, at=at, revision=digest)
            was = care_of(json.loads(before.revision.canonical)) if before is not None else "none"
            now = care_of(json.loads(document))
            if is_less(now, was):
                record(LOWERED, {**said, "was": was, "now": now}, rollout=None, at=at, revision=digest)


def forget(name: str, *, at: datetime) -> list[str]:
    """The tokens of that person, whose name is erased; that they were is on record."""
    with transaction.atomic():
        _queue()
        gone = erase(name, at=at)
        if gone:
            record("forgotten", {"people": gone}, rollout=None, at=at)
        return gone


def keep_artefact(kind: str, content: bytes, *, at: datetime) -> str:
    """The bytes are kept under their SHA-256, which is returned; keeping them twice is keeping them once."""
    digest = hashlib.sha256(content).hexdigest()
    Artefact.objects.get_or_create(digest=digest, defaults={"kind": kind, "content": content, "saved_at": at})
    return digest


def sign_chain(signer: CryptoSigner, *, at: datetime) -> None:
    """The chain as it stands is signed for."""
    with transaction.atomic():
        _queue()
        newest = Entry.objects.order_by("-sequence").first()
        if newest is None or Checkpoint.objects.filter(sequence=newest.sequence).exists():
            return
        signed = sign(signer, sequence=newest.sequence, digest=newest.digest, at=at)
        Checkpoint.objects.create(
            sequence=signed.sequence,
            digest=signed.digest,
            key=signed.key,
            envelope=signed.envelope,
            signed_at=signed.signed_at,
        )


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
