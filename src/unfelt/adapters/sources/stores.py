"""What an arm really kept, read from its own store: never written, never trusted to answer in time."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from unfelt.adapters.sources import RetryableSourceError, SourceError
from unfelt.conf.language import Message
from unfelt.documents.change import Store

AT_ONCE = 500
"""So many promises are looked up in one query."""
_REFUSED = (
    *(exp.DML, exp.DDL, exp.Command, exp.Into, exp.Lock, exp.Anonymous, exp.Placeholder, exp.Parameter, exp.Star),
    *(exp.Pragma, exp.Transaction, exp.Set),
)

Look = Callable[[Sequence[str], bool], list[str]]


class Shelf:
    """One arm's store."""

    def __init__(self, store: Store, *, patience: float = 2.0) -> None:
        """The query is parsed, or SourceError says what is wrong with it; nothing is opened yet."""
        self._database = store.database
        self._patience = patience
        if store.database.startswith("sqlite:///"):
            self._fast, self._sure = _queries(store.query, "sqlite")
            self._ask: Callable[[str, Sequence[str]], list[str]] = self._ask_sqlite
        elif store.database.startswith(("postgresql://", "postgres://")):
            self._fast, self._sure = _queries(store.query, "postgres")
            self._ask = self._ask_postgres
        else:
            raise SourceError(
                Message(
                    "The store {database} is of no known kind. Allowed: sqlite:///orders.db or postgresql://host/name",
                    database=store.database,
                )
            )

    def kept(self, promises: Iterable[str], *, sure: bool = False) -> set[str]:
        """Those of the promises that the store holds; RetryableSourceError if it did not answer.

        `sure` compares as texts, which finds whatever is there and may be slow; otherwise an index can be used.
        """
        wanted = sorted(set(promises))
        found: set[str] = set()
        for start in range(0, max(len(wanted), 1), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            found.update(self._ask(self._sure if sure else self._fast, some))
        return found.intersection(wanted)

    def _ask_sqlite(self, query: str, promises: Sequence[str]) -> list[str]:
        path = self._database.removeprefix("sqlite:///")
        marks = ", ".join("?" * len(promises)) or "NULL"
        end = time.monotonic() + self._patience
        try:
            with closing(
                sqlite3.connect(f"file:{_escaped(path)}?mode=ro", uri=True, timeout=self._patience)
            ) as store:
                store.set_progress_handler(lambda: time.monotonic() > end, 10_000)
                rows = store.execute(query.replace(MARKS, marks), list(promises)).fetchall()
        except sqlite3.Error as error:
            raise self._unanswered(error) from error
        return [str(row[0]) for row in rows]

    def _ask_postgres(self, query: str, promises: Sequence[str]) -> list[str]:
        try:
            import psycopg
        except ImportError as error:
            raise SourceError(
                Message("Stores in PostgreSQL need the extra postgres. Run: pip install 'unfelt[postgres]'")
            ) from error
        limit = round(self._patience * 1000)
        options = f"-c statement_timeout={limit} -c default_transaction_read_only=on"
        try:
            with psycopg.connect(
                self._database, connect_timeout=max(2, round(self._patience)), options=options
            ) as store:
                rows: list[Any] = store.execute(query.replace(MARKS, "%s"), [list(promises)]).fetchall()
        except psycopg.Error as error:
            raise self._unanswered(error) from error
        return [str(row[0]) for row in rows]

    def _unanswered(self, error: Exception) -> RetryableSourceError:
        place = self._database.rsplit("@", 1)[-1]
        return RetryableSourceError(
            Message("The store {place} did not answer: {error}", place=place, error=" ".join(str(error).split()))
        )


MARKS = "__promises__"


def _escaped(path: str) -> str:
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _queries(query: str, dialect: str) -> tuple[str, str]:
    """The plan's query narrowed to some promises: once so that an index helps, once as texts."""
    select = parse_query(query, dialect)
    only = select.expressions[0]
    named = exp.alias_(only.this if isinstance(only, exp.Alias) else only, "promise", quoted=True)
    select.set("expressions", [named])
    inner = select.sql(dialect=dialect, comments=False)
    if dialect == "sqlite":
        return tuple(
            f'SELECT "promise" FROM ({inner}) AS kept WHERE {one} IN ({MARKS})'
            for one in ('"promise"', 'CAST("promise" AS TEXT)')
        )  # type: ignore[return-value]
    inner = inner.replace("%", "%%")
    return (f'SELECT "promise" FROM ({inner}) AS kept WHERE "promise"::text = ANY({MARKS})',) * 2


def parse_query(query: str, dialect: str) -> exp.Select:
    """The query, if it is exactly one SELECT with one output column that only reads."""
    try:
        found = sqlglot.parse(query, dialect=dialect)
    except (ParseError, TokenError) as error:
        raise _refused(query, Message("it cannot be read as SQL")) from error
    if len(found) != 1 or not isinstance(found[0], exp.Select):
        raise _refused(query, Message("it must be exactly one SELECT"))
    select = found[0]
    if len(select.expressions) != 1 or isinstance(select.expressions[0].unalias(), exp.Star):
        raise _refused(query, Message("it must have exactly one output column"))
    for node in select.walk():
        if isinstance(node, _REFUSED) and not isinstance(node.parent, exp.Count):
            raise _refused(query, Message("{piece} is not allowed in it", piece=node.sql(dialect=dialect)))
    return select


def _refused(query: str, why: Message) -> SourceError:
    return SourceError(
        Message(
            "The store's query is refused: {why}. It reads: {query} Allowed is a SELECT that lists the promises "
            "kept, such as: SELECT number FROM orders",
            why=why,
            query=query,
        )
    )
