"""How bad old was lately, cell by cell: what the next bets are made with while customers are moved."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from unfelt.engines.guard.cells import Layout
from unfelt.kernel.harmed import Harmed
from unfelt.kernel.labelgrid import past_rate
from unfelt.kernel.margins import Floats

LASTS = 200.0
"""So many failures of old say how bad it is by now; older ones fade, or an outage would be bet on for hours."""
CHANGED = 0.05
"""A rate that is another by less stays: it costs next to no power."""

MOST = 0.5
"""No more is guessed, however bad it is."""


@dataclass(frozen=True, slots=True)
class Past:
    """Customers of old and the bad ones: of this block since `begun`, of the one before, and lately: (cells, 2).

    plugs: the rates that follow, 0 where none does yet: (cells,). worse: how many times as bad old is by now while
    something hits both versions, as was `heard` when nobody had come yet who is bet on now; `block` then is all
    since that began.
    """

    block: Floats
    held: Floats
    lately: Floats
    plugs: Floats
    begun: datetime | None = None
    worse: float | None = None
    heard: float | None = None
    heard_at: datetime | None = None

    @classmethod
    def begin(cls, cells: int) -> "Past":
        """Nothing seen."""
        blank = np.zeros((cells, 2))
        return cls(blank, blank, blank, np.zeros(cells))

    def advance(
        self, old: Floats, layout: Layout, *, at: datetime, block: float, worse: float | None, lead: float
    ) -> "Past":
        """One tick on: `old` closed since the last one, (cells, 2). worse: so many times as bad as lately by now.

        That is known from failures as they happen, of customers who are bet on later: it counts once all who had
        come by then have closed, which they have after `lead` seconds.
        What closes while something hits both versions is bet on with the rates of that time, and left out of those
        of later. Any rate from before the customers that are bet on leaves the bets fair; a fitting one gives them
        power, and costs nothing where there is none to be had.
        """
        if self.heard_at is None or at - self.heard_at >= timedelta(seconds=lead):
            return replace(self, heard=worse, heard_at=at)._counted(
                old, layout, at=at, block=block, worse=self.heard
            )
        return self._counted(old, layout, at=at, block=block, worse=self.worse)

    def _counted(self, old: Floats, layout: Layout, *, at: datetime, block: float, worse: float | None) -> "Past":
        is_new = (self.worse is None) != (worse is None)
        seen = old if is_new else self.block + old
        if worse is not None:
            plugs = _rough(seen, self.lately, layout, times=worse)
            return replace(self, block=seen, held=np.zeros_like(old), plugs=plugs, begun=at, worse=worse)
        here = replace(self, block=seen, begun=self.begun or at, worse=None)
        if not is_new and at - (here.begun or at) < timedelta(seconds=block):
            return here
        lately = self.lately + self.held
        lately = lately * (LASTS / np.maximum(lately[:, 1], LASTS))[:, None]
        plugs = _renewed(self.plugs, lately, layout)
        return replace(here, block=np.zeros_like(old), held=here.block, lately=lately, plugs=plugs, begun=at)


def with_rates_of_now(harmed: Harmed, *, times: float) -> Harmed:
    """The bound on who was made worse, its next bets made with old's means times so many: those of now.

    Any means from before the customers that are bet on leave the bound right; those of an outage are noise in it.
    """
    means = np.concatenate([harmed.bad0, harmed.up0], axis=1) / np.maximum(harmed.n0, 1.0)[:, None] * times
    is_new = np.abs(means - harmed.means) > CHANGED * harmed.means
    return replace(harmed, means=np.where(is_new, means, harmed.means))


def _rough(seen: Floats, lately: Floats, layout: Layout, *, times: float) -> Floats:
    """The rates while something hits both: so many times what they were, and more and more what is seen."""
    n, bad = lately.T
    guess = np.minimum(past_rate(bad, n, prior=layout.prior) * times, MOST)
    return past_rate(seen[:, 1], seen[:, 0], prior=guess)


def _renewed(plugs: Floats, lately: Floats, layout: Layout) -> Floats:
    """The rates where they have changed; a group's is drawn towards everybody's."""
    n, bad = lately.T
    everybody = past_rate(bad, n, prior=layout.prior)[layout.whole]
    found = past_rate(bad, n, prior=everybody)
    is_new = (lately[layout.whole, 0] > 0) & (np.abs(found - plugs) > CHANGED * plugs)
    result: Floats = np.where(is_new, found, plugs)
    return result
