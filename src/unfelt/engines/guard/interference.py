"""What old goes through: does something hit both versions, and does new disturb old?"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from unfelt.kernel.chance import no_difference_tail

SUDDEN = 1e-6
"""The chance at which old counts as worse than it was: looked at at every tick."""
TOGETHER = 1e-2
"""The chance at which new counts as worse together with old."""
SLOWLY = 1e-3
"""The chance at which old counts as worse than at its best, over its last failures."""
RECOVERED = 1e-3
"""The chance at which old counts as better than at its worst."""
STILL = 0.05
"""The chance at which old counts as no better than it was when that began."""

AT_LEAST_TIMES = 2.0
"""What is sudden is at least so many times as bad."""
DRIFTED = 1.5
"""Old has drifted where it is so many times as bad as at its best, and …"""
RETURNED = 1.25
"""… is back where it is less than that."""
LASTS = 60.0
"""So many failures of old say how bad it is by now; older ones fade."""
ENOUGH = 3.0
"""So many failures of one tick say how bad it is by now, before a block is over."""
TWICE = 2
"""So often in a row must old get worse with a widening and recover without new: once is chance."""

_WINDOWS = 3.0

Phase = Literal["watch", "worse", "back"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Customers who came, and failures as they happened."""

    n: float = 0.0
    bad: float = 0.0

    def plus(self, other: "Rate") -> "Rate":
        """Both together."""
        return Rate(self.n + other.n, self.bad + other.bad)

    @property
    def share(self) -> float:
        """How many failures for each customer; 0 where nobody came."""
        return self.bad / self.n if self.n else 0.0

    def faded(self) -> "Rate":
        """Of the same rate, and no more than LASTS failures."""
        part = LASTS / max(self.bad, LASTS)
        return Rate(self.n * part, self.bad * part)

    def is_worse_than(self, other: "Rate", *, chance: float, times: float = AT_LEAST_TIMES) -> bool:
        """At least so many times the rate, and chance would hardly do that (hypergeometric, as Fisher's test)."""
        if not self.n or not other.n or self.bad * other.n < times * other.bad * self.n or not self.bad:
            return False
        counts = (int(min(self.bad, self.n)), int(self.n), int(min(other.bad, other.n)), int(other.n))
        return no_difference_tail(*counts) <= chance


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Old and new by blocks of time, and what was made of it.

    old, new: this block, since `begun`; held: old's block before it. lately: the last failures of old before them;
    best: the same when it was at its best. worst: old's worst block while it is `worse`. share: where the router
    was at the last tick; wide: before it was lowered. moved: when it moved last, upwards if `widened`. soon:
    it got worse soon after a widening. times: so often in a row it did, and recovered without new.
    """

    old: Rate = Rate()
    new: Rate = Rate()
    held: Rate = Rate()
    lately: Rate = Rate()
    best: Rate = Rate()
    worst: Rate = Rate()
    phase: Phase = "watch"
    drifted: bool = False
    share: float | None = None
    wide: float = 0.0
    widened: bool = False
    soon: bool = False
    times: int = 0
    begun: datetime | None = None
    moved: datetime | None = None

    @property
    def before(self) -> float:
        """How bad old was before that, or at its best where it has drifted."""
        return self.lately.share if self.phase == "worse" else self.best.share

    @property
    def by_now(self) -> float:
        """How bad it is."""
        return self.worst.share if self.phase == "worse" else self.lately.share

    @property
    def times_worse(self) -> float | None:
        """How many times as bad it is since it got worse suddenly; None while it has not."""
        return self.worst.share / max(self.lately.share, 1e-6) if self.phase == "worse" else None


def watch_neighbour(
    state: Neighbour, *, old: Rate, new: Rate, share: float | None, at: datetime, lead: float
) -> Neighbour:
    """One tick on: `old` and `new` are who came and what failed since the last one. lead: seconds of a window."""
    if not share:
        return Neighbour()
    if share != state.share:
        state = _moved(state, share=share, at=at)
    state = replace(state, old=state.old.plus(old), new=state.new.plus(new))
    late = state.moved is not None and at - state.moved > timedelta(seconds=_WINDOWS * lead)
    if state.phase == "watch" and _is_sudden(state):
        soon = state.widened and not late
        just_now = old if old.bad >= ENOUGH else state.old
        worst = max(state.old, just_now, key=lambda rate: rate.share)
        state = replace(state, phase="worse", held=Rate(), worst=worst, soon=soon)
    begun = state.begun or at
    if at - begun < timedelta(seconds=block_of(lead)):
        return state
    return _recheck(state, late=late, at=at) if state.phase == "worse" else _calm(state, late=late, at=at)


def block_of(lead: float) -> float:
    """Seconds that are looked at together: of a window, a minute at most."""
    return min(lead, 60.0)


def _moved(state: Neighbour, *, share: float, at: datetime) -> Neighbour:
    widened = state.share is not None and 0 < state.share < share
    wide = share if state.phase == "watch" and not state.drifted else max(share, state.wide)
    blank = replace(state, old=Rate(), new=Rate(), held=Rate(), begun=at)
    if state.phase == "watch":
        blank = replace(blank, held=state.old, lately=state.lately.plus(state.held).faded())
    return replace(blank, share=share, wide=wide, widened=widened, moved=at)


def _is_sudden(state: Neighbour) -> bool:
    """Old is worse than before, and new with it."""
    return state.old.is_worse_than(state.lately, chance=SUDDEN) and state.new.is_worse_than(
        state.lately, chance=TOGETHER
    )


def _calm(state: Neighbour, *, late: bool, at: datetime) -> Neighbour:
    """A block is over in which nothing sudden happened: what came before it counts as calm."""
    lately = state.lately.plus(state.held).faded()
    best = lately if _is_better(lately, state.best) else state.best
    times = 0 if late and state.widened else state.times
    drifted = lately.is_worse_than(best, chance=SLOWLY, times=DRIFTED) or (
        state.drifted and lately.share >= RETURNED * best.share
    )
    return replace(
        state,
        old=Rate(),
        new=Rate(),
        held=state.old,
        lately=lately,
        best=best,
        drifted=drifted,
        times=times,
        begun=at,
    )


def _is_better(lately: Rate, best: Rate) -> bool:
    """Until a third of LASTS is there the best is all that is known."""
    return best.bad < LASTS / 3 or lately.share < best.share


def _recheck(state: Neighbour, *, late: bool, at: datetime) -> Neighbour:
    """A block is over since it got worse: still so, recovered, or not to be told yet."""
    blank = replace(state, old=Rate(), new=Rate(), begun=at, soon=state.soon and not late)
    if state.old.is_worse_than(state.lately, chance=STILL):
        return replace(blank, worst=max(state.old, state.worst, key=lambda rate: rate.share))
    if not state.worst.is_worse_than(state.old, chance=RECOVERED):
        return replace(state, soon=state.soon and not late)
    times = state.times + 1 if state.soon and not state.widened and not late else 0
    return replace(blank, phase="back" if times >= TWICE else "watch", times=times, soon=False)
