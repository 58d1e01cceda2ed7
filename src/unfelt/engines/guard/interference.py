"""Does new disturb old? What old goes through around a change of share."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from unfelt.kernel.chance import no_difference_tail

WORSE = 1e-4
"""The chance at which old counts as worse than before the widening; looked at for three windows after it."""

RECOVERED = 1e-3
"""The chance at which old counts as recovered after the halving."""

_AT_LEAST_TIMES = 2.0
_WINDOWS = 3.0

Phase = Literal["watch", "halved", "back", "elsewhere"]


@dataclass(frozen=True, slots=True)
class Rate:
    """Customers whose window closed, and the bad ones among them."""

    n: float = 0.0
    bad: float = 0.0

    def plus(self, other: "Rate") -> "Rate":
        """Both together."""
        return Rate(self.n + other.n, self.bad + other.bad)

    def is_worse_than(self, other: "Rate", *, chance: float) -> bool:
        """At least twice the rate, and chance would hardly do that (hypergeometric, as Fisher's exact test)."""
        if not self.n or not other.n or self.bad * other.n < _AT_LEAST_TIMES * other.bad * self.n:
            return False
        counts = (int(self.bad), int(self.n), int(other.bad), int(other.n))
        return no_difference_tail(*counts) <= chance


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Old before the last change of share, since it, and when it was at its worst; and what was made of it.

    share: where the router was at the last tick. target: the share it was halved to. since: when this began.
    """

    before: Rate = Rate()
    now: Rate = Rate()
    new: Rate = Rate()
    worst: Rate = Rate()
    phase: Phase = "watch"
    share: float | None = None
    target: float | None = None
    widened: bool = False
    since: datetime | None = None


def watch_neighbour(
    state: Neighbour, *, old: Rate, new: Rate, share: float | None, at: datetime, lead: float
) -> Neighbour:
    """One tick on: `old` and `new` are what closed. Windows that straddle a change of share are not among them."""
    if not share:
        return Neighbour()
    if share != state.share:
        state = _moved(state, share=share, at=at)
    state = replace(state, now=state.now.plus(old), new=state.new.plus(new))
    late = state.since is not None and at - state.since > timedelta(seconds=_WINDOWS * lead)
    if state.phase == "watch":
        return state if late else _suspect(state)
    if state.phase == "halved" and share == state.target:
        return _recheck(state, late=late, at=at)
    return replace(state, phase="watch") if state.phase == "elsewhere" and late else state


def _moved(state: Neighbour, *, share: float, at: datetime) -> Neighbour:
    widened = state.share is not None and 0 < state.share < share
    before = state.now if state.phase != "halved" else state.before
    return replace(state, before=before, now=Rate(), new=Rate(), share=share, widened=widened, since=at)


def _suspect(state: Neighbour) -> Neighbour:
    """Old and new are both worse than old was before the widening: halve."""
    both = state.now.is_worse_than(state.before, chance=WORSE) and state.new.is_worse_than(
        state.before, chance=WORSE
    )
    if not state.widened or state.share is None or not both:
        return state
    return replace(state, phase="halved", worst=state.now, target=state.share / 2)


def _recheck(state: Neighbour, *, late: bool, at: datetime) -> Neighbour:
    if state.worst.is_worse_than(state.now, chance=RECOVERED):
        return replace(state, phase="back")
    return replace(state, phase="elsewhere", since=at) if late else state
