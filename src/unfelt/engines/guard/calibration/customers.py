"""The customers of a record as one rollout meets them: who is on new, and what the guard is told of it.

The bets are those of the live source: one per customer and fresh randomisation, with fixed windows, first in first
out; windows that a change of share cuts are left out in both arms, and still count as exposed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.engines.guard.calibration.visits import Asked, Bools, Experience, Floats, Ints, Visits
from unfelt.kernel.tally import ANYTHING, Arm, Tally, binned_name, together_name


@dataclass(frozen=True, slots=True)
class Due:
    """Bets of which something is told: their visits, arms, propensities, and whether it was bad."""

    visit: Ints
    new: Bools
    propensity: Floats
    bad: Bools

    def where(self, chosen: Bools) -> "Due":
        """Those."""
        return Due(self.visit[chosen], self.new[chosen], self.propensity[chosen], self.bad[chosen])


class Customers:
    """One rollout over the record; time goes from step to step."""

    def __init__(
        self,
        visits: Visits,
        asked: Sequence[Asked],
        worlds: tuple[Experience, Experience],
        *,
        seats: Floats,
        harmful: Bools,
        tick: float,
        grace: float = 0.0,
    ) -> None:
        """worlds: what old and new make of each visit. seats: each customer's place in [0, 1), (people,).

        harmful: whether new does the customer of a visit harm that old would have spared, (visits,).
        """
        self._visits, self._asked, self._worlds, self._seats = visits, tuple(asked), worlds, seats
        self._harmful, self._tick, self._grace = harmful, tick, grace
        people, most = visits.people, len(visits.time)
        self._low, self._high = np.zeros(people), np.ones(people)
        self._stretch, self._number, self._share = np.full(people, -1), 0, 0.0
        self._visit, self._new = np.zeros(most, dtype=np.int64), np.zeros(most, dtype=bool)
        self._propensity, self._cut = np.zeros(most), np.full(most, np.inf)
        self._opened, self._count = np.zeros(most), 0
        self._closed = dict.fromkeys((*(one.name for one in asked), ANYTHING), 0)
        self._failing: dict[int, list[tuple[int, Due]]] = {}
        self._exposed, self._hurt = np.zeros(people, dtype=bool), np.zeros(people, dtype=bool)
        self._in_flight = self.exposed = self.felt = 0
        self._affecting = [i for i, one in enumerate(asked) if one.affects]
        self._longest = max(asked[i].observe for i in self._affecting)
        self._anything = tuple(world.fails[self._affecting].min(axis=0) for world in worlds)

    @property
    def affected(self) -> int:
        """Customers whom new did harm that old would have spared them."""
        return int(self._hurt.sum())

    def move(self, share: float, *, now: float) -> None:
        """The router has another share from now on: windows that are open are cut, and fail no more."""
        self._share, self._number = share, self._number + 1
        still = slice(min(self._closed.values()), self._count)
        self._cut[still] = np.minimum(self._cut[still], now)
        self._failing.clear()

    def step(self, since: float, until: float) -> dict[str, Any]:
        """What one tick tells the guard, as `observe` takes it."""
        splits = self._sight(self._visits.between(since, until))
        return {
            "tallies": list(self._close(until)),
            "failures": list(self._fail(since, until)),
            "splits": splits,
            "exposed": self.exposed,
            "in_flight": self._in_flight,
            "felt": self.felt,
        }

    def _sight(self, some: slice) -> list[Split]:
        share, who = self._share, self._visits.who[some]
        new = self._seats[who] < share
        self._hurt[who[new & self._harmful[some]]] = True
        fresh = np.unique(who[new & ~self._exposed[who]])
        self._exposed[fresh] = True
        self.exposed += len(fresh)
        if not share or not len(who):
            return []
        _, first = np.unique(who, return_index=True)
        first = np.sort(first[self._stretch[who[first]] != self._number])
        return self._open(some.start + first, who[first], new[first]) if len(first) else []

    def _open(self, visit: Ints, who: Ints, new: Bools) -> list[Split]:
        """Bets of customers who are met for the first time at this share."""
        share = self._share
        self._stretch[who] = self._number
        low, high = self._low[who], self._high[who]
        propensity = np.clip((share - low) / np.maximum(high - low, 1e-300), 0.0, 1.0)
        self._low[who] = np.where(new, low, np.maximum(low, share))
        self._high[who] = np.where(new, np.minimum(high, share), high)
        here = slice(self._count, self._count + len(visit))
        self._visit[here], self._new[here], self._propensity[here] = visit, new, propensity
        self._opened[here] = self._visits.time[visit]
        self._count = here.stop
        self._in_flight += int(new.sum())
        drawn = (propensity > 0) & (propensity < 1)
        self._foresee(visit[drawn], new[drawn], propensity[drawn])
        return [
            Split(q, int((~new & (propensity == q)).sum()), int((new & (propensity == q)).sum()))
            for q in np.unique(propensity[drawn]).tolist()
        ]

    def _foresee(self, visit: Ints, new: Bools, propensity: Floats) -> None:
        """The failures of these bets are told when they happen, if no change of share comes first."""
        for i in (*range(len(self._asked)), -1):
            fails = self._fails(i, visit, new)
            known = np.isfinite(fails)
            ticks = np.floor(fails[known] / self._tick).astype(int)
            due = Due(visit[known], new[known], propensity[known], np.ones(int(known.sum()), dtype=bool))
            for tick in np.unique(ticks).tolist():
                self._failing.setdefault(tick, []).append((i, due.where(ticks == tick)))

    def _fails(self, question: int, visit: Ints, new: Bools) -> Floats:
        """When the windows of these visits become bad; question -1 is anything."""
        old_world, new_world = (
            self._anything if question < 0 else tuple(world.fails[question] for world in self._worlds)
        )
        result: Floats = np.where(new, new_world[visit], old_world[visit])
        return result

    def _close(self, now: float) -> Iterator[Tally]:
        for i, one in enumerate(self._asked):
            due, whole = self._due(i, one.name, one.observe, now)
            if one.is_score:
                yield from self._scored(one.name, i, due.where(whole))
            else:
                yield from self._told(one.name, due.where(whole), counted=True)
        due, whole = self._due(-1, ANYTHING, self._longest, now)
        self._in_flight -= int(due.new.sum())
        self.felt += int((due.new & due.bad).sum())
        yield from self._told(ANYTHING, due.where(whole), counted=True)
        if len(self._affecting) > 1:
            yield from self._together(due.where(whole & due.bad))

    def _together(self, due: Due) -> Iterator[Tally]:
        """Those who met exactly the same metrics."""
        met = np.array([np.isfinite(self._fails(i, due.visit, due.new)) for i in self._affecting])
        for pattern in np.unique(met, axis=1).T:
            names = [self._asked[i].name for i, is_met in zip(self._affecting, pattern, strict=True) if is_met]
            yield from self._told(together_name(names), due.where((pattern == met.T).all(axis=1)), counted=True)

    def _due(self, question: int, name: str, observe: float, now: float) -> tuple[Due, Bools]:
        """The bets whose window of that question is over now, and which of them count."""
        start = self._closed[name]
        opened = self._opened[start : self._count]
        end = start + int(np.searchsorted(opened, now - observe - self._grace, side="right"))
        here = slice(start, end)
        self._closed[name] = end
        visit, new, propensity = self._visit[here], self._new[here], self._propensity[here]
        bad = np.isfinite(self._fails(question, visit, new))
        whole = (self._opened[here] + observe <= self._cut[here]) & (propensity > 0) & (propensity < 1)
        return Due(visit, new, propensity, bad), whole

    def _fail(self, since: float, until: float) -> Iterator[Tally]:
        first, last = round(since / self._tick), round(until / self._tick)
        for tick in range(first, last):
            for question, due in self._failing.pop(tick, ()):
                name = ANYTHING if question < 0 else self._asked[question].name
                yield from self._told(name, due, counted=False)

    def _told(self, name: str, due: Due, *, counted: bool) -> Iterator[Tally]:
        for q in np.unique(due.propensity).tolist():
            for arm, side in _ARMS:
                here = due.where((due.propensity == q) & (due.new == side))
                if len(here.visit):
                    yield from self._cells(name, arm, q, here, counted=counted)

    def _cells(self, name: str, arm: Arm, q: float, due: Due, *, counted: bool) -> Iterator[Tally]:
        n, bad = len(due.visit) if counted else 0, int(due.bad.sum())
        yield Tally(arm, q, None, None, name, n, bad)
        for by, places in self._visits.groups.items():
            values = self._visits.values[by]
            all_of = np.bincount(places[due.visit], minlength=len(values)).tolist()
            bad_of = np.bincount(places[due.visit[due.bad]], minlength=len(values)).tolist()
            for value, n_of, x_of in zip(values, all_of, bad_of, strict=True):
                if n_of:
                    yield Tally(arm, q, None, f"{by}={value}", name, n_of if counted else 0, x_of)
        if counted:
            for peak, is_in in self._visits.peaks.items():
                inside = is_in[due.visit]
                if inside.any():
                    yield Tally(arm, q, peak, None, name, int(inside.sum()), int((inside & due.bad).sum()))

    def _scored(self, name: str, question: int, due: Due) -> Iterator[Tally]:
        old_world, new_world = (world.bins[question] for world in self._worlds)
        bins = np.where(due.new, new_world[due.visit], old_world[due.visit])
        for place in np.unique(bins).tolist():
            here = due.where(bins == place)
            none = Due(here.visit, here.new, here.propensity, np.zeros(len(here.visit), dtype=bool))
            yield from self._told(binned_name(name, place), none, counted=True)


_ARMS: tuple[tuple[Arm, bool], ...] = (("new", True), ("old", False))
