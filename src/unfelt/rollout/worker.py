"""The guard at work on one rollout: it reads, decides, acts and writes down, tick after tick."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db import DatabaseError

from unfelt.adapters.routers import Position, Router, RouterError, RouterState
from unfelt.adapters.sources import Batch, Epoch, Lapse, RetryableSourceError, Source
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import Guard
from unfelt.rollout.clock import Clock, Drift
from unfelt.rollout.decide import MOVING, Order, Standing, State, next_order, rollout_of
from unfelt.rollout.journal import Journal, Tick
from unfelt.rollout.status import status_of
from unfelt.engines.guard.trouble import Reading, trouble_of

MOST_SEGMENTS = 12
"""Values of one segment that get a cell of their own; the rest is `other`."""
PHASES = {
    State.BASELINE: "baseline",
    State.PROMOTING: "promoted",
    State.SOAKING: "promoted",
    State.DONE: "settled",
}
"""The phase that the router is in; in any other state it watches."""


class Lease(Protocol):
    """The right to keep customers on `new`; it runs out by itself."""

    def open(self) -> str: ...
    def extend(self, seconds: float) -> None: ...
    def close(self) -> None: ...
    def alive(self) -> bool: ...
    def remaining(self) -> float: ...


class TrafficRouter(Router, Protocol):
    """A router that also proves that its telemetry flows."""

    def heartbeat(self) -> None: ...


class LiveExperience(Source, Protocol):
    """A source whose segment values can be fixed."""

    def fix_segments(self, values: dict[str, tuple[str, ...]]) -> None: ...


@dataclass(slots=True)
class Worker:
    """Everything that one rollout needs in this process."""

    change: Change
    journal: Journal
    router: TrafficRouter
    lease: Lease
    source: LiveExperience
    clock: Clock
    taken_back: Callable[[], bool]
    """Whether somebody has taken the customers back from outside this process."""
    show: Callable[[Tick], None] = lambda tick: None
    complain: Callable[[str], None] = lambda problem: None
    guard: Guard = field(init=False)
    standing: Standing = field(init=False)
    batch: int = field(init=False, default=0)
    lease_path: str | None = field(init=False, default=None)
    _drift: Drift = field(init=False)
    _began: datetime = field(init=False)
    _fresh: datetime = field(init=False)
    """When the lease was last extended."""
    _unsaved: tuple[Tick, Order | None] | None = field(init=False, default=None)
    _extended: bool = field(init=False, default=False)
    """The lease in force has been extended at least once."""
    _epochs: tuple[Epoch, ...] = field(init=False, default=())
    _lapses: tuple[Lapse, ...] = field(init=False, default=())
    _restarts: int = field(init=False, default=0)
    _closed: bool = field(init=False, default=False)
    """The lease was closed to go back."""
    _status: Mapping[str, Any] = field(init=False, default_factory=dict)

    def open(self) -> None:
        """The router runs, the lease is open and the guard is where it was."""
        self._drift = Drift(self.clock)
        self._began = self._fresh = self.clock.now()
        self.standing = self.journal.standing()
        self._restore()
        self._restarts = self.router.start().restarts
        self.lease_path = self.lease.open()
        if self.standing.state is State.PREPARED:
            self._begin_baseline()
        elif self.standing.state in MOVING | {State.UNMEASURED, State.BASELINE}:
            saved = self.journal.rollout.guard_state.saved_at if self.journal.guard_state() else self._began
            self._start_over(Lapse(saved, self.clock.now(), "unfelt was not running"))
        self._refresh()

    def tick(self) -> Order | None:
        """One look: what is now due, or None. Extends the lease if all of it went well."""
        if self._unsaved is None:
            self._unsaved = self._look()
        tick, order = self._unsaved
        self.journal.save_tick(tick)
        self._unsaved = None
        if tick.trouble is None and not self._closed and (self.lease.alive() or not self._extended):
            self.lease.extend(rollout_of(self.change).lease.total_seconds())
            self._fresh, self._extended = tick.at, True
        self.show(tick)
        return order

    def watch(self) -> Order:
        """Ticks until something is due that may be done now."""
        pause = self.change.guard.tick.total_seconds()
        while True:
            began = self.clock.steady()
            try:
                if self._may_go_on() and not self._lease_holds():
                    self._start_over(Lapse(self._fresh, self.clock.now(), self._why_lapsed()))
                order = self.tick()
            except (DatabaseError, RouterError, OSError) as error:
                # Not written is not done: the lease is not extended, and the same tick is saved on the next turn.
                order = None
                self.complain(str(error))
            if self.taken_back():
                return Order(State.BACK, 0.0, Message("taken back by hand"))
            if order is not None and self._may(order):
                return order
            self.clock.sleep(pause - (self.clock.steady() - began))

    def carry_out(self, order: Order) -> None:
        """The order is done and on record; doing it twice is doing it once."""
        if order.state is State.BACK:
            self._go_back()
        if self.standing.state is State.BASELINE and not order.final:
            self._freeze_segments()
        if order.share != self.standing.share or order.final:
            self._move(order)
        else:
            self.journal.enter(order, at=self.clock.now())
        self._refresh()
        if self.standing.promoted:
            self.guard.begin_promotion()

    def close(self) -> None:
        """Nobody is on `new` by our leave any more, and every file is closed."""
        self.lease.close()
        self.source.close()

    # What one look consists of

    def _look(self) -> tuple[Tick, Order | None]:
        self.router.heartbeat()
        now = self.clock.now()
        batch, trouble = self._collect(now)
        baseline = self.standing.state is State.BASELINE  # Nobody is on `new`: nobody is exposed.
        decision = self.guard.observe(
            batch.tallies,
            failures=batch.failures,
            splits=batch.splits,
            exposed=0 if baseline else batch.exposed,
            in_flight=0 if baseline else batch.in_flight,
            at=now,
            share=0.0 if baseline else self.standing.share,
            unmeasured=trouble,
        )
        order = next_order(self.standing, decision, self.change, now=now)
        if order is not None and order.state is State.BACK and not order.asks:
            self._go_back()
        self.batch = batch.number
        status = status_of(
            self.standing,
            batch,
            decision,
            self.change,
            trouble=trouble,
            lease=self.lease.remaining(),
            before=self._status,
        )
        self._status = status
        return Tick(batch, decision, trouble, self.guard.state(), status, now), order

    def _collect(self, now: datetime) -> tuple[Batch, Message | None]:
        jump = timedelta(seconds=self._drift.ask())
        try:
            batch = self.source.collect(self.batch, epochs=self._epochs, lapses=self._lapses, now=now)
        except RetryableSourceError as error:
            return Batch(self.batch, None), Message("the source does not answer: {error}", error=str(error))
        trouble = trouble_of(Reading(batch, now, self._began, jump), self.change)
        if abs(jump) > timedelta(seconds=1):
            self.journal.note_lapse(Lapse(min(now, now - jump), max(now, now - jump), "the clock jumped"))
            self._refresh()
        return batch, trouble

    def _may_go_on(self) -> bool:
        """Nobody has ended the rollout: a lease that was closed on purpose is not opened again."""
        return not self._closed and not self.taken_back()

    def _may(self, order: Order) -> bool:
        """Nobody is moved to `new` while the router does not see the lease; a person may have to agree first."""
        if order.asks and not self._agreed(order):
            return False
        return order.share <= self.standing.share or order.state is State.DONE or self.router.state().lease_alive

    def _agreed(self, order: Order) -> bool:
        proposal = self.journal.propose(order, _action(order), at=self.clock.now())
        return proposal.confirmed_at is not None

    # Moving

    def _begin_baseline(self) -> None:
        plan = rollout_of(self.change)
        why = Message("both groups are assigned and logged, all on old")
        self._move(Order(State.BASELINE, plan.largest_share, why))
        self._refresh()

    def _go_back(self) -> None:
        """First the lease, which needs neither disk nor database; then the router; the record comes later."""
        self._closed = True
        self.lease.close()
        newest = self._epochs[-1]
        try:
            self.router.move(Position(newest.number + 1, "watch", 0.0, newest.salt, None))
        except RouterError:
            return  # The closed lease has already put everybody on old; `_move` tries again and says so.

    def _move(self, order: Order) -> None:
        position = self._position(order)
        self.journal.intend(order, epoch=position.epoch, at=self.clock.now())
        applied = self.router.move(position)
        epoch = Epoch(position.epoch, position.phase, position.share, position.salt, applied)
        self.journal.moved(order, epoch, at=applied)

    def _position(self, order: Order) -> Position:
        phase = PHASES.get(order.state, "watch")
        lease = None if order.final else self.lease_path
        return Position(self._next_epoch(), phase, order.share, self._salt(phase), lease)

    def _next_epoch(self) -> int:
        return self._epochs[-1].number + 1 if self._epochs else 1

    def _salt(self, phase: str) -> str:
        """Baseline and rollout draw customers afresh; one rollout keeps each in place."""
        part = "baseline" if phase == "baseline" else "rollout"
        row = self.journal.rollout
        return hashlib.sha256(f"{row.revision_id}|{row.id}|{part}".encode()).hexdigest()[:16]

    def _freeze_segments(self) -> None:
        values = self.source.segments(most=MOST_SEGMENTS)
        self.source.fix_segments(values)
        self.journal.fix_segments(values, at=self.clock.now())
        self.guard = Guard(self.change, segments=values)

    # The lease

    def _lease_holds(self) -> bool:
        state = self.router.state()
        if state.restarts != self._restarts:
            return False
        return self.lease.alive() or not self._extended

    def _why_lapsed(self) -> str:
        restarts = self.router.state().restarts
        return "the router was started again" if restarts != self._restarts else "the lease ran out"

    def _start_over(self, lapse: Lapse) -> None:
        """A lapse latches: share 0 under a new lease before anybody goes to `new` again."""
        self.lease_path = self.lease.open()
        state: RouterState = self.router.state()
        self._restarts = state.restarts
        baseline = self.standing.state is State.BASELINE
        share = rollout_of(self.change).largest_share if baseline else 0.0
        phase = "baseline" if baseline else "watch"
        self._refresh()
        position = Position(self._next_epoch(), phase, share, self._salt(phase), self.lease_path)
        applied = self.router.move(position)
        self.journal.lapsed(lapse, Epoch(position.epoch, phase, share, position.salt, applied))
        self._began = self._fresh = self.clock.now()
        self._extended = False
        self._refresh()

    # State

    def _restore(self) -> None:
        row = self.journal.rollout
        segments = {by: tuple(values) for by, values in row.segments.items()}
        saved = self.journal.guard_state()
        self.batch = saved[0] if saved else 0
        self._status = row.status
        if segments:
            self.source.fix_segments(segments)
        if saved and saved[1]:
            plan = baseline_plan(self.change) if self.standing.state is State.BASELINE else self.change
            self.guard = Guard.restore(plan, saved[1])
        else:
            self.guard = Guard(self.change, segments=segments) if segments else baseline_guard(self.change)
        if self.standing.promoted:
            self.guard.begin_promotion()

    def _refresh(self) -> None:
        self.standing = self.journal.standing()
        self._epochs = self.journal.epochs()
        self._lapses = self.journal.lapses()


def baseline_plan(change: Change) -> Change:
    """The plan with nothing to prove by segment: their values are known only after the baseline."""
    segments = tuple(
        segment.model_copy(update={"margin": None, "values": ()}) for segment in change.experience.segments
    )
    experience = change.experience.model_copy(update={"segments": segments})
    return change.model_copy(update={"experience": experience})


def baseline_guard(change: Change) -> Guard:
    """A guard that sees both groups on old: they must be alike."""
    return Guard(baseline_plan(change))


def _action(order: Order) -> str:
    if order.state is State.BACK:
        return "back"
    return "promote" if order.state is State.PROMOTING else "widen"
