"""The values of segment columns: those that were seen so far, and those for which tallies come."""

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError
from unfelt.adapters.sources.facts import Facts
from unfelt.adapters.sources.measures import Measures
from unfelt.conf.language import Message

VALUES = 1000
"""So many values of a segment column are counted; a column with more is no segment."""


class SegmentValues:
    """Of one source, kept beside its experience.

    given: the values that the plan names itself, by segment.
    """

    def __init__(
        self,
        connection: DuckDBPyConnection,
        measures: Measures,
        facts: Facts,
        *,
        given: Mapping[str, tuple[str, ...]],
    ) -> None:
        self._connection, self._measures, self._facts, self._given = connection, measures, facts, given
        connection.execute("""
            CREATE TABLE IF NOT EXISTS live.segment_values (segment INTEGER, value VARCHAR, n BIGINT,
                PRIMARY KEY (segment, value))
        """)
        self.fixed = {**given, **{by: tuple(some) for by, some in facts.get("fixed", {}).items()}}
        """The values of each segment for which tallies come; beside them `other`."""

    def count(self) -> None:
        """Those of `w_fresh` have been seen."""
        for i in range(len(self._measures.segments)):
            self._connection.execute(f"""
                INSERT INTO live.segment_values SELECT {i}, s{i}, count(*) FROM w_fresh
                WHERE look = 0 AND s{i} IS NOT NULL
                    AND (s{i} IN (SELECT value FROM live.segment_values WHERE segment = {i})
                        OR (SELECT count(*) FROM live.segment_values WHERE segment = {i}) < {VALUES})
                GROUP BY s{i} ON CONFLICT DO UPDATE SET n = n + excluded.n
            """)

    def seen(self, *, most: int) -> dict[str, tuple[str, ...]]:
        """Those seen so far of each segment, most customers first, at most `most` of each."""
        found: dict[str, tuple[str, ...]] = {}
        for i, by in enumerate(self._measures.segments):
            rows = self._connection.execute(
                """SELECT value FROM live.segment_values WHERE segment = $1 AND value <> ''
                ORDER BY n DESC, value LIMIT $2""",
                [i, most],
            ).fetchall()
            found[by] = tuple(row[0] for row in rows)
        return found

    def fix(self, values: Mapping[str, Sequence[str]]) -> None:
        """These, and those that the plan names, from here on; SourceError for a segment that there is not."""
        unknown = sorted(set(values) - set(self._measures.segments))
        if unknown:
            raise SourceError(
                Message(
                    "There is no segment {unknown}. The plan has: {known}.",
                    unknown=", ".join(unknown),
                    known=", ".join(self._measures.segments),
                )
            )
        self.fixed = {**self._given, **{by: tuple(some) for by, some in values.items()}}
        self._facts.put("fixed", self.fixed)
