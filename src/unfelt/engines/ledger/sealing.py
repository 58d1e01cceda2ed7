"""Signing for the chain outside a rollout: at once for what counts, by time and count for everything else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from unfelt.conf.language import Message
from unfelt.engines.ledger.appending import sign_chain
from unfelt.engines.ledger.entries import EVIDENCE
from unfelt.engines.ledger.entry_kinds import EntryKind, entry_kinds
from unfelt.engines.ledger.keys import KeyRing, KeyRingError
from unfelt.engines.ledger.naming import newest_key, short, signer_of
from unfelt.records.covering import is_there
from unfelt.records.models import Checkpoint, Coverage, Entry

AT_MOST = timedelta(minutes=1)
"""An entry is not older than that when it is signed for."""
EVERY = 100
"""Nor are there more of them."""


def counts_at_once(kind: EntryKind, body: Mapping[str, Any]) -> bool:
    """Somebody's word, or who may give it: a sign-off, a waiver, an approval, an opened gate, a role."""
    return kind.at_once or (kind is EVIDENCE and body.get("kind") == "sign-off")


def unsealed(*, after: int) -> int:
    """Entries after that one which count at once and are not signed for; 0 in a ledger from before that was so."""
    begun = Coverage.objects.values_list("sequence", flat=True).first() if is_there(Coverage) else None
    if begun is None:
        return 0
    newer = Entry.objects.filter(sequence__gt=max(after, begun)).values_list("kind", "body").iterator()
    known = entry_kinds()
    return sum(name in known and counts_at_once(known[name], json.loads(body)) for name, body in newer)


def own_keys() -> KeyRing | None:
    """The keys of the installation that this process works for; None where it was told of none."""
    place = getattr(settings, "UNFELT_KEYS", None)
    return KeyRing(Path(place)) if place else None


def seal_at_once(*, at: datetime) -> None:
    """The chain is signed for as it stands; where the key cannot be used, `sealing` says so."""
    ring = own_keys()
    if ring is not None and not _is_between_keys(ring):
        sign_for(ring, at=at)


def _is_between_keys(ring: KeyRing) -> bool:
    """A change of keys broke off: it is finished by `seal_due`, never within what may yet be rolled back.

    The key before is gone with it, and what it vouched for the new one with must be on record by then.
    """
    told = newest_key()
    try:
        return told is not None and ring.is_waiting(told["keyid"])
    except KeyRingError:
        return True


def seal_due(*, now: datetime) -> bool:
    """Whether the chain was signed for: its newest entries were many, had waited, or are of a time to come.

    The business clock of a mission store is ahead.
    """
    ring, state = own_keys(), sealing()
    is_due = state.unsigned >= EVERY or (state.since is not None and abs(now - state.since) >= AT_MOST)
    return ring is not None and is_due and sign_for(ring, at=now)


def sign_for(ring: KeyRing, *, at: datetime) -> bool:
    """Whether the chain is signed for as it stands; not where the key cannot be used."""
    try:
        with transaction.atomic():
            sign_chain(signer_of(ring, at=at), at=at)
    except (KeyRingError, OSError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Sealing:
    """How much of the chain is not signed for, since when, and why it cannot be signed here."""

    unsigned: int
    since: datetime | None
    problem: Message | None = None


def sealing() -> Sealing:
    """How the chain stands now."""
    signed = Checkpoint.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    newer = Entry.objects.filter(sequence__gt=signed).order_by("sequence")
    since = newer.values_list("recorded_at", flat=True).first()
    return Sealing(newer.count(), since, _problem(own_keys()))


def _problem(ring: KeyRing | None) -> Message | None:
    if ring is None:
        return None
    told = newest_key()
    try:
        signer = ring.signer()
    except KeyRingError as error:
        return error.message
    if told is None or (signer is not None and signer.public_key.keyid == told["keyid"]):
        return None
    if ring.is_waiting(told["keyid"]):
        return None
    return Message(
        "the key {key}, which signs for this ledger, is not in {directory}",
        key=short(told["keyid"]),
        directory=str(ring.directory),
    )
