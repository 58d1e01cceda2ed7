"""Where customers are: the router, the lease that keeps some of them on `new`, and the epochs between moves."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from unfelt.adapters.routers import Position, RouterError, RouterState, WatchedRouter
from unfelt.adapters.sources import Epoch, Lapse
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.rollout.clock import Clock
from unfelt.rollout.decide import Order, State, rollout_of
from unfelt.rollout.journal import Fixed, Journal

PHASES = {
    State.BASELINE: "baseline",
    State.PROMOTING: "promoted",
    State.SOAKING: "promoted",
    State.DONE: "settled",
}
"""The phase that the router is in; in any other state it watches."""
CLOSE = 0.5e-6
"""Half of the finest step of a share."""


class Lease(Protocol):
    """The right to keep customers on `new`; it runs out by itself."""

    def open(self) -> str: ...
    def extend(self, seconds: float) -> None: ...
    def close(self) -> None: ...
    def alive(self) -> bool: ...
    def remaining(self) -> float: ...


@dataclass(slots=True)
class Traffic:
    """The router and the lease of one rollout, and what the records say about both."""

    change: Change
    journal: Journal
    router: WatchedRouter
    lease: Lease
    clock: Clock
    seed: str
    """What customers are drawn by: its own for each revision and attempt."""
    epochs: tuple[Epoch, ...] = ()
    lapses: tuple[Lapse, ...] = ()
    closed: bool = False
    """The lease was closed to go back: it is not opened again."""
    back_since: datetime | None = None
    """When the router said that everybody is on `old`."""
    _path: str | None = field(init=False, default=None)
    _restarts: int = field(init=False, default=0)
    _first: int = field(init=False, default=1)
    """No epoch of this rollout has the number of one that the router was in before."""
    _extended: bool = field(init=False, default=False)
    """The lease in force has been extended at least once."""
    _unwritten: Lapse | None = field(init=False, default=None)
    """A lapse that is not on record yet, or the router not at share 0 yet: it goes on until both are done."""
    _good: datetime = field(init=False)
    """Until when customers were known to be where they belong."""

    def start(self) -> None:
        """The router runs, adopted as it is or started at share 0, under a lease that is not yet alive."""
        state = self.router.start()
        self._restarts, self._first = state.restarts, state.position.epoch + 1
        self._path = self.lease.open()
        self._good = self.clock.now()
        self.refresh()

    def refresh(self) -> None:
        """The epochs and lapses are those on record."""
        self.epochs = self.journal.epochs()
        self.lapses = self.journal.lapses()

    def untrusted(self) -> tuple[Lapse, ...]:
        """The times that cannot be trusted: those on record, and one that is not there yet."""
        return self.lapses if self._unwritten is None else (*self.lapses, self._unwritten)

    # The lease

    def extend(self, *, at: datetime) -> None:
        """Customers may stay on `new`: a look at `at` was complete and is on record. What lapsed stays lapsed."""
        if not self.closed and self._unwritten is None and (self.lease.alive() or not self._extended):
            self.lease.extend(rollout_of(self.change).lease.total_seconds())
            self._good, self._extended = at, True

    def lapse(self) -> Lapse | None:
        """The time since which customers may not be where the records say, or None: all is as it was put."""
        if self._unwritten is not None and not self.closed:
            return replace(self._unwritten, ended=self.clock.now())
        state = self.router.state()
        if self.closed or not state.alive or _is_settled(state.position):
            return None
        why = self._why(state)
        return Lapse(self._good, self.clock.now(), why) if why else None

    def _why(self, state: RouterState) -> str | None:
        if state.restarts != self._restarts:
            return "the router was started again"
        if self._extended and not self.lease.alive():
            return "the lease ran out"
        if self.epochs and not _is_at(state.position, self.epochs[-1]):
            return "the router was not where the records had it"
        return None

    def is_settled(self) -> bool:
        """The router has customers on `new` for good: past this point nobody is moved without being asked."""
        return _is_settled(self.router.state().position)

    def can_carry(self, order: Order) -> bool:
        """Whether the router sees a lease that runs, or the order needs none: nobody more would be on `new`."""
        here = self.epochs[-1].share if self.epochs else 0.0
        if order.share <= here:
            return True
        state = self.router.state()
        return state.lease_alive or (order.state is State.DONE and _is_settled(state.position))

    # Moving

    def begin_baseline(self) -> None:
        """Both groups are assigned and logged, all on old."""
        self.router.forget_log()
        share = rollout_of(self.change).largest_share
        self.move(Order(State.BASELINE, share, Message("both groups are assigned and logged, all on old")))

    def move(self, order: Order, *, fixed: Fixed | None = None) -> None:
        """The router is where the order wants it; on record before and after, with the segments then fixed."""
        position = self._position(order)
        self.journal.intend(order, epoch=position.epoch, at=self.clock.now())
        applied = self.router.move(position)
        self.journal.moved(order, _epoch(position, applied), at=applied, fixed=fixed)
        self.refresh()

    def settle(self, order: Order) -> Epoch:
        """The router has its customers on `new` without a lease: from here on stopping unfelt moves nobody."""
        position = self._position(order)
        self.journal.intend(order, epoch=position.epoch, at=self.clock.now())
        return _epoch(position, self.router.move(position))

    def go_back(self) -> RouterError | None:
        """First the lease, which needs neither disk nor database; then the router; the record comes later.

        Returns why the router did not confirm it; the closed lease has put everybody on `old` all the same.
        """
        self.closed = True
        self.lease.close()
        if self.back_since is not None:
            return None
        try:
            self.back_since = self.router.move(
                Position(self.next_epoch(), "watch", 0.0, self._salt("watch"), None)
            )
        except RouterError as error:
            return error
        return None

    def reopen(self) -> None:
        """Going back was for a decision that does not stand: the next lapse puts everything right."""
        self.closed, self.back_since = False, None

    def back_epoch(self) -> Epoch:
        """The time since everybody is on `old` again."""
        since = self.back_since or self.clock.now()
        return Epoch(self.next_epoch(), "watch", 0.0, self._salt("watch"), since)

    def start_over(self, lapse: Lapse, *, baseline: bool) -> None:
        """A lapse latches: share 0 under a new lease, and on record, before anybody goes to `new` again."""
        self._unwritten = replace(lapse, ended=None)
        self._path = self.lease.open()
        state = self.router.state()
        self._restarts, self._extended = state.restarts, False
        phase, share = ("baseline", rollout_of(self.change).largest_share) if baseline else ("watch", 0.0)
        # An epoch that the router reached and the records did not is never used for anything else.
        number = max(self.next_epoch(), state.position.epoch + 1)
        position = Position(number, phase, share, self._salt(phase), self._path)
        self.journal.lapsed(lapse, _epoch(position, self.router.move(position)))
        self._good, self._unwritten = self.clock.now(), None
        self.refresh()

    def next_epoch(self) -> int:
        """The number after the newest on record."""
        return self.epochs[-1].number + 1 if self.epochs else self._first

    def _position(self, order: Order) -> Position:
        phase = PHASES.get(order.state, "watch")
        lease = None if order.final else self._path
        return Position(self.next_epoch(), phase, order.share, self._salt(phase), lease)

    def _salt(self, phase: str) -> str:
        """Baseline and rollout draw customers afresh; one rollout keeps each in place."""
        return salt_of(self.seed, phase)


def salt_of(seed: str, phase: str) -> str:
    """What customers are drawn by in that phase."""
    part = "baseline" if phase == "baseline" else "rollout"
    return hashlib.sha256(f"{seed}|{part}".encode()).hexdigest()[:16]


def _epoch(position: Position, applied: datetime) -> Epoch:
    return Epoch(position.epoch, position.phase, position.share, position.salt, applied)


def _is_settled(position: Position) -> bool:
    return position.phase == PHASES[State.DONE] and position.share > 0


def _is_at(position: Position, epoch: Epoch) -> bool:
    return position.epoch == epoch.number and abs(position.share - epoch.share) < CLOSE
