"""Login by a link that works once: a file under its digest, gone when it is used."""

import hashlib
import json
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["invitation", "recovery"]
VALID = 3600
"""Seconds for which a link can be used."""


@dataclass(frozen=True, slots=True)
class Link:
    """Whose link it was, with which roles they begin where they are no member yet, and where it leads.

    An invitation lets in only who has no password, no directory and no second factor yet.
    """

    by: str
    roles: tuple[str, ...]
    to: str
    kind: Kind = "invitation"


def make_link(
    home: Path,
    *,
    by: str,
    roles: Iterable[str] = (),
    to: str = "/",
    valid: int = VALID,
    kind: Kind = "invitation",
) -> str:
    """A new token for that person; whoever opens it first, within so many seconds, is them."""
    token = secrets.token_urlsafe(24)
    directory = _directory(home)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    said = {"until": time.time() + valid, "by": by, "roles": list(roles), "to": to, "kind": kind}
    path = directory / _name(token)
    path.touch(mode=0o600)
    path.write_text(json.dumps(said))
    return token


def use_link(home: Path, token: str) -> Link | None:
    """What the link said, or None: unknown, used before or too old. It cannot be used again."""
    path = _directory(home) / _name(token)
    taken = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        path.rename(taken)  # Of two who come at once only one can.
        said = json.loads(taken.read_text())
    except FileNotFoundError:
        return None
    finally:
        taken.unlink(missing_ok=True)
    if said["until"] <= time.time():
        return None
    return Link(said["by"], tuple(said["roles"]), said["to"], said.get("kind", "invitation"))


def end_links(home: Path, *, by: str) -> None:
    """No link for that person can be used any more."""
    for path in _directory(home).glob("*"):
        with suppress(OSError, ValueError):
            if json.loads(path.read_text())["by"].lower() == by.lower():
                path.unlink()


def clear_old(home: Path, *, now: float) -> int:
    """Links that nobody can use any more are gone; returns how many."""
    old = 0
    for path in _directory(home).glob("*"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            if json.loads(path.read_text())["until"] <= now:
                path.unlink()
                old += 1
    return old


def _directory(home: Path) -> Path:
    return home / "keys" / "links"


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
