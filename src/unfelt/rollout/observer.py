"""One look at the evidence: telemetry in, one decision out, and nothing moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from unfelt.adapters.routers import Ended, RouterError
from unfelt.adapters.sources import Batch, Lapse, RetryableSourceError, Source
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.differences.standing import Differing
from unfelt.engines.guard import Decision, Guard, OtherGuardError
from unfelt.engines.guard.balance import Balance, Counted
from unfelt.engines.guard.trouble import JUMP, Lately, Reading, trouble_of
from unfelt.records.models import Rollout
from unfelt.rollout.bodies import Tick
from unfelt.rollout.clock import Clock, Drift
from unfelt.rollout.decide import Standing, State
from unfelt.rollout.differing import Comparing
from unfelt.rollout.journal import Fixed, Journal, Saved
from unfelt.rollout.judging import baseline_guard, baseline_plan, judged, watching_guard
from unfelt.rollout.status import status_of
from unfelt.rollout.traffic import Traffic
from unfelt.rollout.upgrading import upgraded
from unfelt.rollout.waiting import waited_for

MOST_SEGMENTS = 12
"""Values of one segment that get a cell of their own; the rest is `other`."""


class LiveExperience(Source, Protocol):
    """A source whose segment values can be fixed."""

    def fix_segments(self, values: Mapping[str, tuple[str, ...]]) -> None: ...


@dataclass(slots=True)
class Lookout:
    """The source and the guard of one rollout, and how far both have come."""

    change: Change
    journal: Journal
    traffic: Traffic
    source: LiveExperience
    clock: Clock
    guard: Guard = field(init=False)
    status: Mapping[str, Any] = field(init=False, default_factory=dict)
    """What was shown last."""
    looked: float = field(init=False, default=0.0)
    """When the newest look was, by the steady clock."""
    customers: int = field(init=False, default=0)
    """Those with an id that have come so far, by the newest look."""
    came: float = field(init=False, default=0.0)
    """When a new one was seen last, by the steady clock."""
    since: datetime = field(init=False)
    """When this process began to read, by the clock as it is set now."""
    _fixed: Mapping[str, tuple[str, ...]] = field(init=False, default_factory=dict)
    """The values of each segment that the source tells apart."""
    _batch: int = field(init=False, default=0)
    _saved: datetime | None = field(init=False, default=None)
    """When the newest tick on record was made."""
    _drift: Drift = field(init=False)
    _lately: Lately = field(init=False, default_factory=Lately)
    _told: Lately = field(init=False, default_factory=Lately)
    """As it was with the newest tick on record."""
    _balance: Balance = field(init=False, default_factory=Balance)
    """What the router counted against what its log brought."""
    _balanced: Balance = field(init=False, default_factory=Balance)
    """As it was with the newest tick on record."""
    _collected: int = field(init=False, default=0)
    """The newest batch that was read from the log in this process."""
    _asked: float = field(init=False, default=0.0)
    """When the clocks were compared last, by the steady one."""
    _comparing: Comparing = field(init=False)
    _jumped: timedelta = field(init=False, default=timedelta(0))
    """How far the wall clock has jumped, not yet said."""

    def __post_init__(self) -> None:
        """Nothing was compared yet."""
        self._comparing = Comparing(self.change, self.journal.id, self.source, self.clock)

    def restore(self, standing: Standing) -> datetime | None:
        """This process begins to read where the newest tick on record was left; returns when that was."""
        self._drift, self.since, self._asked = Drift(self.clock), self.clock.now(), self.clock.steady()
        self.came = self._asked
        self.rewind(standing)
        return self._saved

    def rewind(self, standing: Standing) -> None:
        """Guard and source are where the newest tick on record left them: what was seen since is seen again."""
        row = self.journal.rollout
        segments = {by: tuple(values) for by, values in row.segments.items()}
        saved = self.journal.guard_state()
        if segments not in ({}, self._fixed):
            self.source.fix_segments(segments)
            self._fixed = segments
        self.guard = self._guard_of(row, saved, segments)
        if standing.promoted:
            self.guard.begin_promotion()
        self._batch, self._saved = (saved.batch, saved.saved_at) if saved else (0, None)
        self._lately, self._balance = self._told, self._balanced
        self.status = row.status

    def _guard_of(self, row: Rollout, saved: Saved | None, segments: Mapping[str, tuple[str, ...]]) -> Guard:
        is_watching = self.journal.is_watching()
        if saved is None or not saved.state:
            return Guard(self.change, segments=segments) if is_watching else baseline_guard(self.change)
        try:
            return Guard.restore(self.change if is_watching else baseline_plan(self.change), saved.state)
        except OtherGuardError:
            return upgraded(row, self.change, at=self.since)

    def note_saved(self, tick: Tick) -> None:
        """The tick is on record: the next one follows it."""
        self._saved, self._told, self._balanced = tick.at, self._lately, self._balance

    def note_jump(self) -> bool:
        """Whether the clock of this machine has jumped; then the time since the last look is on record."""
        now, steady = self.clock.now(), self.clock.steady()
        passed, self._asked = timedelta(seconds=steady - self._asked), steady
        self._jumped += timedelta(seconds=self._drift.ask())
        if abs(self._jumped) <= JUMP:
            return False
        self.since += self._jumped
        self.journal.note_lapse(jumped_over(now, passed=passed, jump=self._jumped), at=now)
        return True

    def look(self, standing: Standing) -> Tick:
        """What is there to be seen now, and what the guard says to it."""
        self.looked = self.clock.steady()
        before = self._ended()
        dead = self._heartbeat()
        now = self.clock.now()
        batch, trouble = self._collect(now, before)
        trouble = dead or trouble
        decision = judged(self.guard, batch, standing, at=now, trouble=trouble)
        self._batch = batch.number
        self._note_customers(batch)
        differing = self._compared(standing)
        self.status = self._status_of(standing, batch, decision, trouble) | shown_of(differing, decision)
        state = self.guard.state()
        return Tick(batch, decision, trouble, standing, state, self.status, now, self._saved, differing)

    def _compared(self, standing: Standing) -> Differing:
        """What differs that no metric names; nobody is on new in the baseline, and nobody after the end."""
        if standing.state in (State.PREPARED, State.BASELINE):
            return Differing()
        return self._comparing.look()

    def _note_customers(self, batch: Batch) -> None:
        many = max(batch.customers, sum(one.n for one in batch.tallies), self.customers)
        if many != self.customers:
            self.customers, self.came = many, self.looked

    def begin_watching(self) -> tuple[Fixed, Guard]:
        """The segments as seen in the baseline, to be fixed before anybody is moved, and the guard by them."""
        values = self.source.segments(most=MOST_SEGMENTS)
        guard = watching_guard(self.change, values, after=self.guard)
        return Fixed(values, guard.state()), guard

    def watch(self, fixed: Fixed, guard: Guard) -> None:
        """From here on this guard judges the change, by these values of the segments."""
        segments = {by: tuple(values) for by, values in fixed.values.items()}
        self.source.fix_segments(segments)
        self._fixed, self.guard = segments, guard

    def waited_for(self) -> Message | None:
        """What is not seen yet and without which nothing could be proved, or None."""
        seen = self.source.segments(most=MOST_SEGMENTS)
        return waited_for(self.change, customers=self.customers, seen=seen)

    def _status_of(
        self, standing: Standing, batch: Batch, decision: Decision, trouble: Message | None
    ) -> dict[str, Any]:
        lease = self.traffic.lease.remaining()
        return status_of(standing, batch, decision, self.change, trouble=trouble, lease=lease, before=self.status)

    def _heartbeat(self) -> Message | None:
        try:
            self.traffic.router.heartbeat()
        except (RouterError, OSError) as error:
            return Message("the router does not answer: {error}", error=str(error))
        return None

    def _ended(self) -> Ended | None:
        """What the router counts, where it can say."""
        try:
            return self.traffic.router.ended()
        except (RouterError, OSError):
            return None

    def _collect(self, now: datetime, before: Ended | None) -> tuple[Batch, Message | None]:
        epochs, lapses = self.traffic.epochs, self.traffic.untrusted()
        jump, self._jumped = self._jumped, timedelta(0)
        try:
            batch = self.source.collect(self._batch, epochs=epochs, lapses=lapses, now=now)
        except RetryableSourceError as error:
            return Batch(self._batch, None), Message("the source does not answer: {error}", error=str(error))
        self._balance = self._balance.after(self._counted(batch, before))
        self._lately = self._lately.after(batch.intake, self._balance.found)
        # Lines from before this process began say nothing about how late the log is now.
        old = batch.until is not None and batch.until < self.since
        read = replace(batch, until=None) if old else batch
        return batch, trouble_of(Reading(read, now, self.since, jump, self._lately), self.change)

    def _counted(self, batch: Batch, before: Ended | None) -> Counted:
        """The look in counts; a batch that comes again was read earlier, and says nothing about the log now."""
        is_new, self._collected = batch.number > self._collected, max(batch.number, self._collected)
        read, is_whole = batch.intake, is_new and not batch.intake.behind
        return Counted(self.looked, before, self._ended(), read.ended, read.unparsed, is_whole=is_whole)


def shown_of(differing: Differing, decision: Decision) -> dict[str, Any]:
    """What people see of differences; where they are all that holds the promotion, that is said."""
    shown = {"differing": differing.shown}
    if not differing.holds or decision.action != "promote":
        return shown
    said = Message(
        "All that the plan names is proved. What it does not name differs, and waits for a person: {first}",
        first=Message.of(differing.shown["lines"][0]["what"])
        if differing.shown.get("lines")
        else differing.because[0],
    )
    return {**shown, "because": said.plain(), "action": "hold"}


def jumped_over(now: datetime, *, passed: timedelta, jump: timedelta) -> Lapse:
    """The time in which the clock jumped, as what was looked at in it is dated: never the hours jumped over.

    Set ahead, windows that are open were opened by the clock before; set back, the source has dropped those, and
    what is open was opened by the clock after.
    """
    end = now - jump if jump > timedelta(0) else now
    return Lapse(end - passed, end, "the clock jumped")
