"""The tallies of many decisions as one Parquet file, for whoever wants to count again with tools of their own."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = tuple[Any, ...]
SCHEMA = pa.schema(
    [
        ("sequence", pa.int64()),
        ("list", pa.string()),
        ("arm", pa.string()),
        ("propensity", pa.float64()),
        ("stratum", pa.string()),
        ("segment", pa.string()),
        ("metric", pa.string()),
        ("n", pa.int64()),
        ("bad", pa.int64()),
    ]
)
"""`sequence` is the decision's entry; `list` is `tallies` or `failures`."""
LISTS = ("tallies", "failures")


def rows_of(decisions: Iterable[tuple[int, Mapping[str, Any]]]) -> list[Row]:
    """The tallies in the bodies of these decisions, in their order."""
    return [(sequence, name, *tally) for sequence, body in decisions for name in LISTS for tally in body[name]]


def write_tallies(rows: Sequence[Row]) -> bytes:
    """The rows as a Parquet file."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    table = pa.table([pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)], SCHEMA)
    file = BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def read_tallies(content: bytes) -> list[Row]:
    """The rows of such a file; ValueError where it is none."""
    try:
        table = pq.read_table(BytesIO(content))
    except (pa.ArrowException, OSError) as error:
        raise ValueError(str(error)) from error
    if table.schema.names != SCHEMA.names:
        raise ValueError(f"columns {table.schema.names}")
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))
