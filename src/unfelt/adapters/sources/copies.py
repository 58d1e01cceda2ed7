"""Lines and rows that a recording holds twice: rotated by copy, appended once more, or multiplied by a join."""

from math import gcd

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql

FILE = "unfelt_file"
"""The column with the number of the file that a row is in."""
RUN = 8
"""So many lines in a row that came before in the same order, over more than one moment, are a copy of those."""
OFFSETS = 20
"""So many copies of a file in itself are found."""
LOOKS = 1000
"""So many lines, evenly spaced, tell whether time goes back."""
FEWEST = 20
"""Of fewer different rows it says nothing that each comes twice."""


def drop_shared(connection: DuckDBPyConnection, table: str, *, row: str, file: str, where: str = "true") -> int:
    """Rows that several files hold stay once; how many were taken out of the table.

    row, file: SQL of what is compared and of the file it is in. A row may stand in one file as often as it likes.
    """
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_shared AS SELECT {row} AS it FROM {table} WHERE {where}
        GROUP BY ALL HAVING min({file}) <> max({file})
    """)
    found = connection.execute(f"""
        DELETE FROM {table} WHERE rowid IN (
            SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY it, nth ORDER BY file) AS copy FROM (
                SELECT id, it, file, row_number() OVER (PARTITION BY it, file) AS nth FROM (
                    SELECT rowid AS id, {row} AS it, {file} AS file FROM {table})
                WHERE it IN (FROM w_shared)))
            WHERE copy > 1)
    """).fetchone()
    connection.execute("DROP TABLE w_shared")
    return found[0] if found else 0


def drop_copies(connection: DuckDBPyConnection, table: str, *, row: str, time: str) -> int:
    """Rows that the table holds again stay once: every row several times, or runs of rows appended once more.

    row: SQL of what is compared; time: SQL of a TIMESTAMP. How many rows were taken out.
    """
    many = drop_multiplied(connection, table, row=row)
    return many or (
        drop_repeated(connection, table, row=row, time=time) if goes_back(connection, table, time) else 0
    )


def goes_back(connection: DuckDBPyConnection, table: str, time: str) -> bool:
    """Whether time goes back, by a hundredth of all of it, between rows that are looked at, as they stand.

    time: SQL of a TIMESTAMP.
    """
    found = connection.execute(f"""
        SELECT coalesce(bool_or(before - time > span / 100), false) FROM (
            SELECT {time} AS time, lag({time}) OVER (ORDER BY rowid) AS before,
                max({time}) OVER () - min({time}) OVER () AS span
            FROM {table} WHERE rowid % (SELECT count(*) // {LOOKS} + 1 FROM {table}) = 0)
    """).fetchone()
    return bool(found and found[0])


def drop_repeated(connection: DuckDBPyConnection, table: str, *, row: str, time: str) -> int:
    """What repeats earlier rows of the table in the same order is taken out of it; how many rows those were.

    RUN rows in a row over more than one moment tell how far back the originals stand; stretches of rows that equal
    those so far back are copies. time: SQL of anything that differs from moment to moment.
    """
    ahead = sql.each(range(RUN), lambda n: f"lead(it, {n}) OVER ordered")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_named AS
        SELECT rowid AS id, row_number() OVER (ORDER BY rowid) AS place, hash({row}) AS it, {time} AS time
        FROM {table}
    """)
    found = connection.execute(f"""
        DELETE FROM {table} WHERE rowid IN (
            WITH runs AS (
                SELECT place, hash({ahead}) AS run, time <> lead(time, {RUN - 1}) OVER ordered AS is_long
                FROM w_named WINDOW ordered AS (ORDER BY place)),
            again AS (
                SELECT place, place - min(place) OVER (PARTITION BY run) AS back FROM runs WHERE is_long),
            offsets AS (
                SELECT back FROM again WHERE back > 0 GROUP BY back ORDER BY count(*) DESC LIMIT {OFFSETS}),
            same AS (
                SELECT one.id, one.time, back,
                    one.place - row_number() OVER (PARTITION BY back ORDER BY one.place) AS stretch
                FROM offsets JOIN w_named AS one ON one.place > back
                JOIN w_named AS before ON before.place = one.place - back AND before.it = one.it)
            SELECT unnest(list(id)) FROM same GROUP BY back, stretch
            HAVING count(*) >= {RUN} AND min(time) <> max(time))
    """).fetchone()
    connection.execute("DROP TABLE w_named")
    return found[0] if found else 0


def drop_multiplied(connection: DuckDBPyConnection, table: str, *, row: str) -> int:
    """Where every row stands twice, or three times, and so on, one of each stays; how many rows were taken out."""
    rows, kinds, times = _counts(connection, table, row)
    if kinds < FEWEST or times < 2:
        return 0
    connection.execute(f"""
        DELETE FROM {table} WHERE rowid IN (
            SELECT id FROM (SELECT rowid AS id, row_number() OVER (PARTITION BY {row}) AS nth FROM {table})
            WHERE nth % {times} <> 1)
    """)
    return rows - rows // times


def _counts(connection: DuckDBPyConnection, table: str, row: str) -> tuple[int, int, int]:
    """Rows, different ones, and how many times each is there at least and in whole multiples."""
    found = connection.execute(f"""
        SELECT coalesce(sum(many), 0)::BIGINT, coalesce(sum(kinds), 0)::BIGINT, list(many_each) FROM (
            SELECT n AS many_each, n * count(*) AS many, count(*) AS kinds
            FROM (SELECT count(*) AS n FROM {table} GROUP BY hash({row})) GROUP BY n)
    """).fetchone()
    rows, kinds, each = found or (0, 0, [])
    return rows, kinds, gcd(*(each or ()))
