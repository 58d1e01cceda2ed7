"""The time that a recording covers: a few rows dated far outside of it are left out, and counted."""

from collections import Counter

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql

FEW = 3
PART = 0.01
"""So many rows at either end, or this part of all, do not say what the recording covers."""
BESIDE = "INTERVAL 10 MINUTE"
"""SQL: so far outside a row may be dated at any rate; else as far as the recording is long."""
LATEST = "TIMESTAMP '2200-01-01'"
"""SQL: no row was recorded after this."""


def leave_out_misdated(connection: DuckDBPyConnection) -> dict[str, int]:
    """`w_experience` holds no row that is dated where nothing was recorded; how many were left out, by arm."""
    names = {row[0] for row in connection.execute("DESCRIBE w_experience").fetchall()}
    arm = "CASE WHEN arm IN ('old', 'new') THEN arm ELSE 'none' END" if "arm" in names else "'old'"
    outside = f"NOT coalesce(time BETWEEN {_begin_and_end(connection)}, false)"
    rows = connection.execute(f"SELECT {arm}, count(*) FROM w_experience WHERE {outside} GROUP BY ALL").fetchall()
    if rows:
        connection.execute(f"DELETE FROM w_experience WHERE {outside}")
    return dict(sorted(Counter(dict(rows)).items()))


def _begin_and_end(connection: DuckDBPyConnection) -> str:
    """SQL: `begin AND end` of what the recording covers."""
    n = _count(connection)
    edge = max(FEW, PART * n)
    if n < 4 * edge:
        return f"TIMESTAMP '1900-01-01' AND {LATEST}"
    found = connection.execute(f"""
        WITH ends AS (SELECT quantile_disc(time, [{edge / n}, {1 - edge / n}]) AS q FROM w_experience
            WHERE time < {LATEST} AND isfinite(time)),
        wide AS (SELECT q[1] AS first, q[2] AS last, greatest(q[2] - q[1], {BESIDE}) AS beside FROM ends)
        SELECT first - beside, last + beside FROM wide
    """).fetchone()
    first, last = found or (None, None)
    if first is None or last is None:
        return f"TIMESTAMP '1900-01-01' AND {LATEST}"
    return f"{sql.moment(first)} AND least({sql.moment(last)}, {LATEST})"


def _count(connection: DuckDBPyConnection) -> int:
    found = connection.execute("SELECT count(*) FROM w_experience").fetchone()
    return found[0] if found else 0
