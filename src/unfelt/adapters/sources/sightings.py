"""Who was seen where, and with what probability: the bets that a fresh randomisation allows."""

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.measures import Measures

FEW = 2000
"""So many customers are looked up through the index; for more, a scan is cheaper."""


def sight(connection: DuckDBPyConnection, measures: Measures, *, indexed: bool) -> None:
    """`w_fresh` holds the new sightings of `w_lines`, first and later looks; bets and sightings are kept."""
    _glance(connection, measures)
    _recall(connection, "sightings", "w_known", indexed=indexed)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE w_firsts AS
        SELECT customer, stretch, min(g.seq) AS seq, NULL::VARCHAR AS arm
        FROM w_glance g JOIN w_epochs USING (epoch)
        WHERE arm IN ('old', 'new') AND g.seq IS NOT NULL GROUP BY customer, stretch
    """)
    _settle(connection, measures, look=0)
    connection.execute("CREATE OR REPLACE TEMP TABLE w_fresh AS FROM w_settled")
    for look in range(1, len(measures.later) + 1):
        _look_again(connection, measures, look=look)
        _settle(connection, measures, look=look)
        connection.execute("INSERT INTO w_fresh FROM w_settled")
    _keep(connection, measures)


def _glance(connection: DuckDBPyConnection, measures: Measures) -> None:
    """One row per customer, epoch and arm of this increment."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_glance AS
        SELECT customer, epoch, arm, min(seq) FILTER (WHERE came >= seen - {sql.interval(measures.grace)}) AS seq,
            min(seen) AS seen, min(seen) FILTER (WHERE fell) AS fell
        FROM w_lines WHERE customer IS NOT NULL GROUP BY customer, epoch, arm
    """)


def _recall(connection: DuckDBPyConnection, table: str, into: str, *, indexed: bool) -> None:
    """What is known of the customers of this increment."""
    rows = []
    if indexed:
        rows = connection.execute("SELECT DISTINCT customer FROM w_glance LIMIT ?", [FEW + 1]).fetchall()
    wanted = (
        sql.each(rows, lambda row: sql.text(row[0])) if 0 < len(rows) <= FEW else "SELECT customer FROM w_glance"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT * FROM windows.{table} WHERE customer IN ({wanted})"
    )


def _look_again(connection: DuckDBPyConnection, measures: Measures, *, look: int) -> None:
    """The first request of each customer so long after their first one in the same stretch."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_firsts AS
        WITH exposures AS (
            SELECT customer, stretch, seq, came, arm FROM w_known WHERE look = 0
            UNION ALL SELECT customer, stretch, seq, came, arm FROM w_fresh WHERE look = 0)
        SELECT l.customer, e.stretch, min(l.seq) AS seq, any_value(x.arm) AS arm
        FROM w_lines l JOIN w_epochs e ON e.epoch = l.epoch
        JOIN exposures x ON x.customer = l.customer AND x.stretch = e.stretch AND l.seq > x.seq
        WHERE l.came >= x.came + {sql.interval(measures.later[look - 1])} AND l.arm IN ('old', 'new')
            AND l.came >= l.seen - {sql.interval(measures.grace)}
        GROUP BY l.customer, e.stretch
    """)


def _settle(connection: DuckDBPyConnection, measures: Measures, *, look: int) -> None:
    """`w_settled`: the sightings of `w_firsts` that are new, with the propensity that past sightings leave.

    A customer's place u lies in [lo, hi): every past sighting in `new` at share q says u < q, in `old` u >= q.
    """
    segments = sql.each(range(len(measures.segments)), lambda i: f", l.s{i}", "")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_settled AS
        WITH known AS (SELECT * FROM w_known WHERE look = {look}),
        found AS (
            SELECT f.*, k.stretch AS before FROM w_firsts f
            LEFT JOIN (SELECT customer, max(stretch) AS stretch FROM known GROUP BY customer) k USING (customer)
            WHERE k.stretch IS NULL OR f.stretch > k.stretch),
        rising AS (
            SELECT *, max(stretch) OVER (PARTITION BY customer ORDER BY seq
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS passed FROM found),
        fresh AS (
            SELECT r.customer, {look}::UTINYINT AS look, e.salt, r.stretch, coalesce(r.arm, l.arm) AS arm, e.share,
                r.seq, l.came, l.seen, l.epoch, e.baseline, e.began, true AS is_fresh {segments}
            FROM rising r JOIN w_lines l ON l.seq = r.seq JOIN w_epochs e ON e.epoch = l.epoch
            WHERE passed IS NULL OR r.stretch > passed),
        history AS (SELECT * FROM fresh UNION ALL BY NAME
            SELECT customer, salt, stretch, arm, share, seq, false AS is_fresh FROM known),
        placed AS (
            SELECT *, coalesce(max(share) FILTER (WHERE arm = 'old') OVER past, 0) AS lo,
                coalesce(min(share) FILTER (WHERE arm = 'new') OVER past, 1) AS hi
            FROM history WINDOW past AS (PARTITION BY customer, salt ORDER BY seq
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
        SELECT * EXCLUDE (is_fresh), CASE WHEN hi > lo THEN
                least(1, greatest(0, round((share - lo) / (hi - lo), 12))) END AS propensity
        FROM placed WHERE is_fresh
    """)


