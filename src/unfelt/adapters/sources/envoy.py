"""The router's access log: one JSON object per line, at the start of a request and at its end."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.windows import segment_values, verdicts
from unfelt.documents.change import Change

FIELDS = {
    "time": "TIMESTAMP",
    "type": "VARCHAR",
    "id": "VARCHAR",
    "customer": "VARCHAR",
    "arm": "VARCHAR",
    "served": "VARCHAR",
    "attempts": "INTEGER",
    "epoch": "INTEGER",
    "phase": "VARCHAR",
    "share": "DOUBLE",
    "method": "VARCHAR",
    "path": "VARCHAR",
    "status": "INTEGER",
    "duration_ms": "DOUBLE",
    "flags": "VARCHAR",
    "bytes": "BIGINT",
}
"""What every line holds."""
BEFORE_ALL = -(10**15)
"""Microseconds since 1970 that are before any line (1938): where no time is known."""
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
    """In microseconds since 1970; BEFORE_ALL for a line that did not parse."""
    begun: NDArray[np.bool_]
    """It is the start of a request."""
    typed: NDArray[np.bool_]
    """It says what it is."""

    @property
    def parsed(self) -> NDArray[np.bool_]:
        """Whether each line parsed."""
        return self.time > BEFORE_ALL


def parse(connection: DuckDBPyConnection, chunk: Path, columns: dict[str, str]) -> Times:
    """`w_parsed` holds the chunk's lines in their order."""
    fields = FIELDS | dict.fromkeys(columns, "VARCHAR")
    types = sql.each(fields.items(), lambda field: f"{sql.name(field[0])}: {sql.text(field[1])}")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_parsed AS SELECT row_number() OVER () AS _line, {_BEGUN} AS _begun,
            {_ENDED} AS _ended, *
        FROM read_json({sql.text(str(chunk))}, format = 'newline_delimited', columns = {{{types}}},
            ignore_errors = true, maximum_object_size = 1048576)
    """)
    found = connection.execute(
        "SELECT coalesce(epoch_us(time), $1) AS time, _begun, type IS NOT NULL AS typed FROM w_parsed",
        [BEFORE_ALL],
    ).fetchnumpy()
    return Times(
        np.asarray(found["time"], dtype=np.int64),
        np.asarray(found["_begun"], dtype=np.bool_),
        np.asarray(found["typed"], dtype=np.bool_),
    )


def order(connection: DuckDBPyConnection, times: Times, last: datetime | None) -> datetime | None:
    """`w_pace` holds for each line the highest time up to and including it; the highest of all."""
    floor = BEFORE_ALL if last is None else microseconds(last)
    seen = np.maximum(np.maximum.accumulate(times.time), floor)
    connection.register("w_pace_array", {"seen": seen})
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE w_pace AS SELECT make_timestamp(seen) AS seen FROM w_pace_array"
    )
    connection.unregister("w_pace_array")
    if seen.size == 0 or seen[-1] == BEFORE_ALL:
        return last
    return datetime(1970, 1, 1) + timedelta(microseconds=int(seen[-1]))  # noqa: DTZ001


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
        SELECT {before} + t._line AS seq, time AS came, seen, nullif(customer, '') AS customer, arm, epoch, id,
            _begun AS begun, _ended AS ended, {_FELL} AS fell, {_LAPSED} AS lapsed
            {verdicts(measures, fell=_FELL)} {segment_values(measures)}
        FROM told t
    """)


def answered(rows: str, columns: dict[str, str]) -> str:
    """SQL: the answered requests among the rows of a log, with what they know as metrics read it."""
    ended = f"SELECT *, {_ENDED} AS _ended FROM ({rows})"
    return f"SELECT * REPLACE ({_known(columns)}) FROM ({ended}) WHERE _ended AND arm IN ('old', 'new')"


_BEGUN = "coalesce(ends_with(type, 'tart'), false)"
_ENDED = "coalesce(ends_with(type, 'nd'), false)"
"""SQL: the start and the end of a request, by this router's names or Envoy's own, such as DownstreamEnd."""
_AWAY = "_ended AND arm = 'new' AND served = 'old' AND phase <> 'baseline'"
_FELL = f"coalesce({_AWAY} AND attempts > 1, false)"
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
