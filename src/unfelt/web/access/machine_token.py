"""The token of the installation: a file, so that going back by a script asks no database who it is."""

import hmac
import os
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

TOKEN = "api.token"  # noqa: S105  (the name of a file)
USED = "api.token.used"
COARSE = 60
"""Seconds: use is noted no finer."""


def make(home: Path) -> None:
    """There is one from now on, if there was never any: one that was revoked stays so."""
    with suppress(FileExistsError):
        _write(home, secrets.token_urlsafe(32), os.O_EXCL)


def renew(home: Path) -> None:
    """There is another one; the one before is worth nothing."""
    revoke(home)
    _write(home, secrets.token_urlsafe(32), os.O_TRUNC)


def revoke(home: Path) -> None:
    """There is none until one is made by `renew`."""
    _write(home, "", os.O_TRUNC)
    (home / "keys" / USED).unlink(missing_ok=True)


def is_it(home: Path, given: str, *, now: datetime) -> bool:
    """What was brought is the token; that it was used is noted, where that can be written."""
    try:
        token = path_of(home).read_text()
    except FileNotFoundError:
        return False
    if not token or not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()):
        return False
    used = used_at(home)
    if used is None or (now - used).total_seconds() > COARSE:
        with suppress(OSError):
            (home / "keys" / USED).touch(mode=0o600)
    return True


def is_there(home: Path) -> bool:
    """It was not revoked."""
    path = path_of(home)
    return path.exists() and bool(path.read_text())


def used_at(home: Path) -> datetime | None:
    """When it was last used."""
    try:
        return datetime.fromtimestamp((home / "keys" / USED).stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def path_of(home: Path) -> Path:
    """Where it lies, for its owner's eyes alone."""
    return home / "keys" / TOKEN


def _write(home: Path, text: str, how: int) -> None:
    path = path_of(home)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600), "w") as file:
        file.write(text)
