"""Promises in the log against what the stores really hold: the loser must not be the reporter."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import RetryableSourceError, sql
from unfelt.adapters.sources.epochs import naive
from unfelt.adapters.sources.lookups import Reader, lookup_of
from unfelt.adapters.sources.measures import Measure, Measures
from unfelt.adapters.sources.promise_counts import PromiseCounts
from unfelt.adapters.sources.stores import Copies
from unfelt.adapters.sources.windows import no_broken_promises
from unfelt.documents.source import PromiseSource, is_kept_once, value_of

ARMS = ("old", "new")
AS_CLOSE = Decimal("1e-12")
"""Two numbers are the same where they differ by no more of the larger: what doubles make of a price."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of the promise in one line of the log; copies: how often the store listed it."""

    seq: int
    promise: str
    fate: str
    copies: int = 0


class Promises:
    """The promises of every reconciled metric, each looked up until it is broken or its time is over.

    A promise is broken where the store does not list it (lost), lists it more often than the plan allows
    (doubled, at once), or with another value than was promised (wrong) once its time is over.
    """

    def __init__(self, connection: DuckDBPyConnection, measures: Measures) -> None:
        self._connection = connection
        self._measures = measures
        self._shelves: dict[tuple[int, str], Reader] = {}
        connection.execute("""
            CREATE SCHEMA IF NOT EXISTS promises;
            CREATE TABLE IF NOT EXISTS promises.open (member INTEGER, customer VARCHAR, seq BIGINT, came TIMESTAMP,
                seen TIMESTAMP, store VARCHAR, promise VARCHAR, due TIMESTAMP);
            ALTER TABLE promises.open ADD COLUMN IF NOT EXISTS value VARCHAR;
            ALTER TABLE promises.open ADD COLUMN IF NOT EXISTS found BOOLEAN;
            CREATE TABLE IF NOT EXISTS promises.reads (member INTEGER, read TIMESTAMP);
        """)
        for i, _, source in self._reconciled():
            self._shelves[i, "old"] = lookup_of(source, "old")
            self._shelves[i, "new"] = lookup_of(source, "new")
        self._count = PromiseCounts(connection, self._shelves, {i: one.within for i, _, one in self._reconciled()})

    @property
    def any(self) -> bool:
        """There are metrics that stores decide, which must be asked even when no line came."""
        return bool(self._shelves)

    def take_in(self, *, before: int) -> None:
        """The promises of `w_parsed` are remembered; one that was served by old is to be found in old's store.

        Those of nobody's are too, so that what was promised to them is not taken for what nobody was promised.
        """
        for i, _, source in self._reconciled():
            promise = sql.name(source.promise)
            value = sql.name(value_of(source) or "") if value_of(source) else "NULL"
            self._connection.execute(f"""
                INSERT INTO promises.open
                SELECT {i}, coalesce(customer, ''), {before} + _line, time, seen,
                    CASE WHEN arm = 'new' AND served = 'new' THEN 'new' ELSE 'old' END, {promise},
                    time + to_microseconds(coalesce(try_cast(duration_ms * 1000 AS BIGINT), 0))
                        + {sql.interval(source.within)}, CAST({value} AS VARCHAR), false
                FROM w_parsed POSITIONAL JOIN w_pace
                WHERE time IS NOT NULL AND _ended AND coalesce({promise}, '') NOT IN ('', '-')
            """)

    def check(
        self, now: datetime, *, clock: Callable[[], datetime]
    ) -> tuple[dict[str, datetime | None], tuple[str, ...]]:
        """`w_broken` holds the promises found broken; up to when each metric was read, and which are stale.

        clock: that of the reader, without a zone; `now` is when it began to read.
        """
        if not self.any:
            return {}, ()
        no_broken_promises(self._connection, self._measures)
        stale = []
        for i, member, source in self._reconciled():
            try:
                self._check(i, source, naive(now))
                self._count.look(i, clock)
            except RetryableSourceError:
                stale.append(member.name)
        reads = dict(
            self._connection.execute("SELECT member, max(read) FROM promises.reads GROUP BY ALL").fetchall()
        )
        return {member.name: reads.get(i) for i, member, _ in self._reconciled()}, tuple(stale)

    def counts(self) -> dict[str, dict[str, dict[str, int]]]:
        """For each metric and store, what became of the promises so far."""
        return {member.name: self._count.told(i) for i, member, _ in self._reconciled()}

    def _reconciled(self) -> list[tuple[int, Measure, PromiseSource]]:
        members = enumerate(self._measures.members)
        return [(i, one, one.reconciliation) for i, one in members if one.reconciliation]

    def _check(self, member: int, source: PromiseSource, now: datetime) -> None:
        """Both stores are asked before anything is concluded from either."""
        settled = {store: self._look(member, source, store, now) for store in ARMS}
        alone = self._alone(member, settled["new"])
        for store, fates in settled.items():
            self._conclude(member, store, fates, alone if store == "new" else set(), now)
        self._connection.execute("DELETE FROM promises.reads WHERE member = $1", [member])
        self._connection.execute("INSERT INTO promises.reads VALUES ($1, $2)", [member, now])

    def _look(self, member: int, source: PromiseSource, store: str, now: datetime) -> list[Fate]:
        """The lines of which it is known what became of their promises. One that was found is looked up again
        when its time is over: a second copy, or another value, may come later."""
        shelf = self._shelves[member, store]
        rows = self._connection.execute(
            "SELECT seq, promise, value, due <= $3 FROM promises.open "
            "WHERE member = $1 AND store = $2 AND (found IS NOT TRUE OR due <= $3)",
            [member, store, now],
        ).fetchall()
        listed = shelf.listed(promise for _, promise, _, _ in rows)
        overdue = [promise for _, promise, _, is_due in rows if promise not in listed and is_due]
        if overdue:
            listed |= shelf.listed(overdue, sure=True)
        self._note_found(member, [seq for seq, promise, _, _ in rows if promise in listed])
        return list(_settled(rows, listed, source))

    def _note_found(self, member: int, lines: list[int]) -> None:
        if lines:
            self._connection.execute(
                "UPDATE promises.open SET found = true "
                "WHERE member = $1 AND seq IN (SELECT unnest($2::BIGINT[])) AND found IS NOT TRUE",
                [member, lines],
            )

    def _alone(self, member: int, fates: list[Fate]) -> set[str]:
        """Of the promises that new's store holds, those that old's does not: who goes back loses sight of them."""
        old, new = self._shelves[member, "old"], self._shelves[member, "new"]
        held = {one.promise for one in fates if one.copies}
        return held - old.kept(held) if held and not old.is_same(new) else set()

    def _conclude(self, member: int, store: str, fates: list[Fate], alone: set[str], now: datetime) -> None:
        self._count.note(member, store, [(one.seq, one.fate, one.copies, one.promise in alone) for one in fates])
        broken = [one.seq for one in fates if one.fate != "kept"]
        verdicts = sql.each(range(len(self._measures.members)), lambda i: f", {str(i == member).lower()}", "")
        self._connection.execute(
            f"""INSERT INTO w_broken SELECT customer, seq, came, seen, {sql.moment(now)} {verdicts}
            FROM promises.open WHERE member = $1 AND customer <> '' AND seq IN (SELECT unnest($2::BIGINT[]))""",
            [member, broken],
        )
        self._connection.execute(
            "DELETE FROM promises.open WHERE member = $1 AND seq IN (SELECT unnest($2::BIGINT[]))",
            [member, [one.seq for one in fates]],
        )


