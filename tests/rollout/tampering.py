"""What somebody with the records in hand could do to them: triggers dropped, bytes flipped, hashes fitted."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import rfc8785

from unfelt.engines.ledger.chain import Link


def tampered(records: Path, change: Callable[[sqlite3.Connection], None], *, is_fitted: bool = False) -> None:
    """The change is in the records, with every digest after it fitted to it if asked."""
    with closing(sqlite3.connect(records)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        # Those over what the bodies say would refuse one that is no JSON any more.
        indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND lower(sql) LIKE '%json%'"
        for (name,) in connection.execute(indexes).fetchall():
            connection.execute(f'DROP INDEX "{name}"')
        change(connection)
        if is_fitted:
            fit(connection)
        connection.commit()


def fit(connection: sqlite3.Connection) -> None:
    """Every entry names the one before it and has the digest of what it says."""
    previous = "0" * 64
    rows = connection.execute(
        "SELECT sequence, kind, rollout_id, revision_id, recorded_at, body FROM records_entry ORDER BY sequence"
    ).fetchall()
    connection.execute("UPDATE records_entry SET digest = sequence")
    for sequence, kind, rollout, revision, at, body in rows:
        when = datetime.fromisoformat(at).replace(tzinfo=UTC)
        digest = Link(sequence, kind, rollout, revision, when, body, previous).digest()
        connection.execute(
            "UPDATE records_entry SET previous = ?, digest = ? WHERE sequence = ?", (previous, digest, sequence)
        )
        previous = digest


def bodies(connection: sqlite3.Connection, kind: str) -> list[tuple[int, dict]]:
    """The entries of a kind."""
    rows = connection.execute(
        "SELECT sequence, body FROM records_entry WHERE kind = ? ORDER BY sequence", (kind,)
    ).fetchall()
    return [(sequence, json.loads(body)) for sequence, body in rows]


def rewrite(connection: sqlite3.Connection, sequence: int, body: dict) -> None:
    """The entry says that instead."""
    text = rfc8785.dumps(body).decode()
    connection.execute("UPDATE records_entry SET body = ? WHERE sequence = ?", (text, sequence))


def flipped(value: bytes | str, place: int) -> bytes | str:
    """The same with one bit of one byte changed."""
    raw = bytearray(value.encode() if isinstance(value, str) else value)
    raw[place % len(raw)] ^= 1
    return raw.decode("latin-1") if isinstance(value, str) else bytes(raw)
