"""What somebody brings, kept for an hour between looking at it and putting it on record; nothing is in the ledger.

Each is a file under the digest of all that it is: whose, for which control of which change, numbers and bytes.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.ledger.gates.facts import GateError

KEPT = timedelta(hours=1)
MOST_OF_ONE = 5
"""So many are kept of one member; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What a member brings: numbers under their names, and a file. supersedes: the record that it corrects."""

    member: str
    change: str
    control: str
    kind: str
    numbers: Mapping[str, float]
    at: datetime
    file: str = ""
    content: bytes | None = None
    supersedes: int = 0
    because: str = ""

    @property
    def digest(self) -> str:
        """Of all of it but the time."""
        return hashlib.sha256(_head(self, timeless=True) + (self.content or b"")).hexdigest()


def keep(upload: Upload, *, home: Path) -> str:
    """It is kept for an hour; the digest under which it is asked for again."""
    _clear(home, now=upload.at, member=upload.member)
    path = _place(home) / upload.digest
    draft = path.with_suffix(f".{os.getpid()}.part")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(_head(upload) + (upload.content or b""))
    draft.replace(path)
    return upload.digest


def kept(digest: str, *, home: Path, member: str, change: str, control: str, now: datetime) -> Upload:
    """What that member brought for that control; GateError where it is not theirs, or was kept for too long."""
    clear(home, now=now)
    found = _read(_place(home) / digest) if len(digest) == 64 and digest.isalnum() else None
    if (
        found is None
        or found.digest != digest
        or (found.member, found.change, found.control) != (member, change, control)
    ):
        raise GateError(
            Message(
                "What was looked at is not kept any more: it is for an hour, for who brought it. Nothing is on "
                "record; bring it again."
            )
        )
    return found


def drop(digest: str, *, home: Path) -> None:
    """It is on record, or nobody wants it."""
    (_place(home) / digest).unlink(missing_ok=True)


def clear(home: Path, *, now: datetime) -> None:
    """What was kept for an hour is gone."""
    _clear(home, now=now, member="")


def _clear(home: Path, *, now: datetime, member: str) -> None:
    theirs = []
    for path, found in _all(home):
        if now - found.at > KEPT:
            path.unlink(missing_ok=True)
        elif found.member == member:
            theirs.append((found.at, path))
    for _at, path in sorted(theirs)[: max(0, len(theirs) - MOST_OF_ONE + 1)]:
        path.unlink(missing_ok=True)


def _place(home: Path) -> Path:
    found = home / "uploads"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def _head(upload: Upload, *, timeless: bool = False) -> bytes:
    plain = {**asdict(replace(upload, content=None)), "at": "" if timeless else upload.at.isoformat()}
    plain["content"] = upload.content is not None
    return json.dumps(plain, sort_keys=True).encode() + b"\n"


def _all(home: Path) -> Iterator[tuple[Path, Upload]]:
    for path in sorted(_place(home).iterdir()):
        found = _read(path, head_only=True)
        if found is not None:
            yield path, found


def _read(path: Path, *, head_only: bool = False) -> Upload | None:
    with suppress(OSError, ValueError, TypeError, KeyError), path.open("rb") as file:
        plain: dict[str, Any] = json.loads(file.readline())
        content = file.read() if plain["content"] and not head_only else None
        return Upload(**{**plain, "at": datetime.fromisoformat(plain["at"]), "content": content})
    return None
