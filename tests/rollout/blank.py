"""Records with their tables in place: a process that begins in a new home need not make them."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

_kept: list[Path] = []


def keep(records: Path, copy: Path) -> None:
    """What these records are now is what `begin_with_tables` gives, while this process lives."""
    with closing(sqlite3.connect(records)) as made, closing(sqlite3.connect(copy)) as blank:
        made.backup(blank)
    _kept.append(copy)


def begin_with_tables(home: Path) -> None:
    """That home has the records of a first start, unless it has some already or none were kept."""
    if _kept and not (home / "records.db").exists():
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(_kept[-1], home / "records.db")


def renew(records: Path) -> None:
    """These records hold nothing any more; who has them open still sees what they held."""
    for beside in ("-wal", "-shm"):
        records.with_name(records.name + beside).unlink(missing_ok=True)
    fresh = records.with_name(records.name + ".fresh")
    shutil.copyfile(_kept[-1], fresh)
    fresh.replace(records)


def keep_served(database: str) -> None:
    """What the records in this database of PostgreSQL are now is what `renew_served` gives; nobody has it open."""
    _make(database, to="{}_blank", of="{}")


def renew_served(database: str) -> None:
    """The records in this database of PostgreSQL hold nothing any more; nobody has it open."""
    _make(database, to="{}", of="{}_blank")


def _make(database: str, *, to: str, of: str) -> None:
    """One database of the same server becomes a copy of another."""
    address = urlsplit(database)
    made, copied = (sql.Identifier(name.format(address.path[1:])) for name in (to, of))
    with psycopg.connect(address._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(made))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(made, copied))
