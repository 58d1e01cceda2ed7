"""One look at the evidence: telemetry in, one decision out, and nothing moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from unfelt.adapters.routers import RouterError
from unfelt.adapters.sources import Batch, Lapse, RetryableSourceError, Source
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import Decision, Guard, OtherGuardError
from unfelt.engines.guard.trouble import JUMP, Lately, Reading, trouble_of
from unfelt.rollout.clock import Clock, Drift
from unfelt.rollout.decide import Standing, State
from unfelt.rollout.journal import Fixed, Journal, Tick
from unfelt.rollout.judging import baseline_guard, baseline_plan, judged, watching_guard
from unfelt.rollout.status import status_of
from unfelt.rollout.traffic import Traffic
from unfelt.rollout.upgrading import upgraded

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
    since: datetime = field(init=False)
    """When this process began to read, by the clock as it is set now."""
    _batch: int = field(init=False, default=0)
    _drift: Drift = field(init=False)
    _lately: Lately = field(init=False, default_factory=Lately)
    _asked: float = field(init=False, default=0.0)
    """When the clocks were compared last, by the steady one."""
    _jumped: timedelta = field(init=False, default=timedelta(0))
    """How far the wall clock has jumped, not yet said."""

    def restore(self, standing: Standing) -> datetime | None:
        """The guard is where the newest tick on record left it, or taken there anew; returns when that was."""
        self._drift, self.since, self._asked = Drift(self.clock), self.clock.now(), self.clock.steady()
        row = self.journal.rollout
        segments = {by: tuple(values) for by, values in row.segments.items()}
        saved = self.journal.guard_state()
        self._batch = saved.batch if saved else 0
        self.status = row.status
        if segments:
            self.source.fix_segments(segments)
        before = standing.state in (State.PREPARED, State.BASELINE)
        if saved and saved.state:
            try:
                self.guard = Guard.restore(baseline_plan(self.change) if before else self.change, saved.state)
            except OtherGuardError:
                self.guard = upgraded(row, self.change, at=self.since)
        else:
            self.guard = baseline_guard(self.change) if before else Guard(self.change, segments=segments)
        if standing.promoted:
            self.guard.begin_promotion()
        return saved.saved_at if saved else None

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
        dead = self._heartbeat()
        now = self.clock.now()
        batch, trouble = self._collect(now)
        trouble = dead or trouble
        decision = judged(self.guard, batch, standing, at=now, trouble=trouble)
        self._batch = batch.number
        self.status = self._status_of(standing, batch, decision, trouble)
        return Tick(batch, decision, trouble, standing, self.guard.state(), self.status, now)

    def begin_watching(self) -> tuple[Fixed, Guard]:
        """The segments as seen in the baseline, to be fixed before anybody is moved, and the guard by them."""
        values = self.source.segments(most=MOST_SEGMENTS)
        guard = watching_guard(self.change, values, after=self.guard)
        return Fixed(values, guard.state()), guard

    def watch(self, fixed: Fixed, guard: Guard) -> None:
        """From here on this guard judges the change, by these values of the segments."""
        self.source.fix_segments({by: tuple(values) for by, values in fixed.values.items()})
        self.guard = guard

    def unseen(self) -> list[str]:
        """Segments that must be proved and of which no value is known: there would be nothing to prove it for."""
        seen = self.source.segments(most=1)
        return [
            segment.by
            for segment in self.change.experience.segments
            if segment.margin is not None and not segment.values and not seen.get(segment.by)
        ]

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

    def _collect(self, now: datetime) -> tuple[Batch, Message | None]:
        epochs, lapses = self.traffic.epochs, self.traffic.lapses
        jump, self._jumped = self._jumped, timedelta(0)
        try:
            batch = self.source.collect(self._batch, epochs=epochs, lapses=lapses, now=now)
        except RetryableSourceError as error:
            return Batch(self._batch, None), Message("the source does not answer: {error}", error=str(error))
        self._lately = self._lately.after(batch.intake)
        # Lines from before this process began say nothing about how late the log is now.
        old = batch.until is not None and batch.until < self.since
        read = replace(batch, until=None) if old else batch
        return batch, trouble_of(Reading(read, now, self.since, jump, self._lately), self.change)


def jumped_over(now: datetime, *, passed: timedelta, jump: timedelta) -> Lapse:
    """The time in which the clock jumped, as what was looked at in it is dated: never the hours jumped over.

    Set ahead, windows that are open were opened by the clock before; set back, the source has dropped those, and
    what is open was opened by the clock after.
    """
    end = now - jump if jump > timedelta(0) else now
    return Lapse(end - passed, end, "the clock jumped")