def _keep(connection: DuckDBPyConnection, measures: Measures) -> None:
    """Sightings and bets are remembered; a bet needs a propensity strictly between 0 and 1."""
    looks = len(measures.later) + 1
    segments = sql.each(range(len(measures.segments)), lambda i: f", s{i}", "")
    failures = sql.each(range(len(measures.members)), lambda _: ", NULL", "")
    failures += ", 0" * (len(measures.repeated) + len(measures.scores))
    connection.execute(f"""
        INSERT INTO windows.sightings SELECT customer, look, salt, stretch, arm, share, seq, came FROM w_fresh;
        INSERT INTO windows.bets
        SELECT seq * {looks} + look, customer, look, epoch, stretch, baseline, arm, propensity, seq, came,
            CASE WHEN look > 0 THEN came
                ELSE least(came, greatest(came - {sql.interval(measures.grace)}, began)) END,
            (SELECT n FROM windows.increments), false, NULL {failures} {segments}
        FROM w_fresh WHERE propensity > 0 AND propensity < 1
    """)


def mark(connection: DuckDBPyConnection, measures: Measures, *, indexed: bool) -> None:
    """`w_marked`: who first shows here as customer, exposed, fallen, pinned, crossed, misplaced or in mid-journey.

    Who meets the other version before the window that opened with the one before is over is in mid-journey.
    """
    _recall(connection, "marks", "w_marks_known", indexed=indexed)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE w_marked AS
        WITH sightings AS (
            SELECT customer, stretch, arm FROM w_known WHERE look = 0
            UNION ALL SELECT customer, stretch, arm FROM w_fresh WHERE look = 0),
        served AS (
            SELECT s.*, s.arm = 'new' AND NOT coalesce(e.baseline, false) AS is_new FROM (
                SELECT customer, stretch, arm, seq, came, NULL::TIMESTAMP AS seen FROM w_known WHERE look = 0
                UNION ALL SELECT customer, stretch, arm, seq, came, seen FROM w_fresh WHERE look = 0) s
            LEFT JOIN (SELECT stretch, bool_or(baseline) AS baseline FROM w_epochs GROUP BY stretch) e
                USING (stretch)),
        moves AS (
            SELECT *, lag(is_new) OVER before AS was_new, lag(came) OVER before AS since FROM served
            WINDOW before AS (PARTITION BY customer ORDER BY seq)),
        found AS (
            SELECT customer, 'customers' AS mark, seen FROM w_glance
            UNION ALL SELECT customer, 'mid_journey', seen FROM moves
                WHERE seen IS NOT NULL AND was_new <> is_new AND came < since + {sql.interval(measures.longest)}
            UNION ALL SELECT customer, 'exposed', g.seen FROM w_glance g LEFT JOIN w_epochs e USING (epoch)
                WHERE arm = 'new' AND NOT coalesce(e.baseline, false)
            UNION ALL SELECT customer, 'fallen', fell FROM w_glance WHERE fell IS NOT NULL
            UNION ALL SELECT customer, 'pinned', seen FROM w_glance WHERE arm IN ('pinned', 'excluded')
            UNION ALL SELECT g.customer, 'crossed', g.seen FROM w_glance g JOIN w_epochs e USING (epoch)
                JOIN sightings s ON s.customer = g.customer AND s.stretch = e.stretch AND s.arm <> g.arm
                WHERE g.arm IN ('old', 'new')
            UNION ALL SELECT customer, 'misplaced', seen FROM w_fresh WHERE look = 0 AND (propensity IS NULL
                OR (propensity = 0 AND arm = 'new') OR (propensity = 1 AND arm = 'old')))
        SELECT customer, mark, min(seen) AS seen FROM found
        ANTI JOIN w_marks_known USING (customer, mark) GROUP BY customer, mark;
        INSERT INTO windows.marks SELECT customer, mark FROM w_marked;
    """)
