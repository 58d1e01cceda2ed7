"""Pieces of SQL that several rooms here write."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from unfelt.adapters.sources.epochs import naive


def text(value: str) -> str:
    """The value as a SQL text."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """The value as a SQL name."""
    return '"' + value.replace('"', '""') + '"'


def interval(duration: timedelta) -> str:
    """The duration as a SQL interval, exact to the microsecond."""
    return f"to_microseconds({round(duration / timedelta(microseconds=1))})"


def moment(time: datetime | None) -> str:
    """The time as a SQL timestamp in UTC."""
    return "NULL::TIMESTAMP" if time is None else f"TIMESTAMP '{naive(time).isoformat(sep=' ')}'"


def each(pieces: Iterable[Any], spell: Callable[[Any], str], joint: str = ", ") -> str:
    """Every piece spelled, joined."""
    return joint.join(spell(piece) for piece in pieces)


def table(rows: Iterable[tuple[str, ...]], columns: tuple[tuple[str, str], ...]) -> str:
    """A SELECT of literal rows; with no rows, the columns and their types alone."""
    names = each(columns, lambda column: f"NULL::{column[1]} AS {name(column[0])}")
    empty = f"SELECT {names} WHERE false"
    values = each(rows, lambda row: f"({', '.join(row)})")
    return f"{empty} UNION ALL VALUES {values}" if values else empty
