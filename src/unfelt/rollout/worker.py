"""The guard at work on one rollout: it reads, decides, acts and writes down, tick after tick."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.db import Error

from unfelt.adapters.routers import RouterError
from unfelt.adapters.sources import Batch, Lapse, RetryableSourceError, Source
from unfelt.conf.language import Message
from unfelt.documents.change import Change, Reconciliation
from unfelt.engines.guard import Decision, Guard
from unfelt.engines.guard.trouble import JUMP, Reading, lateness, trouble_of
from unfelt.rollout.baseline import baseline_guard, baseline_plan
from unfelt.rollout.clock import Clock, Drift
from unfelt.rollout.decide import FINAL, Order, Standing, State, next_order
from unfelt.rollout.journal import Journal, Tick
from unfelt.rollout.status import status_of
from unfelt.rollout.traffic import Traffic

MOST_SEGMENTS = 12
"""Values of one segment that get a cell of their own; the rest is `other`."""
GIVE_UP = 30.0
"""Seconds for which a router that does not answer is asked to go back; then the closed lease has to do."""
MOST_COUNTING = 120.0
"""Seconds for which, after going back, those who were under way are looked at to the end."""
AGAIN = 10.0
"""Seconds after which the same problem is said once more."""
_Done = TypeVar("_Done")


class LiveExperience(Source, Protocol):
    """A source whose segment values can be fixed."""

    def fix_segments(self, values: Mapping[str, tuple[str, ...]]) -> None: ...


@dataclass(slots=True)
class Worker:
    """Everything that one rollout needs in this process."""

    change: Change
    journal: Journal
    traffic: Traffic
    source: LiveExperience
    clock: Clock
    taken_back: Callable[[], bool]
    """Whether somebody has taken the customers back from outside this process."""
    show: Callable[[Tick], None] = lambda tick: None
    complain: Callable[[str], None] = lambda problem: None
    guard: Guard = field(init=False)
    standing: Standing = field(init=False)
    batch: int = field(init=False, default=0)
    _drift: Drift = field(init=False)
    _jumped: timedelta = field(init=False, default=timedelta(0))
    """How far the wall clock has jumped, not yet on record."""
    _since: datetime = field(init=False)
    """When this process began to read."""
    _unsaved: tuple[Tick, Order | None] | None = field(init=False, default=None)
    _looked: float = field(init=False, default=0.0)
    """When the newest look was, by the steady clock."""
    _status: Mapping[str, Any] = field(init=False, default_factory=dict)
    _said: tuple[str, float] = field(init=False, default=("", 0.0))

    def open(self) -> None:
        """The router runs, the lease is open and the guard is where it was."""
        self._drift = Drift(self.clock)
        self._since = self.clock.now()
        self.standing = self.journal.standing()
        saved = self._restore()
        self.traffic.start()
        is_settled = self.standing.state is State.SOAKING and self.traffic.is_settled()
        if self.taken_back() or is_settled:
            return  # What is due is to end it; nobody is moved before that.
        if self.standing.state is State.PREPARED:
            self.traffic.begin_baseline()
        else:
            self._start_over(Lapse(saved or self._since, self.clock.now(), "unfelt was not running"))
        self._refresh()

    def watch(self) -> Order:
        """Ticks until something is due that may be done now."""
        pause = self.change.guard.tick.total_seconds()
        while True:
            began = self.clock.steady()
            order = self._turn()
            if order is not None:
                return order
            self.clock.sleep(pause - (self.clock.steady() - began))

    def tick(self) -> Order | None:
        """One look: what is now due, or None. Extends the lease if all of it went well and is on record."""
        if self._unsaved is None:
            self._unsaved = self._look()
        tick, order = self._unsaved
        if _is_back(order):
            self.traffic.go_back()
        self.journal.save_tick(tick, is_proposing=order is not None and order.asks)
        self._unsaved = None
        self.show(tick)
        if _is_back(order):
            return order
        if self.clock.steady() - self._looked > lateness(self.change).total_seconds():
            return None  # It could not be written for a while: what was due then may not be due now.
        if tick.trouble is None:
            self.traffic.extend(at=tick.at)
        return order

    def carry_out(self, order: Order) -> bool:
        """Whether the rollout has ended. The order is done and on record, or dropped: then the guard decides anew.

        Doing it twice is doing it once.
        """
        if self.standing.state in FINAL:
            return True
        if order.state is State.BACK:
            self._end_on_old(order)
        elif not self._attempt(lambda: self._do(order)):
            return False
        self._until_done(self._refresh)
        if self.standing.promoted:
            self.guard.begin_promotion()
        return order.final

    def close(self) -> None:
        """Nobody is on `new` by our leave any more, and every file is closed."""
        self.traffic.lease.close()
        self.source.close()

    # One turn

    def _turn(self) -> Order | None:
        if self.taken_back():
            return _by_hand()
        self._attempt(self._stay_in_place)
        self._attempt(self.traffic.router.tend_log)
        order = self._attempt(self.tick)
        if self.taken_back():
            return _by_hand()
        if order is None or _is_back(order):
            return order
        return self._attempt(lambda: self._permitted(order))

    def _attempt(self, work: Callable[[], _Done]) -> _Done | None:
        """What the work gave; None where the records, the router or the disk did not play their part now."""
        try:
            return work()
        except (Error, RouterError, OSError) as error:
            # Not written is not done: the lease is not extended, and the same tick is saved on the next turn.
            self._say(str(error))
            self.journal.reconnect()
            return None

    def _until_done(self, work: Callable[[], object]) -> None:
        """Done and on record, however long that takes."""
        while True:
            try:
                work()
            except (Error, OSError) as error:
                self._say(str(error))
                self.journal.reconnect()
                self.clock.sleep(self.change.guard.tick.total_seconds())
            else:
                return

    def _say(self, problem: str) -> None:
        said, at = self._said
        if problem != said or self.clock.steady() - at > AGAIN:
            self._said = (problem, self.clock.steady())
            self.complain(problem)

    def _stay_in_place(self) -> None:
        lapse = self.traffic.lapse()
        if lapse is not None and not self.taken_back():
            self._start_over(lapse)

    def _start_over(self, lapse: Lapse) -> None:
        self.traffic.start_over(lapse, baseline=self.standing.state is State.BASELINE)
        self._refresh()

    # What one look consists of

    def _look(self) -> tuple[Tick, Order | None]:
        self._looked = self.clock.steady()
        dead = self._heartbeat()
        now = self.clock.now()
        batch, trouble = self._collect(now)
        trouble = dead or trouble
        baseline = self.standing.state is State.BASELINE  # Nobody is on `new`: nobody is exposed.
        decision = self.guard.observe(
            batch.tallies,
            failures=batch.failures,
            splits=batch.splits,
            exposed=0 if baseline else batch.exposed,
            in_flight=0 if baseline else batch.in_flight,
            felt=0 if baseline else batch.felt,
            at=now,
            share=0.0 if baseline else self.standing.share,
            unmeasured=trouble,
        )
        self.batch = batch.number
        order = next_order(self.standing, decision, self.change, now=now)
        self._status = self._status_of(batch, decision, trouble)
        return Tick(batch, decision, trouble, self.guard.state(), self._status, now), order

    def _status_of(self, batch: Batch, decision: Decision, trouble: Message | None) -> dict[str, Any]:
        lease = self.traffic.lease.remaining()
        return status_of(
            self.standing, batch, decision, self.change, trouble=trouble, lease=lease, before=self._status
        )

    def _heartbeat(self) -> Message | None:
        try:
            self.traffic.router.heartbeat()
        except (RouterError, OSError) as error:
            return Message("the router does not answer: {error}", error=str(error))
        return None

    def _collect(self, now: datetime) -> tuple[Batch, Message | None]:
        self._note_jump(now)
        epochs, lapses = self.traffic.epochs, self.traffic.lapses
        jump, self._jumped = self._jumped, timedelta(0)
        try:
            batch = self.source.collect(self.batch, epochs=epochs, lapses=lapses, now=now)
        except RetryableSourceError as error:
            return Batch(self.batch, None), Message("the source does not answer: {error}", error=str(error))
        # Lines from before this process began say nothing about how late the log is now.
        old = batch.until is not None and batch.until < self._since
        read = replace(batch, until=None) if old else batch
        return batch, trouble_of(Reading(read, now, self._since, jump), self.change)

    def _note_jump(self, now: datetime) -> None:
        self._jumped += timedelta(seconds=self._drift.ask())
        if abs(self._jumped) > JUMP:
            before = now - self._jumped
            self.journal.note_lapse(Lapse(min(now, before), max(now, before), "the clock jumped"), at=now)
            self._refresh()

    # Doing

    def _permitted(self, order: Order) -> Order | None:
        """The order, once a person has agreed where one has to, and the router sees the lease."""
        if order.asks:
            agreed = self.journal.propose(order, at=self.clock.now())
            if agreed is None:
                return None
            order = replace(order, share=agreed.share)
        unseen = self._unseen() if self.standing.state is State.BASELINE else []
        if unseen:
            self._say(
                str(
                    Message(
                        "the baseline goes on: no customer with a {segments} was seen yet",
                        segments=", ".join(unseen),
                    )
                )
            )
            return None
        return order if self.traffic.can_carry(order) else None

    def _unseen(self) -> list[str]:
        """Segments that must be proved and of which no value is known: there would be nothing to prove it for."""
        seen = self.source.segments(most=1)
        return [
            segment.by
            for segment in self.change.experience.segments
            if segment.margin is not None and not segment.values and not seen.get(segment.by)
        ]

    def _do(self, order: Order) -> bool:
        """Whether it was done: an order from before an interruption is dropped once customers are on old."""
        if not self.traffic.can_carry(order):
            return False
        if order.state is State.DONE:
            epoch = self.traffic.settle(order)
            self._until_done(lambda: self.journal.moved(order, epoch, at=epoch.began))
        elif self.standing.state is State.BASELINE:
            self._begin_watching(order)
        elif order.share != self.standing.share:
            self.traffic.move(order)
        else:
            self.journal.enter(order, at=self.clock.now())
        return True

    def _end_on_old(self, order: Order) -> None:
        """Everybody is on old and that is on record; a router that stays silent has lost the lease at any rate."""
        end = self.clock.steady() + GIVE_UP
        silent = self.traffic.go_back()
        while silent is not None and self.clock.steady() < end:
            self._say(str(silent))
            self.clock.sleep(self.change.guard.tick.total_seconds())
            silent = self.traffic.go_back()
        epoch, why = self.traffic.back_epoch(), str(silent) if silent else None
        self._until_done(lambda: self.journal.went_back(order, epoch, unconfirmed=why))
        self._count_out()

    def _count_out(self) -> None:
        """Who was under way is looked at to the end, where that is soon: else they all count as affected."""
        self._until_done(self._refresh)
        end = self.clock.steady() + min(MOST_COUNTING, 2 * longest_window(self.change).total_seconds() + 5)
        while self._status.get("in_flight") and self.clock.steady() < end:
            self.clock.sleep(self.change.guard.tick.total_seconds())
            self._attempt(self._count)

    def _count(self) -> None:
        if self._unsaved is None:
            self._unsaved = self._look()
        tick, _order = self._unsaved
        self.journal.save_tick(tick, is_proposing=False)
        self._unsaved = None
        self.show(tick)

    def _begin_watching(self, order: Order) -> None:
        """The values of the segments are fixed before anybody is moved."""
        values = self.source.segments(most=MOST_SEGMENTS)
        self.traffic.move(order, segments=values)
        self.source.fix_segments(values)
        self.guard = Guard(self.change, segments=values, rate=self.guard.rate)

    # State

    def _restore(self) -> datetime | None:
        """The guard is where the newest tick on record left it; returns when that was."""
        row = self.journal.rollout
        segments = {by: tuple(values) for by, values in row.segments.items()}
        saved = self.journal.guard_state()
        self.batch = saved.batch if saved else 0
        self._status = row.status
        if segments:
            self.source.fix_segments(segments)
        before = self.standing.state in (State.PREPARED, State.BASELINE)
        if saved and saved.state:
            self.guard = Guard.restore(baseline_plan(self.change) if before else self.change, saved.state)
        else:
            self.guard = baseline_guard(self.change) if before else Guard(self.change, segments=segments)
        if self.standing.promoted:
            self.guard.begin_promotion()
        return saved.saved_at if saved else None

    def _refresh(self) -> None:
        self.standing = self.journal.standing()
        self.traffic.refresh()


def longest_window(change: Change) -> timedelta:
    """How long it takes at most to see a customer to the end of all windows, later looks left out."""
    experience = change.experience
    within = [one.within for one in experience.sources.values() if isinstance(one, Reconciliation)]
    windows = [metric.observe or experience.observe for metric in experience.metrics]
    return max(windows) + experience.grace + max(within, default=timedelta(0))


def _is_back(order: Order | None) -> bool:
    return order is not None and order.state is State.BACK and not order.asks


def _by_hand() -> Order:
    return Order(State.BACK, 0.0, Message("taken back by hand"))
