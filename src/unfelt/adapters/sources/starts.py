"""Rows that say no more than that a request had begun: a router's log has them, and what is exported from it."""

from collections.abc import Collection, Mapping
from datetime import timedelta

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql

AT_THE_END = ("status", "duration_ms", "flags", "bytes")
"""What a row of the router's log knows only once the request has ended."""
TELLING = frozenset({"status", "duration_ms"})
"""Without one of these in a table nothing tells a row that lacks its outcome from one that has none yet."""
SAME = ("path", "method")
"""Besides time, customer and arm, what the rows of one request have in common."""
LONGEST = timedelta(minutes=5)
"""A request that is not answered after that is not under way any more."""
_KIND = "(?i)(downstream)?(start|end)"


def leave_out_starts(
    connection: DuckDBPyConnection, *, later: Collection[str] = (), longest: timedelta
) -> dict[str, int]:
    """`w_experience` holds each request once, as it ended; how many rows of a beginning were left out, by arm.

    later: columns of the plan that are known at the end alone. longest: the longest window. A row is a beginning
    by its `type`, or where all that is known at the end is absent and another row, of the same request, has it:
    same customer, arm and path at a time finer than a second. A request that was never answered stays, once,
    without an outcome, unless it may have been under way when the recording ended.
    """
    types = {row[0]: row[1] for row in connection.execute("DESCRIBE w_experience").fetchall()}
    is_typed = "type" in types and _is_true(connection, f"bool_and(regexp_full_match({_text('type')}, '{_KIND}'))")
    is_begun = f"lower({_text('type')}) LIKE '%start'" if is_typed else _without_outcome(types, later)
    if not is_begun or not _is_true(connection, f"bool_or({is_begun})"):
        return {}
    if not is_typed and not _is_true(connection, "bool_or(epoch_us(time) % 1000000 <> 0)"):
        return {}
    it = _request(types, is_typed=is_typed)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_begun AS
        SELECT *, row_number() OVER (PARTITION BY it ORDER BY place) AS nth,
            it IN (SELECT {it} FROM w_experience WHERE NOT ({is_begun})) AS is_answered
        FROM (SELECT rowid AS place, time, {_arm(types)} AS arm, {it} AS it FROM w_experience WHERE {is_begun})
    """)
    return _left_out(connection, _end(connection, types, longest), is_typed=is_typed)


def _left_out(connection: DuckDBPyConnection, end: str, *, is_typed: bool) -> dict[str, int]:
    """end: SQL of the time after which a request may have been under way still."""
    if not is_typed and not _is_true(connection, "bool_or(is_answered)", "w_begun"):
        return {}
    gone = f"is_answered OR nth > 1 OR time >= {end}"
    rows = connection.execute(
        f"SELECT arm, count(*) FROM w_begun WHERE {gone} GROUP BY arm ORDER BY arm"
    ).fetchall()
    connection.execute(f"DELETE FROM w_experience WHERE rowid IN (SELECT place FROM w_begun WHERE {gone})")
    connection.execute("DROP TABLE w_begun")
    return dict(rows)


def _without_outcome(types: Mapping[str, str], later: Collection[str]) -> str:
    """SQL: nothing is there of what is known at the end; nothing where the table cannot tell."""
    if not TELLING & types.keys():
        return ""
    late = [name for name in (*AT_THE_END, *later) if name in types]
    return sql.each(late, lambda name: f"coalesce(trim({_text(name)}), '') = ''", " AND ")


def _request(types: Mapping[str, str], *, is_typed: bool) -> str:
    """SQL: a number that tells one request from another."""
    same = [name for name in ("arm", *SAME) if name in types]
    met = f"hash((time, customer{sql.each(same, lambda name: f', {sql.name(name)}', '')}))"
    return f"CASE WHEN id IS NULL THEN {met} ELSE hash(id) END" if is_typed and "id" in types else met


def _end(connection: DuckDBPyConnection, types: Mapping[str, str], longest: timedelta) -> str:
    """SQL: the last moment less the longest window, or less the longest answer where that is more."""
    took = "NULL"
    if "duration_ms" in types:
        one = f"try_cast({_text('duration_ms')} AS DOUBLE)"
        took = f"max({one}) FILTER (WHERE isfinite({one}))"
    found = connection.execute(f"SELECT max(time), {took} FROM w_experience").fetchone()
    last, milliseconds = found or (None, None)
    answered = min(timedelta(milliseconds=min(max(milliseconds or 0.0, 0.0), 1e9)), LONGEST)
    return f"{sql.moment(last)} - {sql.interval(max(longest, answered))}"


def _arm(types: Mapping[str, str]) -> str:
    return "arm" if "arm" in types else "'old'"


def _text(column: str) -> str:
    return f"CAST({sql.name(column)} AS VARCHAR)"


def _is_true(connection: DuckDBPyConnection, condition: str, table: str = "w_experience") -> bool:
    """condition: an aggregate; of no rows it is not true."""
    found = connection.execute(f"SELECT coalesce({condition}, false) FROM {table}").fetchone()
    return bool(found and found[0])
