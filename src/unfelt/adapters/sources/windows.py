"""Windows: from requests to bets and their outcomes, the same however the requests are cut into increments.

A *sighting* is a customer's first line in a stretch (neighbouring epochs with equal salt and share). It opens
one window per metric. Everything is decided by two orders that the log itself gives: the order of its lines
(`seq`) and `seen`, the moment that several lines up to and including a line have reached. A window
[opened, ends) is closed once `seen >= ends + grace`; an answer counts in it if it was seen before. The time at
which something is *told* (a failure, a close) is on that same clock, so that many small increments and one large
one tell the same at the same times.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from unfelt.adapters.sources import Epoch, Lapse, sql, state
from unfelt.adapters.sources.complete import recorded_measures
from unfelt.adapters.sources.epochs import Stretch, naive, stretches
from unfelt.adapters.sources.measures import Measures, check_columns
from unfelt.adapters.sources.outcomes import Outcomes
from unfelt.adapters.sources.sightings import mark, sight
from unfelt.adapters.sources.waits import compared
from unfelt.documents.change import Change
from unfelt.kernel.tally import ANYTHING

_COLUMNS = (
    *(("epoch", "INTEGER"), ("stretch", "INTEGER"), ("salt", "VARCHAR")),
    *(("share", "DOUBLE"), ("baseline", "BOOLEAN"), ("began", "TIMESTAMP"), ("ended", "TIMESTAMP")),
)
_calls = count()


class Windows:
    """The windows of one plan in one DuckDB database; the caller owns transactions."""

    def __init__(self, connection: DuckDBPyConnection, measures: Measures, *, indexed: bool = True) -> None:
        self._connection = connection
        self._measures = measures
        self._indexed = indexed
        self._outcomes = Outcomes(connection, measures)
        state.prepare(connection, measures, indexed=indexed)
        no_broken_promises(connection, measures)

    def advance(
        self,
        *,
        epochs: Sequence[Epoch],
        lapses: Sequence[Lapse],
        reached: datetime | None,
        read: Mapping[str, datetime | None] | None = None,
    ) -> None:
        """The lines in `w_lines` are taken in, and windows that end `grace` before `reached` are closed.

        Leaves `w_fresh` (sightings), `w_marked` (customers marked for the first time), `w_failed` (failures) and
        `w_closing` (bets of which a window closed) for whoever counts. `read` says for each reconciled metric
        up to when its stores were read; its windows close no later than that.
        """
        self._connection.execute("UPDATE windows.increments SET n = n + 1")
        self._note(epochs, lapses)
        sight(self._connection, self._measures, indexed=self._indexed)
        mark(self._connection, self._measures, indexed=self._indexed)
        self._outcomes.find()
        before = state.watermarks(self._connection)
        watermarks = self._watermarks(before, reached, read or {})
        self._outcomes.close(before, watermarks)
        self._remember(watermarks)

    def _note(self, epochs: Sequence[Epoch], lapses: Sequence[Lapse]) -> None:
        """`w_epochs` and `w_lapses`: what the caller knows and what the lines show."""
        numbers = sql.each((epoch.number for epoch in epochs), str) or "NULL"
        self._connection.execute(f"""
            INSERT INTO windows.epochs_seen SELECT epoch, min(highest) FROM w_lines WHERE epoch IN ({numbers})
                AND epoch NOT IN (SELECT epoch FROM windows.epochs_seen) GROUP BY epoch;
            INSERT INTO windows.lapses_seen SELECT DISTINCT date_trunc('second', highest) + INTERVAL 1 SECOND
                FROM w_lines WHERE {astray(epochs)} EXCEPT FROM windows.lapses_seen;
        """)
        known = {epoch.number for epoch in epochs}
        seen = {
            number: at
            for number, at in self._connection.execute("FROM windows.epochs_seen").fetchall()
            if number in known
        }
        rows = sql.table(map(_literals, stretches(epochs, seen)), _COLUMNS)
        given = sql.table(
            ((sql.moment(lapse.began), sql.moment(lapse.ended)) for lapse in lapses),
            (("began", "TIMESTAMP"), ("ended", "TIMESTAMP")),
        )
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_epochs AS {rows};
            CREATE OR REPLACE TEMP TABLE w_lapses AS {given} UNION ALL
                SELECT came, came + INTERVAL 1 SECOND FROM windows.lapses_seen;
        """)

    def _watermarks(
        self, before: list[datetime | None], reached: datetime | None, read: Mapping[str, datetime | None]
    ) -> list[datetime | None]:
        """Up to when the windows of each metric are closed; never back."""
        found = [self._watermark(member, reached, read) for member in range(len(self._measures.members))]
        return [_latest(old, new) for old, new in zip(before, found, strict=True)]

    def _watermark(
        self, member: int, reached: datetime | None, read: Mapping[str, datetime | None]
    ) -> datetime | None:
        measure = self._measures.members[member]
        if reached is None:
            return None
        time = naive(reached) - self._measures.grace
        if measure.reconciliation is None:
            return time
        store = read.get(measure.name)
        return (
            None
            if store is None
            else min(time, naive(store) - self._measures.grace - measure.reconciliation.within)
        )

    def _remember(self, watermarks: list[datetime | None]) -> None:
        state.remember(self._connection, watermarks)
        marked = dict(self._connection.execute("SELECT mark, count(*) FROM w_marked GROUP BY mark").fetchall())
        excluded = dict(
            self._connection.execute(
                f"SELECT {REASON}, count(*) FROM w_closing WHERE {KEPT_OUT} GROUP BY 1"
            ).fetchall()
        )
        felt = self._connection.execute(f"SELECT count(*) FROM w_closing WHERE {FELT}").fetchone()
        state.add(self._connection, marked | excluded | {"felt": felt[0] if felt else 0})


