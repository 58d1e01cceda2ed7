"""Lines that a sound log does not hold, counted by arm: none of them is passed over in silence."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import Epoch, Lapse, sql
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.windows import astray

REMEMBERED = 20
"""For so many readings an answer is remembered, to know it when it comes again."""
AROUND = timedelta(seconds=2)
"""The router asks for the lease each second, and needs three questions without an answer to give it up."""
_ARM = "CASE WHEN arm IN ('old', 'new') THEN arm ELSE 'none' END"


@dataclass(frozen=True, slots=True)
class Strays:
    """Counts lines of each kind and arm; `ahead` and `impossible` are not taken in, the others are.

    late: written so long before the lines around it that what it belongs to may be closed. twice: an answer to a
    request that was answered before. astray: a customer where the records have nobody, outside of the lapses that
    are on record.
    """

    connection: DuckDBPyConnection
    measures: Measures

    def __post_init__(self) -> None:
        """The answers that were seen lately are remembered across restarts."""
        self.connection.execute("CREATE TABLE IF NOT EXISTS live.answered (key UBIGINT, number BIGINT)")

    def count(
        self, *, number: int, epochs: Sequence[Epoch], lapses: Sequence[Lapse]
    ) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
        """The lines of `w_parsed` and `w_lines` by kind and arm, and all lines by arm."""
        found: dict[str, Counter[str]] = {}
        lines: Counter[str] = Counter()
        for kind, arm, n in [*self._refused(), *self._doubtful(epochs, lapses), *self._answered(number)]:
            if kind == "all":
                lines[arm] += n
            elif n:
                found.setdefault(kind, Counter())[arm] += n
        return {kind: dict(arms) for kind, arms in sorted(found.items())}, dict(lines)

    def _refused(self) -> list[tuple[str, str, int]]:
        rows: list[tuple[str, str, int]] = self.connection.execute(
            f"SELECT _stray, {_ARM}, count(*) FROM w_parsed WHERE _stray IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return rows

    def _doubtful(self, epochs: Sequence[Epoch], lapses: Sequence[Lapse]) -> list[tuple[str, str, int]]:
        is_astray = f"{astray(epochs)} AND NOT {_in_lapse(lapses)}"
        rows = self.connection.execute(f"""
            SELECT {_ARM}, count(*), count(*) FILTER (WHERE customer IS NOT NULL AND {late(self.measures)}),
                count(*) FILTER (WHERE {is_astray}) FROM w_lines GROUP BY ALL ORDER BY ALL
        """).fetchall()
        kinds = ("all", "late", "astray")
        return [(kind, arm, n) for arm, *counts in rows for kind, n in zip(kinds, counts, strict=True)]

    def _answered(self, number: int) -> list[tuple[str, str, int]]:
        self.connection.execute("""
            CREATE OR REPLACE TEMP TABLE w_answers AS SELECT hash(id) AS key, any_value(arm) AS arm, count(*) AS n
            FROM w_lines WHERE ended AND id IS NOT NULL GROUP BY key
        """)
        rows: list[tuple[str, str, int]] = self.connection.execute(f"""
            SELECT 'twice', {_ARM}, sum(n - 1 + (key IN (SELECT key FROM live.answered))::INTEGER)::BIGINT
            FROM w_answers GROUP BY ALL ORDER BY ALL
        """).fetchall()
        self.connection.execute("INSERT INTO live.answered SELECT key, $1 FROM w_answers", [number])
        self.connection.execute("DELETE FROM live.answered WHERE number <= $1", [number - REMEMBERED])
        return rows


def _in_lapse(lapses: Sequence[Lapse]) -> str:
    """SQL: the line is of a time that the records exclude already, and why it is odd is on record."""
    rows = sql.table(
        ((sql.moment(lapse.began), sql.moment(lapse.ended)) for lapse in lapses),
        (("began", "TIMESTAMP"), ("ended", "TIMESTAMP")),
    )
    around = f"l.began - {sql.interval(AROUND)} AND coalesce(l.ended, 'infinity') + {sql.interval(AROUND)}"
    return f"EXISTS (SELECT 1 FROM ({rows}) l WHERE w_lines.came BETWEEN {around})"


def late(measures: Measures) -> str:
    """SQL: every window that the line could belong to may have been closed before it came."""
    grace, longest = sql.interval(measures.grace), sql.interval(measures.longest)
    return f"""(arm IN ('old', 'new') AND ((begun AND came < seen - {grace})
        OR (ended AND came + {longest} <= seen - {grace} AND written < seen - {grace})))"""
