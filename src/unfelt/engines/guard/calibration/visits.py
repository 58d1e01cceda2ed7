"""A record of visits, and what a window that opens at each of them would hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from unfelt.kernel.tally import LAST_BIN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: its name in tallies, its window in seconds, and how often it has to happen."""

    name: str
    observe: float
    times: int = 1
    is_score: bool = False
    affects: bool = True


@dataclass(frozen=True)
class Visits:
    """Requests in order of time.

    time: seconds since the record began, (visits,). who: customers as numbers from 0, (visits,). groups: for each
    segment column the place of the value in `values`, (visits,). peaks: for each stratum, whether the visit is in
    it, (visits,).
    """

    time: Floats
    who: Ints
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    groups: Mapping[str, Ints] = field(default_factory=dict)
    peaks: Mapping[str, Bools] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """How many customers there are."""
        return int(self.who.max(initial=-1)) + 1

    def between(self, since: float, until: float) -> slice:
        """The visits in [since, until)."""
        low, high = np.searchsorted(self.time, (since, until))
        return slice(int(low), int(high))


@dataclass(frozen=True, slots=True)
class Experience:
    """What a window tells that opens at each visit, for each question, where all requests are of one version.

    fails: the time at which it has become bad, infinite where it does not: (questions, visits). bins: of a score,
    0 to 20; 0 for other questions: (questions, visits).
    """

    fails: Floats
    bins: Ints

    @classmethod
    def of(cls, visits: Visits, asked: Sequence[Asked], bad: Sequence[Bools | Floats]) -> "Experience":
        """bad: for each question whether each request is bad, (visits,), or its score."""
        order = np.lexsort((visits.time, visits.who))
        time, who = visits.time[order], visits.who[order]
        fails, bins = np.full((len(asked), len(time)), np.inf), np.zeros((len(asked), len(time)), dtype=np.int64)
        for i, (one, answers) in enumerate(zip(asked, bad, strict=True)):
            if one.is_score:
                bins[i, order] = _worst(time, who, np.asarray(answers, dtype=float)[order], one.observe)
            else:
                fails[i, order] = _nth(time, who, np.asarray(answers, dtype=bool)[order], one)
        return cls(fails, bins)

    def mixed(self, other: "Experience", is_other: Bools) -> "Experience":
        """This one, with the other's at the visits where `is_other`, (visits,)."""
        return Experience(np.where(is_other, other.fails, self.fails), np.where(is_other, other.bins, self.bins))


def _nth(time: Floats, who: Ints, bad: Bools, one: Asked) -> Floats:
    """When the customer of each visit has met so many bad requests within the window; customers lie together."""
    places = np.flatnonzero(bad)
    at = np.searchsorted(places, np.arange(len(time))) + one.times - 1
    found = places[np.minimum(at, max(len(places) - 1, 0))] if len(places) else np.zeros(len(time), dtype=np.int64)
    inside = (at < len(places)) & (who[found] == who) & _is_within(time[found], time, one.observe)
    result: Floats = np.where(inside, time[found], np.inf)
    return result


def _worst(time: Floats, who: Ints, scores: Floats, observe: float) -> Ints:
    """The bin of the largest score that the customer of each visit meets within the window."""
    if not len(time):
        return np.zeros(0, dtype=np.int64)
    span = float(time.max() - time.min()) + observe + 1.0
    keys = who * span + (time - time.min())
    ends = np.searchsorted(keys, keys + observe, side="left")
    ends = np.maximum(ends, np.arange(len(time)) + 1)
    pairs = np.stack([np.arange(len(time)), ends], axis=1).ravel()
    padded = np.append(np.clip(scores, 0.0, 1.0), 0.0)
    largest = np.maximum.reduceat(padded, pairs)[::2]
    result: Ints = np.rint(LAST_BIN * largest).astype(np.int64)
    return result


def _is_within(found: Floats, opened: Floats, observe: float) -> Bools:
    """A window of length zero holds the moment it opens."""
    inside: Bools = (found < opened + observe) | (found == opened)
    return inside
