"""Times of which a recording holds nothing are named, where chance does not have it."""

from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pytest

from unfelt.adapters.sources.account import Gap
from unfelt.adapters.sources.gaps import gaps_in

BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def found(seconds, *, borne=MINUTE):
    """The gaps of rows at these seconds."""
    micros = [round(one * 1e6) for one in seconds]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE TABLE w_experience (time TIMESTAMP)")
        at = "TIMESTAMP '2026-11-23' + to_microseconds(us)"
        connection.execute(
            f"INSERT INTO w_experience SELECT {at} FROM (SELECT unnest($1::BIGINT[]) AS us)", [micros]
        )
        return gaps_in(connection, borne=borne)


def gap(since, until):
    """From so many seconds to so many."""
    return Gap(BEGAN + timedelta(seconds=since), BEGAN + timedelta(seconds=until))


def test_a_gap_is_named_from_its_last_row_to_the_next():
    """Of an hour with a row each second ten minutes are missing."""
    assert found([*range(1200), *range(1800, 3600)]) == (gap(1199, 1800),)


def test_every_gap_is_named():
    """Also where another is near."""
    assert found([*range(600), *range(900, 960), *range(1500, 3600)]) == (gap(599, 900), gap(959, 1500))


def test_what_the_plan_bears_is_no_gap():
    """Fifty seconds are less than a minute, and more than half of one."""
    rows = [*range(1200), *range(1250, 3600)]
    assert (found(rows), found(rows, borne=MINUTE / 2)) == ((), (gap(1199, 1250),))


@pytest.mark.parametrize("seed", range(5))
def test_few_customers_leave_no_gaps(seed):
    """At one row in ten minutes chance has it that an hour passes."""
    assert found(np.cumsum(np.random.default_rng(seed).exponential(600, 3000))) == ()


def test_a_quiet_night_is_no_gap():
    """Traffic goes down to one row in three minutes and up again."""
    random = np.random.default_rng(3)
    apart = np.concatenate([np.linspace(1, 180, 2000), np.linspace(180, 1, 2000)])
    assert found(np.cumsum(random.exponential(apart))) == ()


@pytest.mark.parametrize("rows", [[], [0], [0, 7200], [0, 1, 7200]])
def test_so_few_rows_tell_nothing(rows):
    """A gap is seen beside what is around it."""
    assert found(rows) == ()
