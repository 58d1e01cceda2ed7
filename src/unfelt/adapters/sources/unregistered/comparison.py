"""The requests of each window, and what their customers met: beside the windows, in the same database."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.unregistered import Counted, Example, Feature, Floats
from unfelt.adapters.sources.unregistered.features import FEATURES, MOST_VALUES, OTHER, SERIES
from unfelt.adapters.sources.unregistered.routes import Routes, masked_path


class Comparison:
    """What customers met in their windows, counted; the caller owns transactions."""

    def __init__(self, connection: DuckDBPyConnection, measures: Measures) -> None:
        self._connection = connection
        self._bad = sql.each(range(len(measures.members)), lambda i: f"coalesce(l.b{i}, false)", " OR ")
        self._longest = measures.longest + measures.grace
        connection.execute("""
            CREATE SCHEMA IF NOT EXISTS unregistered;
            CREATE TABLE IF NOT EXISTS unregistered.unnamed (customer VARCHAR, came TIMESTAMP, arm VARCHAR,
                method VARCHAR, path VARCHAR, query VARCHAR, host VARCHAR, location VARCHAR, status INTEGER,
                ms DOUBLE, bytes BIGINT, flags VARCHAR, type VARCHAR, headers VARCHAR, shape VARCHAR, bad BOOLEAN);
            CREATE TABLE IF NOT EXISTS unregistered.requests (customer VARCHAR, came TIMESTAMP, asked VARCHAR,
                route VARCHAR, target VARCHAR, status INTEGER, ms DOUBLE, bytes BIGINT, flags VARCHAR,
                type VARCHAR, headers VARCHAR, shape VARCHAR, bad BOOLEAN);
            CREATE TABLE IF NOT EXISTS unregistered.routes (body VARCHAR);
            CREATE TABLE IF NOT EXISTS unregistered.closed (window_ BIGINT, customer VARCHAR, arm VARCHAR,
                propensity DOUBLE, opened TIMESTAMP, ends TIMESTAMP);
            CREATE TABLE IF NOT EXISTS unregistered.everybody (propensity DOUBLE, "new" BIGINT, "old" BIGINT);
            CREATE TABLE IF NOT EXISTS unregistered.features (number INTEGER, kind VARCHAR, route VARCHAR,
                value VARCHAR);
            CREATE TABLE IF NOT EXISTS unregistered.met (number INTEGER, propensity DOUBLE, "new" BIGINT,
                "old" BIGINT);
        """)
        kept = connection.execute("SELECT body FROM unregistered.routes").fetchone()
        self._routes = Routes.read(kept[0]) if kept else Routes()

    def take_in(self, *, before: int) -> None:
        """The lines of `w_lines`, of which `before` came earlier, and the windows of `w_closing` are kept."""
        self._connection.execute(f"""
            INSERT INTO unregistered.unnamed
            SELECT l.customer, l.came, l.arm, coalesce(method, ''), coalesce(path, ''),
                coalesce(nullif(_query, '-'), ''), coalesce(_host, ''), nullif(_location, '-'), status,
                duration_ms, bytes, nullif(flags, '-'), nullif(_type, '-'), nullif(_headers, '-'),
                nullif(_shape, '-'), {self._bad}
            FROM w_lines l JOIN w_parsed p ON p._line = l.seq - {before}
            WHERE l.ended AND l.customer IS NOT NULL AND l.arm IN ('old', 'new');
            INSERT INTO unregistered.closed SELECT bet, customer, arm, propensity, opened, due
            FROM w_closing WHERE c AND NOT x AND NOT baseline;
        """)

    def count(self, *, known: int) -> Counted:
        """All that is known after the windows that have closed; features from number `known` on are fresh."""
        self._name()
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE u_met AS
            SELECT c.window_, c.arm, c.propensity, r.* EXCLUDE (customer, asked) FROM unregistered.closed c
            JOIN unregistered.requests r ON r.customer = c.customer AND r.came >= c.opened AND r.came < c.ends;
            CREATE OR REPLACE TEMP TABLE u_fresh AS
            SELECT kind, route, value, propensity, count(DISTINCT window_) FILTER (WHERE arm = 'new') AS "new",
                count(DISTINCT window_) FILTER (WHERE arm = 'old') AS "old"
            FROM ({FEATURES} UNION ALL {SERIES}) GROUP BY ALL;
        """)
        self._number()
        self._add()
        self._forget()
        return Counted(self._everybody(), self._met(), self._features(known))

    def examples(self, features: Sequence[Feature]) -> dict[int, Example]:
        """For each of the features that new shows, a request in a window that is still kept, if there is one."""
        found: dict[int, Example] = {}
        for one in features:
            row = self._example(one)
            if row is not None:
                found[one.number] = Example(f"{row[0]:%Y-%m-%dT%H:%M:%SZ}", f"{row[1][:8]}…", *row[2:])
        return found

    def _example(self, feature: Feature) -> Any:  # noqa: ANN401  (a row of the database)
        told = {
            "status": "coalesce(status::VARCHAR, 'none') = $2",
            "redirect": "target = $2",
            "type": "type = $2",
            "flag": "flags = $2",
            "header": "list_contains(string_split(headers, '|'), $2)",
            "shape": "list_contains(string_split(shape, '|'), $2)",
        }.get(feature.kind, "$2 IS NOT NULL")
        return self._connection.execute(
            f"""SELECT came, r.customer, status, round(ms, 1), bytes FROM unregistered.requests r
            WHERE asked = 'new' AND ($1 = '*' OR route = $1) AND {told} ORDER BY came DESC LIMIT 1""",
            [feature.route, feature.value],
        ).fetchone()

    def _name(self) -> None:
        """Requests get their routes, and those that were sent elsewhere, where to."""
        asked = self._rows("SELECT DISTINCT method, path, query FROM unregistered.unnamed ORDER BY ALL")
        if not asked:
            return
        known = self._routes.many
        named = [(*one, self._routes.name(*one)) for one in asked]
        if self._routes.many > known:
            self._connection.execute("DELETE FROM unregistered.routes")
            self._connection.execute("INSERT INTO unregistered.routes VALUES ($1)", [self._routes.written()])
        sent = self._rows(
            "SELECT DISTINCT host, location FROM unregistered.unnamed WHERE location IS NOT NULL ORDER BY ALL"
        )
        self._keep("u_routes", named, ("method", "path", "query", "route"))
        self._keep("u_targets", [(*one, target(*one)) for one in sent], ("host", "location", "target"))
        self._connection.execute("""
            INSERT INTO unregistered.requests
            SELECT customer, came, arm, route, target, status, ms, bytes, flags, type, headers, shape, bad
            FROM unregistered.unnamed JOIN u_routes USING (method, path, query)
            LEFT JOIN u_targets USING (host, location);
            DELETE FROM unregistered.unnamed;
        """)

    def _rows(self, query: str) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = self._connection.execute(query).fetchall()
        return found

    def _keep(self, table: str, rows: Sequence[tuple[str, ...]], names: Sequence[str]) -> None:
        columns = {name: np.array([row[i] for row in rows], dtype=object) for i, name in enumerate(names)}
        types = sql.each(names, lambda name: f"{sql.name(name)}::VARCHAR AS {sql.name(name)}")
        self._connection.register("u_rows", columns)
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {types} FROM u_rows")
        self._connection.unregister("u_rows")

    def _number(self) -> None:
        """Every feature of `u_fresh` has a number; values beyond those that are told apart are one."""
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE u_new AS
            WITH unknown AS (
                SELECT kind, route, value, sum("new" + "old") AS n FROM u_fresh
                ANTI JOIN unregistered.features USING (kind, route, value) GROUP BY ALL),
            ranked AS (
                SELECT u.*, row_number() OVER (PARTITION BY u.kind, u.route ORDER BY n DESC, value)
                    + coalesce(k.many, 0) AS place
                FROM unknown u LEFT JOIN (SELECT kind, route, count(*) AS many FROM unregistered.features
                    GROUP BY ALL) k USING (kind, route))
            SELECT kind, route, value, n, kind NOT IN ('ms', 'bytes', 'times') AND place > {MOST_VALUES} AS beyond
            FROM ranked;
            UPDATE u_fresh SET value = '{OTHER}' FROM u_new u WHERE u.beyond AND u.kind = u_fresh.kind
                AND u.route = u_fresh.route AND u.value = u_fresh.value;
            INSERT INTO unregistered.features
            SELECT (SELECT count(*) FROM unregistered.features) + row_number() OVER (ORDER BY n DESC, kind, route,
                value) - 1, kind, route, value FROM (
                SELECT kind, route, value, sum("new" + "old") AS n FROM u_fresh
                ANTI JOIN unregistered.features USING (kind, route, value) GROUP BY ALL);
        """)

    def _add(self) -> None:
        self._connection.execute("""
            CREATE OR REPLACE TEMP TABLE u_sum AS
            SELECT number, propensity, sum("new")::BIGINT AS "new", sum("old")::BIGINT AS "old" FROM (
                FROM unregistered.met UNION ALL
                SELECT number, propensity, "new", "old" FROM u_fresh
                JOIN unregistered.features USING (kind, route, value)) GROUP BY ALL;
            DELETE FROM unregistered.met;
            INSERT INTO unregistered.met FROM u_sum;
            CREATE OR REPLACE TEMP TABLE u_all AS
            SELECT propensity, sum("new")::BIGINT AS "new", sum("old")::BIGINT AS "old" FROM (
                FROM unregistered.everybody UNION ALL
                SELECT propensity, count(*) FILTER (WHERE arm = 'new'), count(*) FILTER (WHERE arm = 'old')
                FROM unregistered.closed GROUP BY ALL) GROUP BY ALL;
            DELETE FROM unregistered.everybody;
            INSERT INTO unregistered.everybody FROM u_all;
        """)

    def _forget(self) -> None:
        """Requests that no window can hold any more are gone."""
        longest = sql.interval(self._longest + timedelta(seconds=5))
        self._connection.execute(f"""
            DELETE FROM unregistered.requests WHERE came < least(
                (SELECT max(came) FROM unregistered.requests) - {longest},
                coalesce((SELECT min(opened) FROM windows.bets WHERE look = 0), 'infinity'));
            DELETE FROM unregistered.closed;
        """)

    def _everybody(self) -> Floats:
        return self._numbers('SELECT propensity, "new", "old" FROM unregistered.everybody ORDER BY ALL')

    def _met(self) -> Floats:
        return self._numbers('SELECT number, propensity, "new", "old" FROM unregistered.met ORDER BY ALL')

    def _numbers(self, query: str) -> Floats:
        columns = self._connection.execute(query).fetchnumpy()
        return np.stack([np.asarray(column, dtype=float) for column in columns.values()], axis=1)

    def _features(self, known: int) -> tuple[Feature, ...]:
        rows = self._connection.execute(
            "SELECT number, kind, route, value FROM unregistered.features WHERE number >= $1 ORDER BY number",
            [known],
        ).fetchall()
        return tuple(Feature(*row) for row in rows)


def target(host: str | None, location: str) -> str:
    """Where a redirect leads: a masked path on the same host, or away to another one.

    >>> target("shop.example", "/docs/"), target("shop.example", "http://shop.example:9201/docs/17")
    ('/docs/', 'http://shop.example:9201')
    """
    try:
        parts = urlsplit(location)
    except ValueError:
        return "{unreadable}"
    if parts.netloc and parts.netloc.lower() != (host or "").lower():
        return f"{parts.scheme or 'http'}://{parts.netloc.rpartition('@')[2][:80]}"
    path = masked_path(parts.path) or "/"
    return f"{parts.scheme}:{path}" if parts.scheme else path
