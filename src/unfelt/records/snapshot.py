"""Reading the records as of one moment, however long that takes, while others go on writing."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Within the block every row is read as it was when the block began; nothing can be written there.

    No writer waits for it: SQLite's write-ahead log and PostgreSQL keep the older rows meanwhile.
    """
    connection.ensure_connection()
    reading = _postgresql if connection.vendor == "postgresql" else _sqlite
    with reading():
        yield


@contextmanager
def _postgresql() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # Between two questions others decide again, perhaps for minutes: that is no idle client.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        yield


@contextmanager
def _sqlite() -> Iterator[None]:
    usual = connection.transaction_mode
    # The mode that the records are opened with takes the lock of a writer at once.
    connection.transaction_mode = "DEFERRED"
    _say("PRAGMA query_only = ON")
    try:
        with transaction.atomic():
            _say("SELECT count(*) FROM sqlite_master")  # A deferred transaction begins with what it reads first.
            yield
    finally:
        connection.transaction_mode = usual
        _say("PRAGMA query_only = OFF")


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement).fetchall()
