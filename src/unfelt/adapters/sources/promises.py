"""Promises in the log against what the stores really hold: the loser must not be the reporter."""

from datetime import datetime
from typing import Literal

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import RetryableSourceError, sql
from unfelt.adapters.sources.epochs import naive
from unfelt.adapters.sources.lookups import Lookup, lookup_of
from unfelt.adapters.sources.measures import Measure, Measures
from unfelt.adapters.sources.windows import no_broken_promises

Kept = Literal["old", "new"]


class Promises:
    """The promises of every reconciled metric, each looked up until it is kept or its time is over."""

    def __init__(self, connection: DuckDBPyConnection, measures: Measures) -> None:
        self._connection = connection
        self._measures = measures
        self._shelves: dict[tuple[int, str], Lookup] = {}
        for i, member in self._reconciled():
            if member.reconciliation:
                self._shelves[i, "old"] = lookup_of(member.reconciliation, "old")
                self._shelves[i, "new"] = lookup_of(member.reconciliation, "new")
        connection.execute("""
            CREATE SCHEMA IF NOT EXISTS promises;
            CREATE TABLE IF NOT EXISTS promises.open (member INTEGER, customer VARCHAR, seq BIGINT, came TIMESTAMP,
                seen TIMESTAMP, store VARCHAR, promise VARCHAR, due TIMESTAMP);
            CREATE TABLE IF NOT EXISTS promises.reads (member INTEGER, read TIMESTAMP);
        """)

    @property
    def any(self) -> bool:
        """There are metrics that stores decide, which must be asked even when no line came."""
        return bool(self._shelves)

    def take_in(self, *, before: int) -> None:
        """The promises of `w_parsed` are remembered; one that was served by old is to be found in old's store."""
        for i, member in self._reconciled():
            if member.reconciliation is None:
                continue
            promise = sql.name(member.reconciliation.promise)
            self._connection.execute(f"""
                INSERT INTO promises.open
                SELECT {i}, customer, {before} + _line, time, seen,
                    CASE WHEN arm = 'new' AND served = 'new' THEN 'new' ELSE 'old' END, {promise},
                    time + to_microseconds(coalesce(try_cast(duration_ms * 1000 AS BIGINT), 0))
                        + {sql.interval(member.reconciliation.within)}
                FROM w_parsed POSITIONAL JOIN w_pace
                WHERE time IS NOT NULL AND _ended AND arm IN ('old', 'new') AND coalesce(customer, '') <> ''
                    AND coalesce({promise}, '') NOT IN ('', '-')
            """)

    def check(self, now: datetime) -> tuple[dict[str, datetime | None], tuple[str, ...]]:
        """`w_broken` holds the promises found broken; up to when each metric was read, and which are stale."""
        if not self.any:
            return {}, ()
        no_broken_promises(self._connection, self._measures)
        stale = []
        for i, member in self._reconciled():
            try:
                self._check(i, naive(now))
            except RetryableSourceError:
                stale.append(member.name)
        reads = dict(
            self._connection.execute("SELECT member, max(read) FROM promises.reads GROUP BY ALL").fetchall()
        )
        return {member.name: reads.get(i) for i, member in self._reconciled()}, tuple(stale)

    def _reconciled(self) -> list[tuple[int, Measure]]:
        return [(i, member) for i, member in enumerate(self._measures.members) if member.reconciliation]

    def _check(self, member: int, now: datetime) -> None:
        """Both stores are asked before anything is concluded from either."""
        kept, broken = [], []
        for store in ("old", "new"):
            found, missing = self._look(member, store, now)
            kept += found
            broken += missing
        self._conclude(member, broken, now)
        for gone in (kept, broken):
            self._connection.execute(
                "DELETE FROM promises.open WHERE member = $1 AND seq IN (SELECT unnest($2::BIGINT[]))",
                [member, gone],
            )
        self._connection.execute("DELETE FROM promises.reads WHERE member = $1", [member])
        self._connection.execute("INSERT INTO promises.reads VALUES ($1, $2)", [member, now])

    def _look(self, member: int, store: str, now: datetime) -> tuple[list[int], list[int]]:
        """The lines whose promises are kept, and those whose promises are broken."""
        shelf = self._shelves[member, store]
        rows = self._connection.execute(
            "SELECT seq, promise, due FROM promises.open WHERE member = $1 AND store = $2", [member, store]
        ).fetchall()
        found = shelf.kept(promise for _, promise, _ in rows)
        overdue = [promise for _, promise, due in rows if promise not in found and due <= now]
        if overdue:
            found |= shelf.kept(overdue, sure=True)
        kept = [seq for seq, promise, _ in rows if promise in found]
        return kept, [seq for seq, promise, due in rows if promise not in found and due <= now]

    def _conclude(self, member: int, broken: list[int], now: datetime) -> None:
        verdicts = sql.each(range(len(self._measures.members)), lambda i: f", {str(i == member).lower()}", "")
        self._connection.execute(
            f"""INSERT INTO w_broken SELECT customer, seq, came, seen, {sql.moment(now)} {verdicts}
            FROM promises.open WHERE member = $1 AND seq IN (SELECT unnest($2::BIGINT[]))""",
            [member, broken],
        )