REASON = "CASE WHEN lapse IS NULL OR share_change <= lapse THEN 'share_change' ELSE 'lapse' END"
"""Why a closing bet is excluded."""
FELT = "c AND felt AND arm = 'new' AND NOT baseline"
"""Closing bets of customers of `new` in whose window, cut short or not, anything bad happened or may have."""
KEPT_OUT = "c AND x"
"""Closing bets that are excluded from the comparison of anything bad."""


def astray(epochs: Sequence[Epoch]) -> str:
    """SQL: the line shows a customer where the records have nobody: of an epoch that is not on record, or of
    `new` and served by old without having fallen back. It cuts the windows that are open, and no later ones."""
    newest = max((epoch.number for epoch in epochs), default=0)
    return f"(lapsed OR coalesce(epoch > {newest}, false))"


def _latest(old: datetime | None, new: datetime | None) -> datetime | None:
    return max((time for time in (old, new) if time is not None), default=None)


def _literals(stretch: Stretch) -> tuple[str, ...]:
    return (
        str(stretch.epoch),
        str(stretch.stretch),
        sql.text(stretch.salt),
        repr(stretch.share),
        str(stretch.baseline),
        sql.moment(stretch.began),
        sql.moment(stretch.ended),
    )


def no_broken_promises(connection: DuckDBPyConnection, measures: Measures) -> None:
    """`w_broken` is there and empty."""
    verdicts = sql.each(range(len(measures.members)), lambda i: f", b{i} BOOLEAN", "")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_broken
        (customer VARCHAR, seq BIGINT, came TIMESTAMP, seen TIMESTAMP, told TIMESTAMP {verdicts})
    """)


def verdicts(measures: Measures, *, fell: str = "false") -> str:
    """`, … AS b0, … AS b1`: whether a request is bad for each question; one that fell back is bad for all.

    `, … AS v2`: how bad, for scores.
    """

    def spell(i: int) -> str:
        bad = measures.members[i].bad
        return f", false AS b{i}" if bad is None else f", ({fell}) OR ({bad}) AS b{i}"

    def score(i: int) -> str:
        value = f"least(1.0, greatest(0.0, CAST({measures.members[i].value} AS DOUBLE)))"
        return f", CASE WHEN {fell} THEN 1.0 ELSE {value} END AS v{i}"

    return sql.each(range(len(measures.members)), spell, "") + sql.each(measures.scores, score, "")


def segment_values(measures: Measures) -> str:
    """`, … AS s0, … AS s1`: the segment columns as texts."""
    return sql.each(
        range(len(measures.segments)), lambda i: f", CAST({sql.name(measures.segments[i])} AS VARCHAR) AS s{i}", ""
    )


def take_experience(
    connection: DuckDBPyConnection, experience: str, epochs: Sequence[Epoch], measures: Measures
) -> None:
    """`w_lines` holds every row of a whole experience table, in order of time, one answered request each.

    The epoch of a row is the last one that began by then; with no epochs given, what its column `epoch` says.
    """
    began = sql.table(
        ((str(epoch.number), sql.moment(epoch.began)) for epoch in epochs),
        (("number", "INTEGER"), ("began", "TIMESTAMP")),
    )
    place = "ASOF LEFT JOIN began ON ordered.time >= began.began" if epochs else ""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_lines AS
        WITH began AS ({began}), ordered AS (FROM {experience} ORDER BY time)
        SELECT row_number() OVER () AS seq, time AS came, time AS seen, time AS highest,
            CAST(customer AS VARCHAR) AS customer, arm,
            {"began.number" if epochs else "epoch"} AS epoch, NULL::VARCHAR AS id, false AS begun, true AS ended,
            time AS written, false AS fell, false AS lapsed {verdicts(measures)} {segment_values(measures)}
        FROM ordered {place} ORDER BY time
    """)


