"""Whether a log can answer what a plan asks; asked before anything starts."""

from collections.abc import Mapping

import duckdb
from duckdb import DuckDBPyConnection

from unfelt.adapters.sources import SourceError, lines, sql
from unfelt.adapters.sources.measures import Measures, check_columns, measures_of
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.source import AccessLog

ASKABLE = ("time", "method", "path", "status", "duration_ms", "flags", "bytes")
"""What metrics may read besides the plan's columns: what the customer met, not what the router decided."""


def live_measures(change: Change) -> Measures:
    """The measures of a plan that the router's log can answer, or SourceError."""
    for name, source in change.experience.sources.items():
        if isinstance(source, AccessLog) and (source.is_recorded or source.old or source.new):
            raise SourceError(
                Message(
                    "Source {name} is a recorded access log. A rollout reads the log of its own router; recorded "
                    "logs are for: unfelt judge",
                    name=name,
                )
            )
    measures = measures_of(change)
    check_columns(measures, (*ASKABLE, *lines.columns_of(change)))
    return measures


def check_expressions(connection: DuckDBPyConnection, measures: Measures, types: Mapping[str, str]) -> None:
    """Every expression has an answer for a row of empty values, or SourceError says why not."""
    empty = sql.each(types.items(), lambda one: f"{_sample(one[1])} AS {sql.name(one[0])}")
    for member in measures.members:
        if member.bad is None:
            continue
        try:
            connection.execute(f"SELECT CAST(({member.bad}) AS BOOLEAN) FROM (SELECT {empty})").fetchone()
        except duckdb.Error as error:
            raise SourceError(
                Message(
                    "Metric {metric}: {bad} cannot be answered: {error} The types are: {types}. Texts become "
                    "numbers with try_cast(… as double).",
                    metric=member.name,
                    bad=member.bad,
                    error=str(error).splitlines()[0],
                    types=", ".join(f"{name} {kind.lower()}" for name, kind in types.items()),
                )
            ) from error


def _sample(kind: str) -> str:
    return "''" if kind == "VARCHAR" else f"NULL::{kind}"
