"""Every request is counted once: compared, kept out, or without an id. And ids that many share."""

from collections.abc import Mapping
from typing import Any

from duckdb import DuckDBPyConnection

HEARTBEAT = "/.unfelt/"
"""Where the router is asked by unfelt itself."""
MOST_ROUTES = 300
"""So many are told apart; requests of all others count together."""
MOST_ASKERS, KEPT_ASKERS = 20_000, 5_000
"""Customers whose requests are counted, and how many of them are kept when there are more: those with the most."""
MOST_CALLERS = 20
SHOWN = 5
LOOKS = 16
MANY = 5_000
"""Looks, or requests, from one time to the next that what customers asked is added up."""
LEAST_REQUESTS, TIMES, LEAST_CALLERS = 100, 20, 5
"""An id is shared by many where it asks so often, so many times as often as others, or from so many programs."""

_KIND = """CASE WHEN id IS NULL THEN 'unreadable'
    WHEN arm IN ('old', 'new') AND phase = 'baseline' THEN 'baseline'
    WHEN arm IN ('old', 'new', 'pinned', 'excluded') THEN arm
    WHEN coalesce(customer, '') <> '' THEN 'unassigned' ELSE 'anonymous' END"""
_PLAIN = r"regexp_replace(coalesce(path, ''), '[?#].*$', '')"


def _cut(text: str) -> str:
    """SQL: segments that are numbers, or long, or encoded, are `{n}`; twice, as two may stand side by side."""
    for _ in range(2):
        text = rf"regexp_replace({text}, '/[0-9]+(/|$)', '/{{n}}\1', 'g')"
        text = rf"regexp_replace({text}, '/(?:[0-9a-fA-F-]{{8,}}|[^/]{{33,}}|[^/]*%[^/]*)(/|$)', '/{{n}}\1', 'g')"
    return text


ROUTE = f"left({_cut(_PLAIN)}, 80)"
"""SQL: the path of a line without what differs from customer to customer."""


class Asked:
    """Of one source, kept beside its experience."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        self._connection = connection
        connection.execute("""
            CREATE TABLE IF NOT EXISTS live.asked
                (kind VARCHAR, route VARCHAR, n BIGINT, PRIMARY KEY (kind, route));
            CREATE TABLE IF NOT EXISTS live.askers (customer VARCHAR PRIMARY KEY, n BIGINT, callers VARCHAR[]);
            CREATE TABLE IF NOT EXISTS live.asking (customer VARCHAR, caller VARCHAR);
        """)
        self._looks = 0
        self._known: list[list[Any]] | None = None

    def count(self) -> None:
        """The requests that end in `w_parsed` are counted."""
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_asked AS
            SELECT {_KIND} AS kind, customer, caller, path FROM w_parsed
            WHERE _ended AND NOT starts_with(coalesce(path, ''), '{HEARTBEAT}')
        """)
        self._connection.execute(f"""
            INSERT INTO live.asked
            SELECT kind, CASE WHEN route IN (SELECT route FROM live.asked)
                OR (SELECT count(*) FROM live.asked) + place <= {MOST_ROUTES} THEN route ELSE '' END, sum(n)
            FROM (SELECT kind, route, n, row_number() OVER (ORDER BY n DESC, route) AS place
                FROM (SELECT kind, CASE WHEN kind = 'anonymous' THEN {ROUTE} ELSE '' END AS route, count(*) AS n
                    FROM w_asked GROUP BY ALL))
            GROUP BY ALL ON CONFLICT DO UPDATE SET n = n + excluded.n
        """)
        self._count_askers()

    def _count_askers(self) -> None:
        """Requests are gathered, and added to what is known of each customer every few looks."""
        self._connection.execute("""
            INSERT INTO live.asking SELECT customer, caller FROM w_asked WHERE kind IN ('baseline', 'old', 'new')
        """)
        gathered = self._connection.execute("SELECT count(*) FROM live.asking").fetchone()
        if self._looks % LOOKS == 0 or (gathered and gathered[0] >= MANY):
            self._add_askers()
            self._known = None
        self._looks += 1

    def _add_askers(self) -> None:
        self._connection.execute(f"""
            INSERT INTO live.askers
            SELECT customer, count(*), list_distinct(list(caller))[:{MOST_CALLERS}] FROM live.asking
            GROUP BY customer
            ON CONFLICT DO UPDATE SET n = n + excluded.n,
                callers = list_distinct(list_concat(callers, excluded.callers))[:{MOST_CALLERS}]
        """)
        self._connection.execute("DELETE FROM live.asking")
        found = self._connection.execute("SELECT count(*) FROM live.askers").fetchone()
        if found and found[0] > MOST_ASKERS:
            self._connection.execute(f"""
                DELETE FROM live.askers WHERE customer NOT IN
                    (SELECT customer FROM live.askers ORDER BY n DESC LIMIT {KEPT_ASKERS})
            """)

    def told(self, customers: int) -> dict[str, Any]:
        """Totals by kind, where those without an id go, and who shares an id. customers: those with one."""
        summed = "SELECT kind, sum(n)::BIGINT FROM live.asked GROUP BY 1"
        kinds = dict(self._connection.execute(summed).fetchall())
        routes = self._connection.execute(f"""
            SELECT route, n FROM live.asked WHERE kind = 'anonymous' ORDER BY n DESC, route LIMIT {SHOWN}
        """).fetchall()
        return {
            "requests": kinds,
            "anonymous": [list(row) for row in routes],
            "shared": self._shared(kinds, customers),
        }

    def _shared(self, kinds: Mapping[str, int], customers: int) -> list[list[Any]]:
        if self._known is not None:
            return self._known
        compared = sum(kinds.get(kind, 0) for kind in ("baseline", "old", "new"))
        rows = self._connection.execute(
            f"""
            SELECT customer[:8], n, len(callers) FROM live.askers WHERE n >= {LEAST_REQUESTS} AND
                (n * ($2 - 1) >= {TIMES} * ($1 - n) AND $2 > 1 OR len(callers) >= {LEAST_CALLERS}
                    AND n * ($2 - 1) >= {TIMES} / 4 * ($1 - n))
            ORDER BY n DESC, customer LIMIT {SHOWN}
        """,
            [compared, customers],
        ).fetchall()
        self._known = [list(row) for row in rows]
        return self._known
