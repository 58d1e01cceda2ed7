"""The directory of one router: which file is which, who may write, and how a file is written."""

import fcntl
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from unfelt.adapters.routers import RouterError
from unfelt.conf.language import _

HEARTBEAT = "/.unfelt/heartbeat"
"""Answered by the router itself; it proves that telemetry flows when there is no traffic."""
NONE = "UNFELT_NONE"
"""Envoy is started with this variable set to `none`: the log format has no literals for what is not there."""
LONGEST_SOCKET_PATH = 100
"""A socket's path ends at 107 bytes on Linux and 103 on macOS."""


class DamagedFileError(RouterError, ValueError):
    """One of the router's own files was edited or torn."""

    def __init__(self, path: Path, problem: str) -> None:
        said = _("{path} is damaged ({problem}). Restore it, or go back (unfelt back) and delete it.")
        super().__init__(said.format(path=path, problem=problem[:200]))


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one router under one directory with mode 0700."""

    directory: Path

    @property
    def bootstrap(self) -> Path:
        """What Envoy is started with."""
        return self.directory / "bootstrap.json"

    def plain(self, arm: str) -> Path:
        """What Envoy is started with where it does not begin otherwise: everybody on that arm, and no more."""
        return self.directory / f"plain.{arm}.json"

    @property
    def tables(self) -> Path:
        """The directory Envoy watches; nothing else lies in it."""
        return self.directory / "xds"

    @property
    def clusters(self) -> Path:
        """The arms and the lease, as Envoy reads them."""
        return self.tables / "cds.json"

    @property
    def secrets(self) -> Path:
        """Where the certificate lies, as Envoy reads it."""
        return self.tables / "sds.json"

    @property
    def routes(self) -> Path:
        """The position, as Envoy reads it."""
        return self.tables / "rds.json"

    @property
    def spare(self) -> Path:
        """The same routes at share 0, written beforehand: going back is a rename and needs no room on the disk."""
        return self.directory / "rds.back.json"

    @property
    def pressing(self) -> Path:
        """The directory Envoy watches for pressure."""
        return self.directory / "pressing"

    @property
    def pressure(self) -> Path:
        """Whether streams on `new` are being ended."""
        return self.pressing / "pressure"

    @property
    def log(self) -> Path:
        """The access log."""
        return self.directory / "access.jsonl"

    @property
    def envoy_log(self) -> Path:
        """What Envoy says about itself."""
        return self.directory / "envoy.log"

    @property
    def secret(self) -> Path:
        """The key of the pseudonyms, mode 0600."""
        return self.directory / "secret"

    @property
    def pins(self) -> Path:
        """Who is pinned to `old` beside those of the plan, as pseudonyms."""
        return self.directory / "pins.json"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper as long as it lives."""
        return self.directory / "keeper.lock"

    @property
    def journal(self) -> Path:
        """Who the keeper and Envoy are: process numbers with their start times."""
        return self.directory / "keeper.json"

    @property
    def restarts(self) -> Path:
        """One line for each time Envoy had to be started again."""
        return self.directory / "restarts.jsonl"

    @property
    def writing(self) -> Path:
        """Held while the routes are written."""
        return self.directory / "write.lock"

    @property
    def unlatched(self) -> Path:
        """Is there while the share may be above 0."""
        return self.directory / "latch.open"

    @property
    def latched(self) -> Path:
        """Is there once somebody has taken the customers back; made by a rename, which needs no room."""
        return self.directory / "latch.closed"

    @property
    def admin(self) -> Path:
        """Envoy's admin socket: in the directory, or in a private one elsewhere if the path is too long."""
        inside = self.directory / "admin.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"unfelt-{os.geteuid()}-{name}" / "admin.sock"


def prepare(directory: Path) -> Place:
    """The place is there, nobody else can read it, and its lock and latch exist."""
    place = Place(directory.absolute())
    for private in (place.directory, place.tables, place.admin.parent):
        private.mkdir(mode=0o700, parents=True, exist_ok=True)
        _claim(private)
    for lock in (place.keeper_lock, place.writing):
        lock.touch(mode=0o600)
    if not place.latched.exists():
        place.unlatched.touch(mode=0o600)
    return place


def _claim(private: Path) -> None:
    if private.stat().st_uid != os.geteuid():
        raise RouterError(
            _("{path} belongs to another user. Give the router a directory of its own.").format(path=private)
        )
    private.chmod(0o700)


def write_atomically(path: Path, value: Any, *, beside: Path) -> None:  # noqa: ANN401  (anything JSON can hold)
    """The file holds the value as JSON, whole or not at all; the draft lies in `beside`, on the same disk."""
    draft = beside / f".{path.name}.{os.getpid()}.draft"
    try:
        draft.write_text(json.dumps(value, indent=1, sort_keys=True), encoding="utf-8")
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def read(path: Path) -> Any:  # noqa: ANN401  (anything JSON can hold)
    """What the JSON file holds; None where there is no file or nothing in it; DamagedFileError if no JSON."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if text.strip() else None
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(path, str(error)) from error


@contextmanager
def locked(path: Path, *, patience: float) -> Iterator[bool]:
    """Whether the lock was got within that many seconds; a frozen process must not keep others from going back."""
    with path.open("ab") as file:
        got = _lock(file.fileno(), patience)
        try:
            yield got
        finally:
            if got:
                fcntl.flock(file, fcntl.LOCK_UN)


def _lock(handle: int, patience: float) -> bool:
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(0.01)
        else:
            return True
