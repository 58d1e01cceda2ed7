"""The tallies of many decisions as one Parquet file, for whoever wants to count again with tools of their own."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np

Row = tuple[Any, ...]
COLUMNS: Mapping[str, str] = {
    "sequence": "BIGINT",
    "list": "VARCHAR",
    "arm": "VARCHAR",
    "propensity": "DOUBLE",
    "stratum": "VARCHAR",
    "segment": "VARCHAR",
    "metric": "VARCHAR",
    "n": "BIGINT",
    "bad": "BIGINT",
}
"""Each with its type in DuckDB. `sequence` is the decision's entry; `list` is `tallies` or `failures`."""
LISTS = ("tallies", "failures")


def rows_of(decisions: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Row]:
    """The tallies in the bodies of these decisions, in their order."""
    return [(sequence, name, *tally) for sequence, body in decisions for name in LISTS for tally in body[name]]


def write_tallies(rows: Sequence[Row]) -> bytes:
    """The rows as a Parquet file."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(COLUMNS)
    told = {name: np.array(column, dtype=object) for name, column in zip(COLUMNS, columns, strict=True)}
    typed = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in COLUMNS.items())
    with TemporaryDirectory() as place, duckdb.connect() as connection:
        file = Path(place, "tallies.parquet")
        connection.register("told", told)
        connection.sql(f"SELECT {typed} FROM told").write_parquet(str(file), compression="zstd")  # noqa: S608  (COLUMNS)
        return file.read_bytes()


def read_tallies(content: bytes) -> list[Row]:
    """The rows of such a file; ValueError where it is none."""
    with TemporaryDirectory() as place, duckdb.connect() as connection:
        file = Path(place, "tallies.parquet")
        file.write_bytes(content)
        try:
            found = connection.execute("SELECT * FROM read_parquet(?)", [str(file)])
            names = [column[0] for column in found.description or ()]
            rows: list[Row] = found.fetchall()
        except duckdb.Error as error:
            raise ValueError(str(error)) from error
    if names != list(COLUMNS):
        raise ValueError(f"columns {names}")
    return rows
