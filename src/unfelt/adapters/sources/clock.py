"""The log's own clock: it only goes on, unless the machine's clock was really set back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IN_A_ROW = 8
"""So many lines begun in a row must be behind before the clock counts as set back; a stray one is only late."""


@dataclass(frozen=True, slots=True)
class Step:
    """Where the clock was set back: before line `line` (counted from 0), or nowhere.

    `behind` lines at the end may lead up to it.
    """

    line: int | None
    behind: int


def find_step(
    times: NDArray[np.int64], begun: NDArray[np.bool_], *, last: int | None, behind: int, slack: int
) -> Step:
    """The line that completes eight in a row begun more than `slack` microseconds behind the highest time."""
    if times.size == 0:
        return Step(None, behind)
    floor = np.iinfo(np.int64).min if last is None else last
    highest = np.maximum(np.maximum.accumulate(times), floor)
    late = begun & (times < highest - slack)
    if not late.any():
        return Step(None, 0 if begun.any() else behind)
    for line in np.flatnonzero(begun):
        behind = behind + 1 if late[line] else 0
        if behind == IN_A_ROW:
            return Step(int(line), 0)
    return Step(None, behind)
