"""Who signs for this ledger: its keys are on record, each vouched for by the one before."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.appending import append, sign_chain
from unfelt.engines.ledger.entries import KEY
from unfelt.engines.ledger.keys import KeyRing, KeyRingError, pem_of
from unfelt.records.models import Entry

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner


def newest_key() -> dict[str, Any] | None:
    """What the ledger says about who signs: `keyid`, `public` (PEM), `before`; None where it names nobody."""
    entry = Entry.objects.filter(kind=KEY.name).order_by("-sequence").first()
    body: dict[str, Any] | None = json.loads(entry.body) if entry else None
    return body


def signer_of(ring: KeyRing, *, at: datetime) -> "CryptoSigner":
    """Who signs for this ledger; at first start a key is made and put on record.

    KeyRingError where the key on record is not that of this installation.
    """
    told = newest_key()
    if told is None:
        told = _begin(ring, before=None, why=None, at=at)
    signer = ring.signer()
    if signer is not None and signer.public_key.keyid == told["before"] and told["why"] is None:
        sign_chain(signer, at=at)  # The key before vouches for the new one, and then goes.
    ring.adopt(told["keyid"])
    signer = ring.signer()
    if signer is None:
        raise KeyRingError(
            Message(
                "The ledger is signed with the key {key}, and {directory} does not hold it. If this is a copy, "
                "copy the whole directory that it came from. If the key is lost, begin another one on record: "
                "unfelt keys replace REASON",
                key=short(told["keyid"]),
                directory=str(ring.directory),
            )
        )
    if signer.public_key.keyid != told["keyid"]:
        raise KeyRingError(
            Message(
                "The ledger is signed with the key {key}, and {directory} holds the key {other}: records and keys "
                "are of two installations. Bring together what belongs together, or begin another key on record: "
                "unfelt keys replace REASON",
                key=short(told["keyid"]),
                directory=str(ring.directory),
                other=short(signer.public_key.keyid),
            )
        )
    return signer


def rotate(ring: KeyRing, *, at: datetime) -> "CryptoSigner":
    """A new key signs from here on; the one before has signed that this is so."""
    before = signer_of(ring, at=at)
    _begin(ring, before=before.public_key.keyid, why=None, at=at)
    return signer_of(ring, at=at)


def replace(ring: KeyRing, *, why: str, at: datetime) -> "CryptoSigner":
    """A new key signs from here on although the one before is lost: for the reason on record."""
    told = newest_key()
    _begin(ring, before=told["keyid"] if told else None, why=why, at=at)
    signer = signer_of(ring, at=at)
    sign_chain(signer, at=at)
    return signer


def _begin(ring: KeyRing, *, before: str | None, why: str | None, at: datetime) -> dict[str, Any]:
    key = ring.make().public_key
    body = {"keyid": key.keyid, "public": pem_of(key), "before": before, "why": why}
    append(KEY, body, rollout=None, at=at)
    return body


def short(key: str) -> str:
    """The beginning of a key's id, enough for people."""
    return key[:12]
