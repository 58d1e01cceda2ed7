"""unfelt's own part of the arena: the stream as the tallies that its guard decides by.

The bets are those of the live source: one per customer and fresh randomisation, with a fixed window, first in
first out; windows that a change of share cuts are left out in both arms, and still count as exposed.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
from population import Bools, Floats, Ints, Stream

from unfelt.adapters.sources import Split
from unfelt.kernel.tally import ANYTHING, Tally

METRIC = "failed"


@dataclass
class Open:
    """Bets that were opened in one tick, oldest first."""

    opened: Floats
    visit: Ints
    new: Bools
    propensity: Floats
    cut: float = np.inf


class Customers:
    """Those of one stream, as one rollout meets them."""

    def __init__(self, stream: Stream, *, observe: float, segments: bool = False) -> None:
        self._stream, self._observe, self._segments = stream, observe, segments
        people = len(stream.seat)
        self._low, self._high = np.zeros(people), np.ones(people)
        self._stretch = np.full(people, -1)
        self._number = 0
        self._share = 0.0
        self._open: deque[Open] = deque()
        self._failing: dict[int, list[Open]] = {}
        self._exposed = np.zeros(people, dtype=bool)
        self._hurt = np.zeros(people, dtype=bool)
        self.exposed = self.felt = 0
        self._first_bad = _first_bad(stream, observe)

    @property
    def affected(self) -> int:
        """Customers who met something bad on new that old would have spared them."""
        return int(self._hurt.sum())

    def move(self, share: float, *, now: float) -> None:
        """The router has another share from now on: windows that are open are cut, and fail no more."""
        self._share, self._number = share, self._number + 1
        for some in self._open:
            some.cut = min(some.cut, now)
        self._failing.clear()

    def step(self, since: float, until: float) -> dict[str, object]:
        """What one tick tells the guard."""
        some = self._stream.between(since, until)
        split = self._sight(some)
        closed = self._close(until)
        failed = self._fail(since, until)
        in_flight = sum(int(one.new.sum()) for one in self._open)
        return {
            "tallies": closed,
            "failures": failed,
            "splits": split,
            "exposed": self.exposed,
            "in_flight": in_flight,
            "felt": self.felt,
        }

    def _sight(self, some: slice) -> list[Split]:
        stream, share = self._stream, self._share
        visit = np.arange(some.start, some.stop)
        who = stream.who[some]
        new = stream.seat[who] < share
        self._hurt[who[new & stream.bad_new[some] & ~stream.bad_old[some]]] = True
        fresh = who[new][~self._exposed[who[new]]]
        self._exposed[fresh] = True
        self.exposed += len(np.unique(fresh))
        if not 0 < share <= 1 or not len(who):
            return []
        _, first = np.unique(who, return_index=True)
        first = first[self._stretch[who[first]] != self._number]
        if not len(first):
            return []
        visit, who, new = visit[first], who[first], new[first]
        self._stretch[who] = self._number
        low, high = self._low[who], self._high[who]
        propensity = np.clip((share - low) / np.maximum(high - low, 1e-300), 0.0, 1.0)
        self._low[who] = np.where(new, low, np.maximum(low, share))
        self._high[who] = np.where(new, np.minimum(high, share), high)
        order = np.argsort(visit)
        bets = Open(stream.time[visit[order]], visit[order], new[order], propensity[order])
        self._open.append(bets)
        fails = np.where(bets.new, self._first_bad[1][bets.visit], self._first_bad[0][bets.visit])
        for second in np.unique(np.floor(fails[np.isfinite(fails)])).astype(int).tolist():
            here = np.floor(fails) == second
            self._failing.setdefault(second, []).append(
                Open(fails[here], bets.visit[here], bets.new[here], bets.propensity[here])
            )
        good = (bets.propensity > 0) & (bets.propensity < 1)
        return [
            Split(
                q, int((~bets.new & (bets.propensity == q)).sum()), int((bets.new & (bets.propensity == q)).sum())
            )
            for q in np.unique(bets.propensity[good]).tolist()
        ]

    def _close(self, now: float) -> list[Tally]:
        tallies: list[Tally] = []
        while self._open and self._open[0].opened[0] + self._observe <= now:
            bets = self._open[0]
            due = bets.opened + self._observe <= now
            if not due.all():
                rest = Open(bets.opened[~due], bets.visit[~due], bets.new[~due], bets.propensity[~due], bets.cut)
                bets = Open(bets.opened[due], bets.visit[due], bets.new[due], bets.propensity[due], bets.cut)
                self._open[0] = rest
            else:
                self._open.popleft()
            fails = np.where(bets.new, self._first_bad[1][bets.visit], self._first_bad[0][bets.visit])
            bad = np.isfinite(fails)
            self.felt += int((bets.new & bad).sum())
            whole = (bets.opened + self._observe <= bets.cut) & (bets.propensity > 0) & (bets.propensity < 1)
            tallies += self._told(bets, bad, whole, counted=True)
            if not due.all():
                break
        return tallies

    def _fail(self, since: float, until: float) -> list[Tally]:
        tallies: list[Tally] = []
        for second in range(int(np.floor(since)), int(np.ceil(until))):
            for some in self._failing.get(second, ()):
                here = (
                    (some.opened >= since) & (some.opened < until) & (some.propensity > 0) & (some.propensity < 1)
                )
                tallies += self._told(some, here, here, counted=False)
            if second + 1 <= until:
                self._failing.pop(second, None)
        return tallies

    def _told(self, bets: Open, bad: Bools, chosen: Bools, *, counted: bool) -> list[Tally]:
        tallies = []
        for q in np.unique(bets.propensity[chosen]).tolist():
            of_q = chosen & (bets.propensity == q)
            for segment, group in self._groups(bets):
                for arm, side in (("new", bets.new), ("old", ~bets.new)):
                    here = of_q & group & side
                    n, x = int(here.sum()), int((here & bad).sum())
                    if n:
                        for metric in (METRIC, ANYTHING):
                            tallies.append(Tally(arm, q, None, segment, metric, n if counted else 0, x))  # type: ignore[arg-type]
        return tallies

    def _groups(self, bets: Open) -> list[tuple[str | None, Bools]]:
        everybody: list[tuple[str | None, Bools]] = [(None, np.ones(len(bets.new), dtype=bool))]
        if not self._segments:
            return everybody
        inside = self._stream.in_group[bets.visit]
        return [*everybody, ("group=a", inside), ("group=b", ~inside)]


def _first_bad(stream: Stream, observe: float) -> tuple[Floats, Floats]:
    """For each visit as the opening of a window: when its customer first fails in it, on old and on new."""
    order = np.lexsort((stream.time, stream.who))
    time, who = stream.time[order], stream.who[order]
    found = []
    for bad in (stream.bad_old[order], stream.bad_new[order]):
        next_bad = np.full(len(time), np.inf)
        coming, last = np.inf, -1
        for at in range(len(time) - 1, -1, -1):
            if who[at] != last:
                coming, last = np.inf, who[at]
            if bad[at]:
                coming = time[at]
            next_bad[at] = coming if coming < time[at] + observe else np.inf
        back = np.empty(len(time))
        back[order] = next_bad
        found.append(back)
    return found[0], found[1]
