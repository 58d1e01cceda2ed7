"""SQLite files: how they are opened, and the tables they hold."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

CHECKPOINT = 5.0
"""Seconds between two checkpoints of a store."""
CATALOG = """
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, price INTEGER NOT NULL);
"""
CHECKOUT = """
CREATE TABLE customers (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE orders (
    number TEXT PRIMARY KEY, customer TEXT, name TEXT, region TEXT NOT NULL, payment TEXT NOT NULL,
    lines TEXT NOT NULL, subtotal INTEGER NOT NULL, tax INTEGER NOT NULL, total INTEGER NOT NULL,
    placed_at TEXT NOT NULL
);
CREATE TABLE numbers (next INTEGER NOT NULL);
"""


class StoreExistsError(FileExistsError):
    """A store is never written over."""


@contextmanager
def create(path: Path, *, tables: str, source: Path | None = None) -> Iterator[sqlite3.Connection]:
    """A new store, filled in one transaction (from `source`, attached); it is there whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(_opened(part)) as connection:
            connection.executescript(tables)
            if source:
                connection.execute("ATTACH ? AS source", (reading(source),))
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        _put_in_place(part, path)
    finally:
        part.unlink(missing_ok=True)


def _put_in_place(part: Path, path: Path) -> None:
    # On the disk before anybody sells from it: else the first checkpoint has to wait for all of it.
    with part.open("rb") as store:
        os.fsync(store.fileno())
    try:
        os.link(part, path)
    except FileExistsError as error:
        raise StoreExistsError(
            f"There is a store at {path} already. Remove it, or choose another directory."
        ) from error


def connect(path: Path) -> sqlite3.Connection:
    """The store at `path`, kept open as long as its process lives."""
    if not path.exists():
        raise FileNotFoundError(f"There is no store at {path}. Make one with shop.stock or shop.move.")
    connection = _opened(path)
    # A checkpoint waits for the disk, at times for half a second: not while a customer waits for this process.
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    Thread(target=_checkpoint, args=(path,), name="checkpoint", daemon=True).start()
    return connection


def _checkpoint(path: Path) -> None:
    """Moves what was written into the store, for ever; whoever reads or writes goes on meanwhile."""
    connection = _opened(path)
    while True:
        time.sleep(CHECKPOINT)
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def connect_for_reading(path: Path) -> sqlite3.Connection:
    """Another process's store: it can be read while it is written, and never changed from here."""
    return sqlite3.connect(reading(path), uri=True, isolation_level=None)


def reading(path: Path) -> str:
    """The address of a store that is only to be read."""
    return f"{path.absolute().as_uri()}?mode=ro"


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path.absolute().as_uri(), uri=True, isolation_level=None)
    # A reader (a report, a reconciliation) never stops the one writer, nor the writer a reader.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
