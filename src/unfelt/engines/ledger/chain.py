"""The chain of evidence: every entry holds the digest of the one before it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from unfelt.conf.language import Message

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
        """SHA-256 over the canonical JSON (RFC 8785) of all fields."""
        fields: dict[str, Any] = {
            "sequence": self.sequence,
            "kind": self.kind,
            "rollout": self.rollout,
            "revision": self.revision,
            "recorded_at": self.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "body": self.body,
            "previous": self.previous,
        }
        return hashlib.sha256(rfc8785.dumps(fields)).hexdigest()


def canonical(body: Mapping[str, Any]) -> str:
    """The one way to write the body down (RFC 8785)."""
    return rfc8785.dumps(dict(body)).decode()


@dataclass(frozen=True, slots=True)
class Fault:
    """An entry that is not what was written."""

    sequence: int
    why: Message


def faults(chain: Iterable[tuple[Link, str]]) -> Iterator[Fault]:
    """Every entry whose number, predecessor or digest is not what it must be, in order of the chain."""
    expected, previous = 1, GENESIS
    for link, digest in chain:
        if link.sequence != expected:
            yield Fault(link.sequence, Message("entry {expected} is missing", expected=expected))
        elif link.previous != previous:
            yield Fault(link.sequence, Message("it does not name the entry before it"))
        if link.digest() != digest:
            yield Fault(link.sequence, Message("its content is not what was recorded"))
        expected, previous = link.sequence + 1, digest
