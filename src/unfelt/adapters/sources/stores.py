"""What an arm really kept, read from its own store: never written, never trusted to answer in time."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlglot import exp

from unfelt.adapters.sources import RetryableSourceError, SourceError
from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.documents.queries import parsed
from unfelt.documents.refusal import RefusalError
from unfelt.documents.source import Store

AT_ONCE = 500
"""So many promises are looked up in one query."""
COUNTED_WITHIN = 0.5
"""Seconds that a store may take to count its rows: the guard's look waits for it."""
MOST_ROWS = 4 * AT_ONCE
"""So many rows may be listed of them; a promise has few values."""
LONGEST_VALUE = 1_000_000
"""Bytes of a value that a store in SQLite may make."""
FUNCTIONS = frozenset(
    {
        *(
            "lower",
            "upper",
            "trim",
            "ltrim",
            "rtrim",
            "substr",
            "substring",
            "coalesce",
            "ifnull",
            "nullif",
            "iif",
        ),
        *("abs", "round", "min", "max", "count", "concat", "length", "like", "glob", "replace"),
        *("nullif", "iif", "json_extract", "->", "->>", "current_timestamp", "current_date", "cast"),
    }
)
"""What a query of SQLite may call."""

MARKS_OF_A_HOME = ("keys/signing.pem", "records.db")
"""What lies in the directory of an installation, whatever its name."""
OWN = frozenset({"begun", "changes", "experience", "keys", "rollouts", "routers", "stamps"})
"""Directories in it that unfelt makes."""


def is_postgres(database: str) -> bool:
    """The store is in PostgreSQL."""
    return database.startswith(("postgresql://", "postgres://"))


def place_of(database: str) -> str:
    """The store without whoever logs in."""
    return database.rsplit("@", 1)[-1]


@contextmanager
def connected(database: str, *, patience: float) -> Iterator[Any]:
    """A store in PostgreSQL within a transaction that only reads and ends in time, whatever its address says.

    RetryableSourceError if it is away.
    """
    try:
        import psycopg
    except ImportError as error:
        raise SourceError(
            Message("Stores in PostgreSQL need the extra postgres. Run: pip install 'unfelt[postgres]'")
        ) from error
    limit = round(patience * 1000)
    options = (
        f"-c statement_timeout={limit} -c lock_timeout={limit} -c default_transaction_read_only=on "
        "-c idle_in_transaction_session_timeout=10000"
    )
    try:
        with psycopg.connect(database, connect_timeout=max(2, round(patience)), options=options) as store:
            store.read_only = True
            yield store
    except psycopg.Error as error:
        raise unanswered(database, error) from error


def unanswered(database: str, error: Exception) -> RetryableSourceError:
    """The store, and what it said."""
    return RetryableSourceError(
        Message(
            "The store {place} did not answer: {error}",
            place=place_of(database),
            error=" ".join(str(error).split()),
        )
    )


@dataclass(slots=True)
class Copies:
    """What a store lists of one promise: how often, and with which values."""

    n: int = 0
    values: set[str] = field(default_factory=set)

    def add(self, value: object, n: int) -> None:
        """So many rows more, with that value."""
        self.n += n
        self.values.add("" if value is None else str(value))


