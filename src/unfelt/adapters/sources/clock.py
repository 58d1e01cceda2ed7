"""The log's own clock: it goes on with several lines at a time, and never past the clocks of who reads it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

AHEAD = timedelta(seconds=1)
"""So far after the reader's clock a line may be dated; one dated later is not believed."""
SUPPORT = 3
"""So many lines must be dated at or after a moment before the log counts as complete up to it."""
BEFORE_ALL = -(10**15)
"""Microseconds since 1970 that are before any line (1938): where no time is known."""
Steady = Callable[[], float]


@dataclass(frozen=True, slots=True)
class ReaderClock:
    """The time of day of who reads, carried on by the clock that never jumps."""

    now: datetime
    """In UTC, without a zone."""
    asked: float
    steady: Steady = time.monotonic

    def read(self) -> datetime:
        """The time of day now."""
        return self.now + timedelta(seconds=max(0.0, self.steady() - self.asked))


@dataclass(frozen=True, slots=True)
class Pace:
    """How the log's clock went on, line by line, in microseconds since 1970."""

    seen: NDArray[np.int64]
    """For each line the latest moment that SUPPORT lines up to it reach, or the lowest time of fewer."""
    highest: NDArray[np.int64]
    """For each line the highest time up to it."""
    top: list[int]
    """The highest times after the last line, highest first."""


def pace(times: NDArray[np.int64], top: Sequence[int]) -> Pace:
    """The pace of those lines after others whose highest times are `top`: no single line moves it."""
    before = (*top, *[BEFORE_ALL] * SUPPORT)[:SUPPORT]
    if not times.size:
        return Pace(times, times, list(before))
    left, seen, places = times, np.full(times.size, BEFORE_ALL, dtype=np.int64), []
    for highest in before:
        place = np.maximum(np.maximum.accumulate(left), highest)
        np.copyto(seen, place, where=place > BEFORE_ALL)
        # What a line displaces from one place it may take the next one with.
        left = np.minimum(left, np.concatenate(([highest], place[:-1])))
        places.append(place)
    return Pace(seen, places[0], [int(place[-1]) for place in places])


def reached(top: Sequence[int]) -> int | None:
    """The moment up to which SUPPORT lines speak for the log, or the lowest time of fewer; None before any."""
    known = [time for time in top if time > BEFORE_ALL]
    return known[-1] if known else None
