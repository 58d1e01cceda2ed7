"""Times of which a recording holds nothing, though customers came before and after."""

from datetime import UTC, datetime, timedelta

import numpy as np
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from unfelt.adapters.sources.account import Gap

AROUND = 100
"""So many rows on either side say how far apart rows are there."""
TIMES = 20
"""Chance hardly ever puts two rows so many times further apart than the rows around them are."""
SPARED = 2
"""So many of the distances around are left out, the longest ones: there may be another gap among them."""


def gaps_in(connection: DuckDBPyConnection, *, borne: timedelta) -> tuple[Gap, ...]:
    """The gaps in the times of `w_experience` that are longer than what is borne, in order of time."""
    found = connection.execute("SELECT epoch_us(time) AS at FROM w_experience ORDER BY time").fetchnumpy()
    times = np.asarray(found["at"], dtype=np.int64)
    return tuple(Gap(_moment(times[place]), _moment(times[place + 1])) for place in _places(times, borne))


def _places(times: NDArray[np.int64], borne: timedelta) -> list[int]:
    """Rows after which nothing comes for longer than is borne, and than chance has it."""
    apart = np.diff(times)
    long = np.flatnonzero(apart > borne // timedelta(microseconds=1))
    return [place for place in long.tolist() if apart[place] > TIMES * _around(apart, place)]


def _around(apart: NDArray[np.int64], place: int) -> float:
    """How far apart the rows around are on average; infinite where there are too few to tell."""
    beside = np.concatenate([apart[max(0, place - AROUND) : place], apart[place + 1 : place + 1 + AROUND]])
    usual = np.sort(beside)[:-SPARED]
    return float(usual.mean()) if len(usual) else float("inf")


def _moment(microseconds: np.int64) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds))
