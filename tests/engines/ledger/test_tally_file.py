"""Tallies as a Parquet file: what was written is read again, also by and from other programs."""

from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.engines.ledger.tally_file import COLUMNS, LISTS, read_tallies, rows_of, write_tallies

TEXT = st.text(max_size=8)
COUNT = st.integers(0, 2**53)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 2**53),
        st.sampled_from(LISTS),
        st.sampled_from(["old", "new"]),
        st.floats(0, 1) | st.none(),
        TEXT | st.none(),
        TEXT | st.none(),
        TEXT,
        COUNT,
        COUNT,
    ),
    max_size=20,
)
SCHEMA = pa.schema(
    [
        *(("sequence", pa.int64()), ("list", pa.string()), ("arm", pa.string()), ("propensity", pa.float64())),
        *(("stratum", pa.string()), ("segment", pa.string()), ("metric", pa.string())),
        *(("n", pa.int64()), ("bad", pa.int64())),
    ]
)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_what_was_written_is_read_again(rows):
    """In its order, with what is not known left unknown."""
    assert read_tallies(write_tallies(rows)) == rows


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_another_program_reads_the_same(rows):
    """The reference implementation of Parquet."""
    table = pq.read_table(BytesIO(write_tallies(rows)))
    assert table.schema.names == list(COLUMNS)
    assert list(zip(*(column.to_pylist() for column in table.columns), strict=True)) == rows


@settings(max_examples=20, deadline=None)
@given(ROWS)
def test_files_of_earlier_versions_are_read(rows):
    """They were written by the reference implementation."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)]
    file = BytesIO()
    pq.write_table(pa.table(arrays, SCHEMA), file, compression="zstd")
    assert read_tallies(file.getvalue()) == rows


@pytest.mark.parametrize("content", [b"", b"PAR1", b"not parquet at all", write_tallies([])[:-9]])
def test_what_is_no_such_file_is_refused(content: bytes):
    """As a ValueError, whatever is wrong with it."""
    with pytest.raises(ValueError, match=r".+"):
        read_tallies(content)


def test_rows_come_in_the_order_of_decisions():
    """Tallies first, then failures, of each."""
    tally = ["old", 0.5, None, None, "slow", 3, 1]
    body = {"tallies": [tally], "failures": [tally]}
    assert [row[:2] for row in rows_of([(4, body), (9, body)])] == [
        (4, "tallies"),
        (4, "failures"),
        (9, "tallies"),
        (9, "failures"),
    ]
