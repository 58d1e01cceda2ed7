"""How long old makes its customers wait: the quantiles that `slow` metrics compare with."""

from datetime import timedelta

from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import RetryableSourceError, sql
from unfelt.adapters.sources.measures import Measures, Thresholds
from unfelt.conf.language import Message
from unfelt.kernel.exceedance import QUANTILES


def learn(connection: DuckDBPyConnection, rows: str, measures: Measures) -> Thresholds:
    """QUANTILES of the longest wait that a customer meets in a window, over the `rows` (SQL: a table or query).

    Windows are taken from the clock, not from each customer's first request: any thresholds are valid that do not
    depend on who came to which version, and near ones lose next to nothing. RetryableSourceError without a wait.
    """
    found = {}
    wanted = sql.each(QUANTILES.tolist(), repr)
    for metric, value in measures.waits.items():
        observe = next(one.observe for one in measures.members if one.metric == metric)
        row = connection.execute(f"""
            SELECT quantile_disc(longest, [{wanted}]) FROM (
                SELECT max(CAST(({value}) AS DOUBLE)) AS longest FROM ({rows})
                WHERE customer IS NOT NULL AND customer <> '' GROUP BY customer, {_window(observe)})
            WHERE longest IS NOT NULL
        """).fetchone()
        if row is None or row[0] is None:
            raise RetryableSourceError(
                Message(
                    "Metric {metric} cannot be compared: nobody has waited for anything on old yet. Make the "
                    "baseline longer.",
                    metric=metric,
                )
            )
        found[metric] = tuple(row[0])
    return found


def compared(connection: DuckDBPyConnection, rows: str, measures: Measures) -> Measures:
    """The measures with thresholds from the rows; from those of both versions: labels play no part in them."""
    return measures.compared_with(learn(connection, rows, measures)) if measures.waits else measures


def _window(observe: timedelta) -> str:
    """SQL: which window a row falls into; rows of the same moment share one where windows have no length."""
    length = observe // timedelta(microseconds=1)
    return f"epoch_us(time) // {length}" if length else "time"
