"""Customers of whom all are on new, and all are looked at: what became of each, without any inference."""

from dataclasses import dataclass
from datetime import UTC, datetime

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError, sql
from unfelt.adapters.sources.measures import Measures
from unfelt.adapters.sources.windows import verdicts
from unfelt.conf.language import Message


@dataclass(frozen=True, slots=True)
class Census:
    """All customers; those of whom everything is known, or something bad; those to whom anything bad happened."""

    customers: int
    known: int
    affected: int
    until: datetime

    @property
    def unknown(self) -> int:
        """Customers of whom nothing bad is known, nor that all was well."""
        return self.customers - self.known

    def plain(self) -> dict[str, int]:
        """As JSON-ready data."""
        return {"of": self.customers, "known": self.known, "affected": self.affected, "unknown": self.unknown}


def census_of(connection: DuckDBPyConnection, measures: Measures) -> Census | None:
    """What became of each customer of `w_experience` where nobody is on old; None where somebody is.

    SourceError where the plan asks only how long something takes beside old.
    """
    if connection.execute("SELECT 1 FROM w_experience WHERE arm <> 'new' LIMIT 1").fetchone() is not None:
        return None
    asked = [i for i in measures.affecting if measures.members[i].quantile is None]
    if not asked:
        raise SourceError(
            Message(
                "Everybody is on new, and the metrics of the plan ask how new compares with old. Add one that "
                "says what is bad by itself, such as bad: status >= 500"
            )
        )
    bad = sql.each(asked, lambda i: f"count(*) FILTER (WHERE b{i}) >= {measures.members[i].times}", " OR ")
    unknown = sql.each(asked, lambda i: f"count(*) FILTER (WHERE b{i} IS NULL) > 0", " OR ")
    found = connection.execute(f"""
        WITH told AS (SELECT time, customer {verdicts(measures)} FROM w_experience),
        customers AS (SELECT {bad} AS bad, {unknown} AS unknown, max(time) AS last FROM told GROUP BY customer)
        SELECT count(*), count(*) FILTER (WHERE bad OR NOT unknown), count(*) FILTER (WHERE bad), max(last)
        FROM customers
    """).fetchone()
    customers, known, affected, last = found or (0, 0, 0, datetime(1970, 1, 1))  # noqa: DTZ001
    return Census(customers, known, affected, last.replace(tzinfo=UTC))
