"""Checkpoints: an in-toto statement about the chain up to an entry, signed in a DSSE envelope.

What signs and verifies is loaded where that is done: most commands do neither.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import rfc8785

if TYPE_CHECKING:
    from securesystemslib.dsse import Envelope
    from securesystemslib.signer import CryptoSigner, SSlibKey

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:unfelt:checkpoint:1"
PAYLOAD = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint as it is kept."""

    sequence: int
    digest: str
    key: str
    envelope: str
    signed_at: datetime


def sign(signer: "CryptoSigner", *, sequence: int, digest: str, at: datetime) -> Signed:
    """The signature over the chain up to that entry, whose digest is in its statement."""
    from securesystemslib.dsse import Envelope

    payload = rfc8785.dumps(_statement(sequence=sequence, digest=digest, at=at))
    envelope = Envelope(payload, PAYLOAD, {})
    envelope.sign(signer)
    return Signed(sequence, digest, signer.public_key.keyid, _spelled(envelope), at)


def is_good(signed: Signed, keys: "Mapping[str, SSlibKey]") -> bool:
    """Whether one of these keys, the one that is named, signed exactly what the checkpoint says."""
    from securesystemslib.dsse import Envelope
    from securesystemslib.exceptions import VerificationError

    key = keys.get(signed.key)
    if key is None:
        return False
    try:
        envelope = Envelope.from_dict(json.loads(signed.envelope))
        if _spelled(envelope) != signed.envelope or envelope.payload_type != PAYLOAD:
            return False
        envelope.verify([key], 1)
    except (VerificationError, ValueError, KeyError, TypeError, AttributeError):
        return False
    wanted = _statement(sequence=signed.sequence, digest=signed.digest, at=signed.signed_at)
    return list(envelope.signatures) == [signed.key] and bytes(envelope.payload) == rfc8785.dumps(wanted)


def _statement(*, sequence: int, digest: str, at: datetime) -> dict[str, Any]:
    return {
        "_type": STATEMENT,
        "subject": [{"name": f"ledger/{sequence}", "digest": {"sha256": digest}}],
        "predicateType": PREDICATE,
        "predicate": {
            "sequence": sequence,
            "signed_at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        },
    }


def _spelled(envelope: "Envelope") -> str:
    return rfc8785.dumps(envelope.to_dict()).decode()
