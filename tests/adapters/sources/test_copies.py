"""What a recording holds twice counts once, and is said: other files, appended copies, joins; nothing else is."""

import random
from datetime import UTC, datetime, timedelta

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.adapters.sources.copies import drop_copies, drop_shared

BEGAN = datetime(2026, 11, 23, 4, tzinfo=UTC).replace(tzinfo=None)


def table(rows):
    """The rows, as a table of `time, line, file`."""
    connection = duckdb.connect()
    connection.execute("CREATE TEMP TABLE t (time TIMESTAMP, line VARCHAR, file INTEGER)")
    times, lines, files = ([row[place] for row in rows] for place in range(3))
    columns = "unnest(?::TIMESTAMP[]), unnest(?::VARCHAR[]), unnest(?::INTEGER[])"
    connection.execute(f"INSERT INTO t SELECT {columns}", [times, lines, files])
    return connection


def requests(many, *, seed=1, each=3):
    """So many requests in order, `each` in a second, of ten customers who ask for two things."""
    draw = random.Random(seed)
    return [
        (BEGAN + timedelta(seconds=n // each), f"{n // each} u{draw.randrange(10)} {draw.choice('ab')}", 0)
        for n in range(many)
    ]


def left(connection):
    return connection.execute("SELECT time, line, 0 FROM t ORDER BY rowid").fetchall()


def dropped(connection):
    return drop_copies(connection, "t", row="line", time="time")


def test_a_log_appended_to_itself_counts_once():
    rows = requests(500)
    connection = table(rows + rows)
    assert dropped(connection) == 500
    assert sorted(left(connection)) == sorted(rows)


def test_the_part_that_a_rotation_copied_counts_once():
    rows = requests(500)
    connection = table(rows[:300] + rows[200:])
    assert dropped(connection) == 100
    assert left(connection) == rows


def test_every_row_three_times_by_a_join_counts_once():
    rows = requests(300, each=1)
    connection = table([row for row in rows for _copy in range(3)])
    assert dropped(connection) == 600
    assert left(connection) == rows


@pytest.mark.parametrize("seed", range(20))
def test_a_log_of_whole_seconds_with_like_requests_loses_nothing(seed):
    """Twenty requests in a second of three customers, in no order by time."""
    draw = random.Random(seed)
    rows = [(BEGAN + timedelta(seconds=n // 20), f"{n // 20} u{draw.randrange(3)}", 0) for n in range(2000)]
    rows.insert(1000, (BEGAN, "0 late", 0))
    if seed % 2:
        rows = rows[1000:] + rows[:1000]
    connection = table(rows)
    assert dropped(connection) == 0
    assert left(connection) == rows


@given(st.lists(st.integers(0, 3), max_size=30), st.lists(st.integers(0, 3), max_size=30))
@settings(max_examples=50, deadline=None)
def test_what_two_files_share_counts_as_often_as_in_the_fuller_one(first, second):
    rows = [(BEGAN, str(what), file) for file, lines in enumerate((first, second)) for what in lines]
    connection = table(rows)
    drop_shared(connection, "t", row="line", file="file")
    found = [row[1] for row in left(connection)]
    assert sorted(found) == sorted(
        str(what) for what in range(4) for _copy in range(max(first.count(what), second.count(what)))
    )


def test_rows_with_missing_values_are_shared_as_well():
    connection = table([(BEGAN, None, 0), (BEGAN, "a", 0), (BEGAN, None, 1)])
    assert drop_shared(connection, "t", row="(time, line)", file="file") == 1


def test_a_busy_log_appended_to_itself_counts_once():
    """Fifty requests in a second: most runs of lines are of one moment."""
    rows = requests(3000, each=50)
    connection = table(rows + rows + rows[1000:])
    assert dropped(connection) == 5000
    assert left(connection) == rows