def closed_bets(
    connection: DuckDBPyConnection,
    experience: str,
    epochs: Sequence[Epoch],
    lapses: Sequence[Lapse],
    plan: Change,
    *,
    until: datetime | None = None,
) -> DuckDBPyRelation:
    """Every bet whose window ended by `until` (None: by the last row), through the same code as a live rollout.

    experience: the name of a table or view in `connection` with `time` (TIMESTAMP, UTC), `customer`, `arm` ('old'
        or 'new') and the columns that the plan's metrics and segments read; one row is one answered request. All
        rows are there, in any order; ties in time keep the order of the table. Simulations put the run into the
        customer id.
    epochs: in order of number; a row belongs to the last epoch that began at or before it (rows before the first
        are left out). Within a salt a customer must keep their place u: new iff u < share.
    plan: its metrics (`bad`, `observe`), segments and later looks are used; `grace` is not: nothing is late.

    Returns a relation over a temporary table of its own with one row per bet and metric, `anything` included:
    customer VARCHAR, epoch INTEGER, baseline BOOLEAN, propensity DOUBLE, arm VARCHAR, metric VARCHAR (`failed`,
    `failed@1h`, `anything`), one VARCHAR column per segment under its own name (the raw value), opened TIMESTAMP,
    closes TIMESTAMP, bad BOOLEAN, failed_at TIMESTAMP (the first failure, NULL if none), excluded BOOLEAN (the
    window straddles a share change or a lapse: not a bet to multiply, whatever became of it; failed_at is then a
    failure before the cut, which the failures-only process does count). Multiply in order of `opened` (first in,
    first out); all windows of a metric have one length, so that is the order of `closes` too.

    >>> closed_bets(connection, "experience", epochs, [], plan).filter("not excluded")  # doctest: +SKIP
    """
    measures = compared(connection, f"FROM {experience}", recorded_measures(plan))
    known = [row[0] for row in connection.execute(f"DESCRIBE {experience}").fetchall()]
    check_columns(measures, known)
    with_last = connection.execute(f"SELECT max(time) FROM {experience}").fetchone()
    _drop(connection)
    windows = Windows(connection, measures, indexed=False)
    take_experience(connection, experience, epochs, measures)
    windows.advance(epochs=epochs, lapses=lapses, reached=until or (with_last and with_last[0]))
    result = f"closed_bets_{next(_calls)}"
    connection.execute(f"CREATE TEMP TABLE {result} AS {_long(measures)}")
    _drop(connection)
    return connection.table(result)


def _drop(connection: DuckDBPyConnection) -> None:
    connection.execute("DROP SCHEMA IF EXISTS windows CASCADE")
    names: list[Any] = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE temporary AND starts_with(table_name, 'w_')"
    ).fetchall()
    for (table,) in names:
        connection.execute(f"DROP TABLE {sql.name(table)}")


def _long(measures: Measures) -> str:
    """One row per closed bet and metric."""
    segments = sql.each(range(len(measures.segments)), lambda i: f", s{i} AS {sql.name(measures.segments[i])}", "")
    head = f"SELECT customer, epoch, baseline, propensity, arm {segments}, opened"

    def member(i: int) -> str:
        looks = range(len(measures.later) + 1)
        metric = sql.each(looks, lambda look: f"WHEN {look} THEN {sql.text(measures.name(i, look))}", " ")
        return f"""{head}, due{i} AS closes, CASE look {metric} END AS metric, bad{i} AS bad,
            coalesce(f{i}, CASE WHEN k{i} THEN due{i} END) AS failed_at, x{i} AS excluded
            FROM w_closing WHERE c{i}"""

    composite = f"""{head}, due AS closes, {sql.text(ANYTHING)} AS metric, bad, coalesce(f, k) AS failed_at,
        x AS excluded FROM w_closing WHERE c"""
    return sql.each(range(len(measures.members)), member, " UNION ALL ") + " UNION ALL " + composite