class Shelf:
    """One arm's store."""

    def __init__(self, store: Store, *, patience: float = 2.0) -> None:
        """The query is parsed, nothing is opened yet; a query that is not allowed is asked of nobody."""
        self._database = store.database
        self._patience = patience
        self._refused: RetryableSourceError | None = None
        if not (is_postgres(store.database) or store.database.startswith("sqlite:///")):
            raise SourceError(
                Message(
                    "The store {database} is of no known kind. Allowed: sqlite:///orders.db or postgresql://host/name",
                    database=store.database,
                )
            )
        dialect = "postgres" if is_postgres(store.database) else "sqlite"
        self._ask = self._ask_postgres if dialect == "postgres" else self._ask_sqlite
        self._fast = self._sure = self._all = ""
        try:
            self._fast, self._sure, self._all = _queries(store.query, dialect)
            must_not_be_ours(store.database)
        except RefusalError as error:
            self._refused = RetryableSourceError(
                Message(
                    "The store's query is refused: {why}. It reads: {query}", why=str(error), query=store.query
                )
            )

    def kept(self, promises: Iterable[str], *, sure: bool = False) -> set[str]:
        """Those of the promises that the store holds; RetryableSourceError if it did not answer."""
        return set(self.listed(promises, sure=sure))

    def listed(self, promises: Iterable[str], *, sure: bool = False) -> dict[str, Copies]:
        """What the store lists of each of the promises that it holds; RetryableSourceError if it did not answer.

        `sure` compares as texts, which finds whatever is there and may be slow; otherwise an index can be used.
        """
        wanted = sorted(set(promises))
        found: dict[str, Copies] = {}
        for start in range(0, max(len(wanted), 1), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            for promise, value, n in self._rows(self._sure if sure else self._fast, some):
                found.setdefault(str(promise), Copies()).add(value, n)
        return {promise: found[promise] for promise in wanted if promise in found}

    def size(self) -> int:
        """How many rows the query lists; RetryableSourceError if the store did not answer in time."""
        patience, self._patience = self._patience, min(self._patience, COUNTED_WITHIN)
        try:
            return int(self._rows(self._all, [])[0][0])
        finally:
            self._patience = patience

    def _rows(self, query: str, promises: Sequence[str]) -> list[Sequence[Any]]:
        if self._refused is not None:
            raise self._refused
        rows = self._ask(query, promises)
        if len(rows) > MOST_ROWS:
            said = Message("The store {place} lists too many values of one promise.", place=self.place)
            raise RetryableSourceError(said)
        return rows

    @property
    def place(self) -> str:
        """Where it is, without whoever logs in."""
        return place_of(self._database)

    def is_same(self, other: object) -> bool:
        """Both arms keep what they promise in one place."""
        return isinstance(other, Shelf) and (self._database, self._fast) == (other._database, other._fast)

    def _ask_sqlite(self, query: str, promises: Sequence[str]) -> list[Sequence[Any]]:
        path = self._database.removeprefix("sqlite:///")
        marks = ", ".join("?" * len(promises)) or "NULL"
        end = time.monotonic() + self._patience
        try:
            with closing(
                sqlite3.connect(f"file:{_escaped(path)}?mode=ro", uri=True, timeout=self._patience)
            ) as store:
                store.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
                store.set_authorizer(_may)
                store.set_progress_handler(lambda: time.monotonic() > end, 10_000)
                return store.execute(query.replace(MARKS, marks), list(promises)).fetchmany(MOST_ROWS + 1)
        except sqlite3.Error as error:
            raise unanswered(self._database, error) from error

    def _ask_postgres(self, query: str, promises: Sequence[str]) -> list[Sequence[Any]]:
        given = [list(promises)] if MARKS in query else None
        with connected(self._database, patience=self._patience) as store:
            rows: list[Any] = store.execute(query.replace(MARKS, "%s"), given).fetchmany(MOST_ROWS + 1)
        return rows


MARKS = "__promises__"


def _may(action: int, one: str | None, other: str | None, _place: str | None, _within: str | None) -> int:
    """SQLite asks for each thing that a statement would do: to read tables and to compute, and nothing else."""
    if action == sqlite3.SQLITE_SELECT:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and not str(one).lower().startswith(("sqlite_", "pragma_")):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and str(other).lower() in FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def must_not_be_ours(database: str) -> None:
    """RefusalError if it is: a plan does not read what unfelt keeps: its records, keys and experience."""
    path = Path(database.removeprefix("sqlite:///")).resolve()
    if database.startswith("sqlite:///") and any(_keeps(home, path) for home in path.parents):
        raise RefusalError(Message("the store is one of unfelt's own files"), Message("Name the service's own."))


def _keeps(home: Path, path: Path) -> bool:
    """That directory is an installation, and the file lies in it or in a directory of its own."""
    first, *below = path.relative_to(home).parts
    is_home = home == settings().home.resolve() or any((home / mark).exists() for mark in MARKS_OF_A_HOME)
    return is_home and (not below or first in OWN)


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _queries(query: str, dialect: str) -> tuple[str, str, str]:
    """The plan's query narrowed to some promises, so that an index helps, and as texts; and how much it lists."""
    select = parsed(query, dialect=dialect).copy()
    if MARKS in query:
        raise RefusalError(Message("the query holds {marks}", marks=MARKS), Message("Call it otherwise."))
    named = [
        exp.alias_(one.this if isinstance(one, exp.Alias) else one, name, quoted=True)
        for one, name in zip(select.expressions, ("promise", "value"), strict=False)
    ]
    select.set("expressions", named)
    inner = select.sql(dialect=dialect, comments=False)
    value = '"value"' if len(named) > 1 else "NULL"
    if dialect == "sqlite":
        fast, sure = (
            f'SELECT "promise", {value}, count(*) FROM ({inner}) AS kept WHERE {one} IN ({MARKS}) GROUP BY 1, 2'
            for one in ('"promise"', 'CAST("promise" AS TEXT)')
        )
        return fast, sure, f"SELECT count(*) FROM ({inner}) AS kept"
    text = inner.replace("%", "%%")
    both = (
        f'SELECT "promise"::text, {value}::text, count(*) FROM ({text}) AS kept '
        f'WHERE "promise"::text = ANY({MARKS}) GROUP BY 1, 2'
    )
    return both, both, f"SELECT count(*) FROM ({inner}) AS kept"
