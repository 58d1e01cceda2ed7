"""What became of the bets: failures when they happen, and windows when they close."""

from datetime import datetime

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.measures import Measures


class Outcomes:
    """The SQL of outcomes for one plan; the members of a plan are numbered, i stands for one of them."""

    def __init__(self, connection: DuckDBPyConnection, measures: Measures) -> None:
        self._connection = connection
        self._measures = measures
        self._members = range(len(measures.members))
        self._affecting = measures.affecting
        self._repeated, self._scores = measures.repeated, measures.scores
        self._windows = [sql.interval(member.observe) for member in measures.members]
        self._grace = sql.interval(measures.grace)
        self._longest = sql.interval(measures.longest)
        self._segments = sql.each(range(len(measures.segments)), lambda i: f", b.s{i}", "")

    def find(self) -> None:
        """`w_failed` holds each bet's first failure of each metric, member -1 standing for the composite."""
        self._cut()
        self._hit()
        self._announce()
        counts = sql.each(self._repeated, lambda i: f", m{i} = b.m{i} + h.m{i}", "")
        scores = sql.each(self._scores, lambda i: f", g{i} = greatest(b.g{i}, coalesce(h.g{i}, 0))", "")
        self._connection.execute(f"""
            UPDATE windows.bets AS b SET felt = b.felt OR h.felt, f = coalesce(b.f, h.f)
                {sql.each(self._members, lambda i: f", f{i} = coalesce(b.f{i}, h.f{i})", "")} {counts} {scores}
            FROM w_hits h WHERE h.bet = b.bet AND (h.counts OR h.felt)
        """)

    def close(self, before: list[datetime | None], reached: list[datetime | None]) -> None:
        """`w_closing` holds the bets of which a window ended between the two watermarks of its metric.

        c: it closes now; x: it is excluded; bad; k: its outcome is not known; due: when it closed.
        The composite's have no number.
        """
        self._answer()
        self._shut(before, reached)
        self._doubt()
        self._conclude()
        self._forget(reached)

    def _cut(self) -> None:
        """Where exposure ends for each open bet: at the end of its stretch or the first lapse."""
        lapse = "NULL::TIMESTAMP"
        if self._connection.execute("SELECT count(*) FROM w_lapses").fetchone() != (0,):
            lapse = """(SELECT min(greatest(p.began, b.opened)) FROM w_lapses p
                WHERE p.ended IS NULL OR p.ended > b.opened)"""
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_cut AS
            WITH found AS (
                SELECT b.bet, e.ended AS share_change, {lapse} AS lapse FROM windows.bets b
                LEFT JOIN w_epochs e ON e.epoch = b.epoch)
            SELECT *, least(share_change, lapse) AS cut FROM found
            WHERE share_change IS NOT NULL OR lapse IS NOT NULL
        """)

    def _hit(self) -> None:
        """Requests that are known to be bad, in the windows they fall into; felt: also beyond where one is cut."""
        anything = sql.each(self._members, lambda i: f"b{i}", " OR ")
        verdicts = sql.each(self._members, lambda i: f", b{i}", "")
        values = sql.each(self._scores, lambda i: f", v{i}", "")
        no_values = sql.each(self._scores, lambda i: f", NULL AS v{i}", "")
        counts = sql.each(self._repeated, lambda i: f", count(*) FILTER (WHERE {self._counts(i)}) AS m{i}", "")
        scores = sql.each(self._scores, lambda i: f", max(r.v{i}) FILTER (WHERE {self._counts(i)}) AS g{i}", "")
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_hits AS
            WITH bad AS (
                SELECT customer, seq, came, seen, seen AS told {verdicts} {values} FROM w_lines
                WHERE ended AND customer IS NOT NULL AND ({anything})
                UNION ALL SELECT customer, seq, came, seen, told {verdicts} {no_values} FROM w_broken),
            hits AS (
                SELECT b.bet {sql.each(self._members, self._first_failure, "")} {counts} {scores},
                    coalesce(bool_or({sql.each(self._members, self._counts, " OR ")}), false) AS counts,
                    coalesce(bool_or({sql.each(self._affecting, self._is_bad, " OR ")}), false) AS felt
                FROM bad r JOIN windows.bets b ON b.customer = r.customer AND r.came >= b.since AND r.seq >= b.seq
                    AND (r.came < b.opened + {self._longest} OR r.came = b.opened)
                LEFT JOIN w_cut c ON c.bet = b.bet
                GROUP BY b.bet)
            SELECT *, least({sql.each(self._affecting, lambda i: f"f{i}")}, NULL) AS f FROM hits
        """)

    def _inside(self, i: int, request: str) -> str:
        """The request starts in the window; a window of length zero holds the moment it opens."""
        return f"({request}.came < b.opened + {self._windows[i]} OR {request}.came = b.opened)"

    def _first_failure(self, i: int) -> str:
        """The failure that makes the window bad: the first, or the one with which there are enough."""
        times = self._measures.members[i].times
        if times == 1:
            return f", min(r.told) FILTER (WHERE {self._counts(i)}) AS f{i}"
        told = f"list_sort(list(r.told) FILTER (WHERE {self._counts(i)}))"
        return f", {told}[greatest(1, {times} - any_value(b.m{i}))] AS f{i}"

    def _counts(self, i: int) -> str:
        """The request is bad, and came before the window was cut."""
        return f"({self._is_bad(i)} AND (c.cut IS NULL OR r.came < c.cut))"

    def _is_bad(self, i: int) -> str:
        return f"""(r.b{i} AND {self._inside(i, "r")}
            AND (r.seen < b.opened + {self._windows[i]} + {self._grace} OR r.seen <= b.opened))"""

    def _announce(self) -> None:
        announced = [(f"f{i}", i) for i in self._members if i not in self._scores] + [("f", -1)]
        parts = sql.each(
            announced,
            lambda one: (
                f"""SELECT {one[1]} AS member, b.look, b.arm, b.baseline, b.propensity,
                h.{one[0]} AS told {self._segments}
                FROM w_hits h JOIN windows.bets b ON b.bet = h.bet
                WHERE h.{one[0]} IS NOT NULL AND b.{one[0]} IS NULL {"AND b.look = 0" if one[1] < 0 else ""}"""
            ),
            " UNION ALL ",
        )
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE w_failed AS {parts}")

    def _answer(self) -> None:
        """Requests whose outcome could still be bad: begun without an answer, or answered without a verdict.

        u: it could be bad; r: when that was settled.
        """
        possible = sql.each(self._members, lambda i: f", (b{i} IS DISTINCT FROM false) AS u{i}", "")
        missing = sql.each(self._members, lambda i: f", (b{i} IS NULL) AS u{i}", "")
        never = sql.each(self._members, lambda i: f", NULL::TIMESTAMP AS r{i}", "")
        settled = sql.each(self._members, lambda i: f", CASE WHEN e.b{i} IS NOT NULL THEN e.seen END AS r{i}", "")
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_calls AS
            WITH asked AS (
                FROM windows.calls UNION ALL
                SELECT id, customer, seq, came, seen {possible} FROM w_lines
                WHERE begun AND customer IS NOT NULL)
            SELECT a.* {settled} FROM asked a
            LEFT JOIN (FROM w_lines WHERE ended) e ON e.id = a.id
            WHERE e.id IS NULL OR e.seen > a.came + {self._grace}
                OR {sql.each(self._members, lambda i: f"e.b{i} IS NULL", " OR ")}
            UNION ALL SELECT id, customer, seq, came, seen {missing} {never} FROM w_lines
            WHERE ended AND customer IS NOT NULL
                AND ({sql.each(self._members, lambda i: f"b{i} IS NULL", " OR ")})
        """)

    def _shut(self, before: list[datetime | None], reached: list[datetime | None]) -> None:
        """The bets of which at least one window closes now."""
        ends = [f"b.opened + {window}" for window in self._windows]
        now = [f"({ends[i]} <= {sql.moment(reached[i])})" for i in self._members]
        new = "b.born = (SELECT n FROM windows.increments)"
        still = [f"({new} OR coalesce({ends[i]} > {sql.moment(before[i])}, true))" for i in self._members]
        closes = sql.each(self._members, lambda i: f", coalesce({now[i]} AND {still[i]}, false) AS c{i}", "")
        excluded = sql.each(
            self._members, lambda i: f", coalesce(c.cut < {ends[i]} OR c.cut <= b.opened, false) AS x{i}", ""
        )
        dues = sql.each(self._members, lambda i: f", {ends[i]} + {self._grace} AS due{i}", "")
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_shut AS
            SELECT b.*, c.cut, c.share_change, c.lapse {closes} {excluded} {dues},
                coalesce(b.look = 0 AND {" AND ".join(now[i] for i in self._affecting)}
                    AND ({" OR ".join(still[i] for i in self._affecting)}), false) AS c
            FROM windows.bets b LEFT JOIN w_cut c ON c.bet = b.bet
            WHERE {sql.each(self._members, lambda i: f"({now[i]} AND {still[i]})", " OR ")}
        """)

    def _doubt(self) -> None:
        """`w_doubts`: of the closing bets, those with a request that could be bad and was not settled in time."""
        doubts = sql.each(
            self._members,
            lambda i: (
                f""", bool_or(a.u{i} AND b.c{i} AND {self._inside(i, "a")}
                AND (a.seen < b.due{i} OR a.seen <= b.opened)
                AND (a.r{i} IS NULL OR a.r{i} >= b.due{i})) AS k{i}"""
                if i not in self._repeated
                else f", false AS k{i}"
            ),
            "",
        )
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_doubts AS
            SELECT b.bet {doubts} FROM w_calls a JOIN w_shut b ON b.customer = a.customer AND a.came >= b.since
                AND a.seq >= b.seq AND (a.came < b.opened + {self._longest} OR a.came = b.opened)
            GROUP BY b.bet
        """)

    def _conclude(self) -> None:
        """`w_closing`, with unknown outcomes as failures at the moment the window closed."""
        unknown = sql.each(
            self._members, lambda i: f", coalesce(d.k{i} AND s.f{i} IS NULL AND NOT s.x{i}, false) AS k{i}", ""
        )
        doubted = sql.each(self._affecting, lambda i: f"coalesce(d.k{i}, false)", " OR ")
        verdicts = sql.each(self._members, lambda i: f", (f{i} IS NOT NULL OR k{i}) AS bad{i}", "")
        late = sql.each(self._affecting, lambda i: f"CASE WHEN k{i} THEN due{i} END")
        self._connection.execute(f"""
            CREATE OR REPLACE TEMP TABLE w_closing AS
            WITH known AS (SELECT s.* REPLACE (s.felt OR {doubted} AS felt) {unknown}
                FROM w_shut s LEFT JOIN w_doubts d ON d.bet = s.bet),
            told AS (SELECT *, least({late}, NULL) AS k FROM known)
            SELECT * {verdicts}, (f IS NOT NULL OR k IS NOT NULL) AS bad,
                {sql.each(self._affecting, lambda i: f"x{i}", " OR ")} AS x,
                greatest({sql.each(self._affecting, lambda i: f"due{i}")}, NULL) AS due
            FROM told
        """)
        self._announce_unknown()

    def _announce_unknown(self) -> None:
        segments = self._segments
        for i in set(self._members) - set(self._scores):
            self._connection.execute(f"""
                INSERT INTO w_failed SELECT {i}, look, arm, baseline, propensity, due{i} {segments}
                FROM w_closing b WHERE k{i}
            """)
        updates = sql.each(
            self._members, lambda i: f", f{i} = coalesce(b.f{i}, CASE WHEN w.k{i} THEN w.due{i} END)", ""
        )
        self._connection.execute(f"""
            INSERT INTO w_failed SELECT -1, look, arm, baseline, propensity, k {segments}
            FROM w_closing b WHERE k IS NOT NULL AND f IS NULL AND look = 0;
            UPDATE windows.bets AS b SET f = coalesce(b.f, w.k) {updates}
            FROM w_closing w WHERE w.bet = b.bet AND w.k IS NOT NULL;
            UPDATE windows.bets AS b SET felt = true FROM w_closing w WHERE w.bet = b.bet AND w.felt
        """)

    def _forget(self, reached: list[datetime | None]) -> None:
        """Bets with every window closed and calls that no open window can hold are gone."""
        done = sql.each(
            self._members, lambda i: f"(opened + {self._windows[i]} <= {sql.moment(reached[i])})", " AND "
        )
        logged = [
            time for time, member in zip(reached, self._measures.members, strict=True) if member.bad is not None
        ]
        horizon = sql.moment(max((time for time in logged if time is not None), default=None))
        open_still = sql.each(self._members, lambda i: f"(u{i} AND r{i} IS NULL)", " OR ")
        kept = sql.each(self._members, lambda i: f", (u{i} AND r{i} IS NULL)", "")
        self._connection.execute(f"""
            DELETE FROM windows.bets WHERE {done};
            DELETE FROM windows.calls;
            INSERT INTO windows.calls SELECT id, customer, seq, came, seen {kept} FROM w_calls
            WHERE ({open_still}) AND coalesce(came + {self._longest} > {horizon}, true)
        """)
