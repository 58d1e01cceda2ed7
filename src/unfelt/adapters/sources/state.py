"""What the windows remember from one increment to the next, in DuckDB tables."""

from datetime import datetime

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.measures import Measures

NAMES = (
    "customers",
    "exposed",
    "felt",
    "fallen",
    "crossed",
    "pinned",
    "share_change",
    "lapse",
    "misplaced",
    "mid_journey",
)
"""The running totals."""


def prepare(connection: DuckDBPyConnection, measures: Measures, *, indexed: bool) -> None:
    """The tables are there; with `indexed`, looking customers up costs the same however many there are."""
    failed = sql.each(range(len(measures.members)), lambda i: f", f{i} TIMESTAMP", "")
    unsure = sql.each(range(len(measures.members)), lambda i: f", u{i} BOOLEAN", "")
    counts = sql.each(measures.repeated, lambda i: f", m{i} BIGINT", "")
    scores = sql.each(measures.scores, lambda i: f", g{i} DOUBLE", "")
    segments = sql.each(range(len(measures.segments)), lambda i: f", s{i} VARCHAR", "")
    connection.execute(f"""
        CREATE SCHEMA IF NOT EXISTS windows;
        CREATE TABLE IF NOT EXISTS windows.sightings (customer VARCHAR, look UTINYINT, salt VARCHAR,
            stretch INTEGER, arm VARCHAR, share DOUBLE, seq BIGINT, came TIMESTAMP);
        CREATE TABLE IF NOT EXISTS windows.bets (bet BIGINT, customer VARCHAR, look UTINYINT, epoch INTEGER,
            stretch INTEGER, baseline BOOLEAN, arm VARCHAR, propensity DOUBLE, seq BIGINT, opened TIMESTAMP,
            since TIMESTAMP, born BIGINT, felt BOOLEAN, f TIMESTAMP {failed} {counts} {scores} {segments});
        CREATE TABLE IF NOT EXISTS windows.calls (id VARCHAR, customer VARCHAR, seq BIGINT, came TIMESTAMP,
            seen TIMESTAMP {unsure});
        CREATE TABLE IF NOT EXISTS windows.marks (customer VARCHAR, mark VARCHAR);
        CREATE TABLE IF NOT EXISTS windows.totals (name VARCHAR, n BIGINT);
        CREATE TABLE IF NOT EXISTS windows.epochs_seen (epoch INTEGER, came TIMESTAMP);
        CREATE TABLE IF NOT EXISTS windows.lapses_seen (came TIMESTAMP);
        CREATE TABLE IF NOT EXISTS windows.watermarks (member INTEGER, reached TIMESTAMP);
        CREATE TABLE IF NOT EXISTS windows.increments (n BIGINT);
    """)
    if indexed:
        connection.execute("""
            CREATE INDEX IF NOT EXISTS sightings_customer ON windows.sightings (customer);
            CREATE INDEX IF NOT EXISTS marks_customer ON windows.marks (customer);
        """)
    _begin(connection, measures)


def _begin(connection: DuckDBPyConnection, measures: Measures) -> None:
    connection.execute("INSERT INTO windows.increments SELECT 0 WHERE NOT EXISTS (FROM windows.increments)")
    for total in NAMES:
        connection.execute(
            "INSERT INTO windows.totals SELECT $1, 0 WHERE NOT EXISTS (FROM windows.totals WHERE name = $1)",
            [total],
        )
    for member in range(len(measures.members)):
        connection.execute(
            "INSERT INTO windows.watermarks SELECT $1, NULL "
            "WHERE NOT EXISTS (FROM windows.watermarks WHERE member = $1)",
            [member],
        )


def remember(connection: DuckDBPyConnection, reached: list[datetime | None]) -> None:
    """From here on those are the watermarks."""
    rows = sql.each(enumerate(reached), lambda one: f"({one[0]}, {sql.moment(one[1])})")
    connection.execute(f"DELETE FROM windows.watermarks; INSERT INTO windows.watermarks VALUES {rows}")


def watermarks(connection: DuckDBPyConnection) -> list[datetime | None]:
    """For each metric, the time up to which its windows are closed."""
    rows = connection.execute("SELECT reached FROM windows.watermarks ORDER BY member").fetchall()
    return [row[0] for row in rows]


def totals(connection: DuckDBPyConnection) -> dict[str, int]:
    """The running totals by name."""
    return dict(connection.execute("SELECT name, n FROM windows.totals").fetchall())


def add(connection: DuckDBPyConnection, counts: dict[str, int]) -> None:
    """The running totals grown by the counts."""
    for total, n in counts.items():
        connection.execute("UPDATE windows.totals SET n = n + $2 WHERE name = $1", [total, n])


def in_flight(connection: DuckDBPyConnection) -> int:
    """Customers of `new` whose window is still open."""
    found = connection.execute("""
        SELECT count(DISTINCT customer) FROM windows.bets WHERE look = 0 AND arm = 'new' AND NOT baseline
    """).fetchone()
    return found[0] if found else 0


def start_over(connection: DuckDBPyConnection) -> None:
    """The clock was set back: every open window is excluded in both arms, and watermarks begin anew."""
    found = connection.execute("SELECT count(*) FROM windows.bets WHERE look = 0").fetchone()
    add(connection, {"lapse": found[0] if found else 0, "felt": in_flight(connection)})
    connection.execute("""
        DELETE FROM windows.bets;
        DELETE FROM windows.calls;
        UPDATE windows.watermarks SET reached = NULL;
    """)
