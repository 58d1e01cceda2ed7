"""What became of promises, counted by store: and how many rows a store holds that nobody was promised."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import RetryableSourceError, sql
from unfelt.adapters.sources.lookups import Reader

EVERY = timedelta(seconds=5)
"""So often the rows of a store are counted; a store that takes long is counted less often."""
AT_MOST = 0.02
"""The part of its time that a store may be busy counting."""
FATES = ("kept", "lost", "doubled", "wrong")

Counted = tuple[int, str, int, bool]
"""A line of the log, what became of its promise, how often it is listed, and whether in new's store alone."""


class PromiseCounts:
    """Each promise once, whatever number of answers named it; and the rows that the stores grew by.

    A row that nobody was promised is one more than the store held when it was first counted, and than was
    promised since: an order that was written twice under keys of its own shows here. Where rows are deleted
    meanwhile, or both arms write into both stores, the number says less; it is shown and never judged.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        shelves: Mapping[tuple[int, str], Reader],
        within: Mapping[int, timedelta],
    ) -> None:
        self._connection = connection
        self._shelves = shelves
        self._within = within
        self._pause: dict[tuple[int, str], timedelta] = {}
        connection.execute("""
            CREATE TABLE IF NOT EXISTS promises.made (member INTEGER, store VARCHAR, key UBIGINT, fate VARCHAR,
                copies INTEGER, alone BOOLEAN, customer VARCHAR, came TIMESTAMP, told TIMESTAMP,
                PRIMARY KEY (member, store, key));
            CREATE TABLE IF NOT EXISTS promises.sizes (member INTEGER, store VARCHAR, taken TIMESTAMP, n BIGINT,
                begun TIMESTAMP);
        """)

    def note(self, member: int, store: str, found: list[Counted]) -> None:
        """The promises of these lines are counted, before they are forgotten; what is worse stays."""
        if not found:
            return
        lines, fates, copies, alone = (list(column) for column in zip(*found, strict=True))
        self._connection.execute(
            f"""INSERT INTO promises.made
            WITH found AS (SELECT unnest($3::BIGINT[]) AS seq, unnest($4::VARCHAR[]) AS fate,
                unnest($5::INTEGER[]) AS copies, unnest($6::BOOLEAN[]) AS alone)
            SELECT $1, $2, hash(o.promise), arg_max(f.fate, f.fate <> 'kept'), max(f.copies), bool_or(f.alone),
                max(o.customer), min(o.came), max(o.due) - {sql.interval(self._within[member])}
            FROM found f JOIN promises.open o ON o.seq = f.seq AND o.member = $1
            GROUP BY hash(o.promise)
            ON CONFLICT DO UPDATE SET fate = CASE WHEN fate = 'kept' THEN excluded.fate ELSE fate END,
                copies = greatest(copies, excluded.copies)""",
            [member, store, lines, fates, copies, alone],
        )

    def look(self, member: int, clock: Callable[[], datetime]) -> None:
        """The rows of both stores are counted where that is due; a store that does not count in time is left."""
        now = clock()
        for store in ("old", "new"):
            newest = self._connection.execute(
                "SELECT max(taken) FROM promises.sizes WHERE member = $1 AND store = $2", [member, store]
            ).fetchone()
            at = newest and newest[0]
            if at is None or now - at >= self._pause.get((member, store), EVERY):
                self._measure(member, store, clock)

    def _measure(self, member: int, store: str, clock: Callable[[], datetime]) -> None:
        """Rows written meanwhile may be in it or not: when it began and when it was over are both kept."""
        began, begun = time.monotonic(), clock()
        try:
            n = self._shelves[member, store].size()
        except RetryableSourceError:
            n = None
        took = timedelta(seconds=(time.monotonic() - began) / AT_MOST)
        self._pause[member, store] = max(EVERY, took)
        self._connection.execute(
            "INSERT INTO promises.sizes VALUES ($1, $2, $3, $4, $5)", [member, store, clock(), n, begun]
        )
        self._forget(member, store, begun)

    def _forget(self, member: int, store: str, now: datetime) -> None:
        """The first count is kept, and the newest ones."""
        old = now - self._within[member] - EVERY - 10 * self._pause[member, store]
        self._connection.execute(
            "DELETE FROM promises.sizes WHERE member = $1 AND store = $2 AND taken < $3 AND taken > "
            "(SELECT min(taken) FROM promises.sizes WHERE member = $1 AND store = $2 AND n IS NOT NULL)",
            [member, store, old],
        )

    def told(self, member: int) -> dict[str, dict[str, int]]:
        """For each store how many promises were kept, lost, doubled and wrong; of new's, how many lie there alone
        and of how many customers; and the rows that nobody was promised, where they could be counted."""
        found = {store: dict.fromkeys(FATES, 0) for store in ("old", "new")}
        rows = self._connection.execute(
            "SELECT store, fate, count(*) FROM promises.made WHERE member = $1 GROUP BY ALL", [member]
        ).fetchall()
        for store, fate, n in rows:
            found[store][fate] = n
        alone = self._connection.execute(
            "SELECT count(*), count(DISTINCT nullif(customer, '')) FROM promises.made "
            "WHERE member = $1 AND store = 'new' AND alone",
            [member],
        ).fetchone()
        found["new"] |= dict(zip(("alone", "alone_of"), alone or (0, 0), strict=True))
        return self._with_unpromised(member, found)

    def _with_unpromised(self, member: int, found: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
        is_one = self._shelves[member, "old"].is_same(self._shelves[member, "new"])
        for store in ("old",) if is_one else ("old", "new"):
            n = self._unpromised(member, store, both=is_one)
            if n is not None:
                found[store]["unpromised"] = n
        return found

    def _unpromised(self, member: int, store: str, *, both: bool) -> int | None:
        """By how many rows the store grew beyond what was promised, when it was last counted and all promises of
        that time are settled; None where it was not counted twice."""
        row = self._connection.execute(
            f"""WITH sizes AS (FROM promises.sizes WHERE member = $1 AND store = $2 AND n IS NOT NULL),
            first AS (SELECT min(begun) AS begun, min(taken) AS taken, arg_min(n, taken) AS n FROM sizes),
            last AS (SELECT max(taken) AS taken, arg_max(n, taken) AS n FROM sizes
                WHERE taken + {self._settles(member)} <= (SELECT max(read) FROM promises.reads WHERE member = $1))
            SELECT last.n - first.n - (SELECT coalesce(sum(copies), 0) FROM promises.made m
                WHERE m.member = $1 AND (m.store = $2 OR $3) AND m.told > first.begun AND m.came <= last.taken)
            FROM first, last WHERE last.taken > first.taken""",
            [member, store, both],
        ).fetchone()
        return None if row is None or row[0] is None else max(0, int(row[0]))

    def _settles(self, member: int) -> str:
        return sql.interval(self._within[member] + EVERY)
