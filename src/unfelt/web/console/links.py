"""Login by a link that works once: a file under its digest, gone when it is used."""

import hashlib
import secrets
import time
from pathlib import Path

VALID = 3600
"""Seconds for which a link can be used."""


def make_link(home: Path, *, by: str) -> str:
    """A new token for that person; whoever opens it first, within the hour, is them."""
    token = secrets.token_urlsafe(24)
    directory = _directory(home)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / _name(token)
    path.touch(mode=0o600)
    path.write_text(f"{time.time() + VALID:.0f} {by}")
    return token


def use_link(home: Path, token: str) -> str | None:
    """Whose link it was, or None: unknown, used before or too old. It cannot be used again."""
    path = _directory(home) / _name(token)
    taken = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        path.rename(taken)  # Of two who come at once only one can.
        until, _, by = taken.read_text().partition(" ")
    except FileNotFoundError:
        return None
    finally:
        taken.unlink(missing_ok=True)
    return by if float(until) > time.time() else None


def _directory(home: Path) -> Path:
    return home / "keys" / "links"


def _name(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
