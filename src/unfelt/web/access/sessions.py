"""Sessions of the console: a file each, under the digest of what the browser holds.

A session that is not there has ended, whatever cookie is brought: going back asks these files and no database.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.file import SessionStore as FileStore
from django.core.exceptions import SuspiciousOperation

LONGEST = 12 * 3600
"""Seconds after which a session ends however much it is used."""
STRANGERS = 3600
"""Seconds that a session of nobody is kept: a login that is half done."""
COARSE = 60
"""Seconds: use is noted no finer."""
BEGAN = "began"
PREFIX = "unfelt_session"
_ONE_AT_A_TIME = RLock()
"""A session that is ended is not written again by a request that was under way."""


def has_ended(said: Mapping[str, Any], *, used: float, now: float, idle: float) -> bool:
    """It was not used for too long, or is too old.

    >>> has_ended({"began": 0.0, "_auth_user_id": "1"}, used=0.0, now=3601.0, idle=3600.0)
    True
    """
    unused = idle if "_auth_user_id" in said else min(idle, STRANGERS)
    return now - used > unused or now - float(said.get(BEGAN, used)) > LONGEST


class SessionStore(FileStore):
    """One session. What is in it cannot be brought back by a cookie of earlier."""

    @classmethod
    def _get_storage_path(cls) -> str:
        return str(directory())

    def _key_to_file(self, session_key: str | None = None) -> str:
        key = self._get_or_create_session_key() if session_key is None else session_key
        return str(path_of(key))

    def load(self) -> dict[str, Any]:
        """What it holds; nothing where it has ended, is unknown, or cannot be read."""
        key = self.session_key
        found = _read(path_of(key)) if key else None
        if found is None:
            self._session_key = None
            return {}
        said, used = found
        if has_ended(said, used=used, now=time.time(), idle=settings.UNFELT_SESSION_IDLE):
            self.delete()
            self._session_key = None
            return {}
        return said

    def save(self, must_create: bool = False) -> None:
        """Kept, if it has not been ended meanwhile: then UpdateError."""
        with _ONE_AT_A_TIME:
            self._get_session(no_load=must_create).setdefault(BEGAN, time.time())
            super().save(must_create=must_create)

    def delete(self, session_key: str | None = None) -> None:
        """It has ended."""
        with _ONE_AT_A_TIME:
            super().delete(session_key)

    def touch(self) -> None:
        """It is used now; where that cannot be written it ends the earlier."""
        with suppress(OSError):
            path = path_of(self.session_key or "")
            if time.time() - path.stat().st_mtime > COARSE:
                os.utime(path)


def directory() -> Path:
    """Where they lie, for the owner's eyes alone."""
    found = Path(settings.UNFELT_HOME) / "keys" / "sessions"
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def path_of(key: str) -> Path:
    """The file of the session with that key."""
    return directory() / f"{PREFIX}-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()}"


def is_live(key: str | None) -> bool:
    """The session has not been ended, and was used not too long ago."""
    try:
        return time.time() - path_of(key or "").stat().st_mtime <= float(settings.UNFELT_SESSION_IDLE)
    except OSError:
        return False


def end_sessions(member: int, *, but: str | None = None) -> int:
    """Every session of that member has ended, those half-way through a login too, but for the one with that key.

    Returns how many there were.
    """
    kept = path_of(but) if but else None
    with _ONE_AT_A_TIME:
        theirs = [path for path, said in _all() if is_of(member, said) and path != kept]
        for path in theirs:
            path.unlink(missing_ok=True)
    return len(theirs)


def change_sessions(member: int, change: Callable[[dict[str, Any]], None]) -> None:
    """What every session of that member holds is changed; each gets another key when it is used next."""
    with _ONE_AT_A_TIME:
        for path, said in _all():
            if is_of(member, said):
                change(said)
                written = path.with_suffix(".new")
                with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                    file.write(SessionStore().encode({**said, "renew": True}))
                used = path.stat().st_mtime
                os.utime(written, (used, used))
                written.replace(path)


def clear_ended() -> None:
    """Files of sessions that have ended by themselves are gone."""
    now, idle = time.time(), settings.UNFELT_SESSION_IDLE
    with _ONE_AT_A_TIME:
        for path, said in _all():
            with suppress(FileNotFoundError):
                if has_ended(said, used=path.stat().st_mtime, now=now, idle=idle):
                    path.unlink()


def is_of(member: int, said: Mapping[str, Any]) -> bool:
    """The session is that member's, or of somebody who is half-way to be them."""
    login = said.get("account_login")
    pending = login.get("user_pk") if isinstance(login, dict) else None
    return str(member) in (str(said.get("_auth_user_id", "")), str(pending))


def _all() -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in directory().glob(f"{PREFIX}-*"):
        found = _read(path) if len(path.name) == len(PREFIX) + 65 else None
        if found is not None:
            yield path, found[0]


def _read(path: Path) -> tuple[dict[str, Any], float] | None:
    try:
        text, used = path.read_text("ascii"), path.stat().st_mtime
        return (SessionStore().decode(text) if text else {}), used
    except (OSError, ValueError, SuspiciousOperation):
        return None
