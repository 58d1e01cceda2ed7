"""The newest entry of the chain, and the signature over all of it: what every writer of the ledger stands on."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from unfelt.engines.ledger.chain import GENESIS, Link, canonical
from unfelt.engines.ledger.checkpoints import sign
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.people import veiled
from unfelt.records.models import Checkpoint, Entry, Rollout

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

_CHAIN_LOCK = 0x756E66656C74
"""`unfelt` as a number: the name of the lock on the chain."""


def append(
    kind: EntryKind, body: Mapping[str, Any], *, rollout: Rollout | None, at: datetime, revision: str | None = None
) -> Entry:
    """The body is the newest entry of the chain, under the rollout's plan revision or the one that is named.

    Names of people are not in it: they lie beside the ledger. UndeclaredError where the kind does not say of a
    member whether it is one.
    """
    kind.must_declare(body)
    with in_turn():
        body = veiled(body, kind.people, at=at)
        last = Entry.objects.order_by("-sequence").values_list("sequence", "digest").first()
        link = Link(
            sequence=last[0] + 1 if last else 1,
            kind=kind.name,
            rollout=rollout.id if rollout else None,
            revision=rollout.revision_id if rollout else revision,
            recorded_at=at,
            body=canonical(body),
            previous=last[1] if last else GENESIS,
        )
        entry = Entry(
            sequence=link.sequence,
            kind=kind.name,
            rollout=rollout,
            revision_id=link.revision,
            recorded_at=at,
            body=link.body,
            previous=link.previous,
            digest=link.digest(),
        )
        entry.save(force_insert=True)
        return entry


@contextmanager
def in_turn() -> Iterator[None]:
    """All of the block is written or nothing; whatever is read in it is what the writer before has left."""
    with transaction.atomic():
        _queue()
        yield


def _queue() -> None:
    """Two writers take turns: SQLite's immediate transaction has locked already, PostgreSQL is asked to."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


def sign_chain(signer: "CryptoSigner", *, at: datetime) -> None:
    """The chain as it stands is signed for."""
    with in_turn():
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
