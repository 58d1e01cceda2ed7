"""The chain of evidence: every entry holds the digest of the one before it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from unfelt.conf.language import Message
from unfelt.engines.ledger.faults import Fault, entry_fault

GENESIS = "0" * 64
"""What the first entry of an installation names as the one before it."""


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is hashed; times are UTC, the body is canonical JSON."""

    sequence: int
    kind: str
    rollout: str | None
    revision: str | None
    recorded_at: datetime
    body: str
    previous: str

    def digest(self) -> str:
        """SHA-256 over the canonical JSON (RFC 8785) of all fields.

        For a flat object of ASCII names, texts, whole numbers and null Python's own writer gives exactly that.
        """
        fields: dict[str, Any] = {
            "sequence": self.sequence,
            "kind": self.kind,
            "rollout": self.rollout,
            "revision": self.revision,
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "body": self.body,
            "previous": self.previous,
        }
        spelled = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(spelled.encode()).hexdigest()


def canonical(body: Mapping[str, Any]) -> str:
    """The one way to write the body down (RFC 8785)."""
    return rfc8785.dumps(dict(body)).decode()


def faults(chain: Iterable[tuple[Link, str]]) -> Iterator[Fault]:
    """Every entry whose number, predecessor or digest is not what it must be, in order of the chain."""
    expected, previous = 1, GENESIS
    for link, digest in chain:
        if link.sequence != expected:
            yield entry_fault(expected, Message("it is missing"))
        elif link.previous != previous:
            yield entry_fault(link.sequence, Message("it does not name the entry before it"))
        if link.digest() != digest:
            yield entry_fault(link.sequence, Message("its content is not what was recorded"))
        expected, previous = link.sequence + 1, digest