def _settled(
    rows: Iterable[tuple[int, str, str | None, bool]], listed: dict[str, Copies], source: PromiseSource
) -> Iterable[Fate]:
    for seq, promise, value, is_due in rows:
        copies = listed.get(promise)
        if copies is None:
            if is_due:
                yield Fate(seq, promise, "lost")
        elif is_kept_once(source) and copies.n > 1:
            yield Fate(seq, promise, "doubled", copies.n)
        elif is_due:
            yield Fate(seq, promise, "kept" if _is_as_promised(value, copies, source) else "wrong", copies.n)


def _is_as_promised(value: str | None, copies: Copies, source: PromiseSource) -> bool:
    """The store has the value that was promised, or none was."""
    if value_of(source) is None or value is None or value.strip() in ("", "-"):
        return True
    return any(is_same_value(value, kept) for kept in copies.values)


def is_same_value(promised: str, kept: str) -> bool:
    """They are the same as texts, or as numbers.

    >>> is_same_value("42.50", "42.5"), is_same_value("0.3", "0.30000000000000004"), is_same_value("42", "43")
    (True, True, False)
    """
    if promised.strip() == kept.strip():
        return True
    try:
        one, other = Decimal(promised), Decimal(kept)
    except InvalidOperation:
        return False
    if not (one.is_finite() and other.is_finite()):
        return False
    return abs(one - other) <= AS_CLOSE * max(abs(one), abs(other))
