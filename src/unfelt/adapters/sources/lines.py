"""The lines of a router's log, whatever its form: one when a request has taken long, one at its end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from unfelt.adapters.sources import clock, sql
from unfelt.adapters.sources.clock import BEFORE_ALL
from unfelt.adapters.sources.forms import FIELDS, LogForm
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.windows import segment_values, verdicts
from unfelt.documents.change import Change

POSSIBLE = {
    "status": (0, 999),
    "attempts": (0, 10**6),
    "epoch": (0, 2 * 10**9),
    "share": (0, 1),
    "duration_ms": (0, 10**10),
    "bytes": (0, 10**15),
}
"""Between which numbers each number of a line lies; a line with another is no line of the router."""
_AT_THE_END = ("status", "duration_ms", "flags", "bytes", "served", "attempts")
"""What is not known before a request has ended."""


def columns_of(change: Change) -> dict[str, str]:
    """The columns that the plan adds to every line, and where each comes from."""
    experience = change.experience
    added = {"device": "header:user-agent"} | {one.by: f"header:x-{one.by}" for one in experience.segments}
    return {name: origin for name, origin in (added | experience.columns).items() if name not in FIELDS}


@dataclass(frozen=True, slots=True)
class Times:
    """The lines of `w_parsed` in their order."""

    time: NDArray[np.int64]
    """In microseconds since 1970; BEFORE_ALL for a line that did not parse or cannot be."""
    parsed: NDArray[np.bool_]
    """Whether each line parsed."""


def parse(
    connection: DuckDBPyConnection, form: LogForm, chunk: Path, columns: Iterable[str], *, now: datetime
) -> Times:
    """`w_parsed` holds the chunk's lines in their order.

    One that is dated after `now` or holds a number that cannot be has no time there, so that nothing is made of
    it; `_stray` says why.
    """
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_parsed AS
        SELECT * REPLACE (CASE WHEN _stray IS NULL THEN time END AS time) FROM (
            SELECT row_number() OVER () AS _line, {_BEGUN} AS _begun, {_ENDED} AS _ended, CASE
                WHEN time > {sql.moment(now + clock.AHEAD)} THEN 'ahead'
                WHEN time < TIMESTAMP '1970-01-01' OR NOT ({_possible()}) THEN 'impossible' END AS _stray, *
        FROM ({form.rows(chunk, columns)}))
    """)
    found = connection.execute(
        "SELECT coalesce(epoch_us(time), $1) AS time, time IS NOT NULL OR _stray IS NOT NULL AS parsed "
        "FROM w_parsed",
        [BEFORE_ALL],
    ).fetchnumpy()
    return Times(np.asarray(found["time"], dtype=np.int64), np.asarray(found["parsed"], dtype=np.bool_))


def _possible() -> str:
    """SQL: every number lies where it can; not a number lies nowhere."""
    return sql.each(
        POSSIBLE.items(), lambda one: f"coalesce({one[0]} BETWEEN {one[1][0]} AND {one[1][1]}, true)", " AND "
    )


def order(connection: DuckDBPyConnection, times: Times, top: Sequence[int], *, now: datetime) -> list[int]:
    """`w_pace` holds for each line how far the log's clock had come; the highest times after the last line.

    The clock does not run ahead of `now`, however the lines are dated.
    """
    pace = clock.pace(np.minimum(times.time, microseconds(now)), top)
    connection.register("w_pace_array", {"seen": pace.seen, "highest": pace.highest})
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE w_pace AS "
        "SELECT make_timestamp(seen) AS seen, make_timestamp(highest) AS highest FROM w_pace_array"
    )
    connection.unregister("w_pace_array")
    return pace.top


def moment(microseconds: int | None) -> datetime | None:
    """The time so long after 1970."""
    return None if microseconds is None else datetime(1970, 1, 1) + timedelta(microseconds=microseconds)  # noqa: DTZ001


def microseconds(time: datetime) -> int:
    """Since 1970."""
    return (time - datetime(1970, 1, 1)) // timedelta(microseconds=1)  # noqa: DTZ001


def take_lines(
    connection: DuckDBPyConnection, measures: Measures, columns: dict[str, str], *, before: int
) -> None:
    """`w_lines` holds what the windows need of `w_parsed`; `before` lines came earlier."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_lines AS
        WITH told AS (
            SELECT * REPLACE ({_known(columns)}) FROM w_parsed POSITIONAL JOIN w_pace WHERE time IS NOT NULL)
        SELECT {before} + t._line AS seq, time AS came, seen, highest, nullif(customer, '') AS customer, arm,
            epoch, id, _begun AS begun, _ended AS ended, {_WRITTEN} AS written, {_FELL} AS fell,
            {_LAPSED} AS lapsed
            {verdicts(measures, fell=_FELL)} {segment_values(measures)}
        FROM told t
    """)


def answered(rows: str, columns: dict[str, str]) -> str:
    """SQL: the answered requests among the rows of a log, with what they know as metrics read it."""
    ended = f"SELECT *, {_ENDED} AS _ended FROM ({rows})"
    return f"SELECT * REPLACE ({_known(columns)}) FROM ({ended}) WHERE _ended AND arm IN ('old', 'new')"


_BEGUN = "coalesce(ends_with(type, 'tart'), false)"
_ENDED = "coalesce(ends_with(type, 'nd'), false)"
"""SQL: the start and the end of a request; rows of an older unfelt say DownstreamEnd and the like."""
_AWAY = "_ended AND arm = 'new' AND served = 'old' AND phase <> 'baseline'"
_FELL = f"coalesce({_AWAY} AND attempts > 1, false)"
_TOOK = "CASE WHEN _ended THEN coalesce(try_cast(1000 * duration_ms AS BIGINT), 0) ELSE 0 END"
_WRITTEN = f"time + to_microseconds({_TOOK})"
"""SQL: when the line was written: a request is dated by its start."""
_LAPSED = f"coalesce({_AWAY} AND attempts <= 1, false)"


def _known(columns: dict[str, str]) -> str:
    """SQL: what a line does not know yet is NULL, what it knows to be absent is ''; no answer is no status."""
    ended = "_ended"
    late = [f"CASE WHEN {ended} THEN {one} END AS {one}" for one in _AT_THE_END if one != "status"]
    late.append(f"CASE WHEN {ended} THEN nullif(status, 0) END AS status")
    return ", ".join(late + [_column(name, origin, ended) for name, origin in columns.items()])


def _column(name: str, origin: str, ended: str) -> str:
    column = sql.name(name)
    value = f"coalesce(nullif({column}, '-'), '')"
    is_answer = origin.startswith("response:")
    return f"CASE WHEN {ended} THEN {value} END AS {column}" if is_answer else f"{value} AS {column}"
