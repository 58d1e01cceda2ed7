"""What the rollout writes down: the only place in this room that does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from unfelt.adapters.sources import Epoch, Lapse
from unfelt.engines.differences.actions import note_found
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.appending import in_turn
from unfelt.records.models import Entry, EpochRow, GuardState, LapseRow, Proposal, Rollout
from unfelt.rollout import entries
from unfelt.rollout.bodies import Tick, action_of, decision_body, order_body
from unfelt.rollout.decide import FINAL, Order, Standing, State


class OvertakenError(Exception):
    """The rollout no longer stands where it did when the look began: its decision is made again, or dropped."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The guard after the newest batch that is on record."""

    batch: int
    state: bytes
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Fixed:
    """The values of each segment from here on, and the guard that judges by them."""

    values: Mapping[str, Sequence[str]]
    guard: bytes


class Journal:
    """The records of one rollout."""

    def __init__(self, rollout_id: str) -> None:
        self.id = rollout_id

    @property
    def rollout(self) -> Rollout:
        """The row as it is now."""
        row: Rollout = Rollout.objects.select_related("revision").get(pk=self.id)
        return row

    def standing(self) -> Standing:
        """Where the rollout stands."""
        row = self.rollout
        newest = row.epochs.last()
        share = newest.share if newest else 0.0
        promoted = row.promoted_at is not None
        return Standing(State(row.state), row.state_since, share, step=row.step, promoted=promoted)

    def epochs(self) -> tuple[Epoch, ...]:
        """All epochs so far, oldest first."""
        return tuple(
            Epoch(row.number, row.phase, row.share, row.salt, row.began, row.ended)
            for row in EpochRow.objects.filter(rollout_id=self.id)
        )

    def lapses(self) -> tuple[Lapse, ...]:
        """All lapses so far, oldest first."""
        return tuple(Lapse(row.began, row.ended, row.why) for row in LapseRow.objects.filter(rollout_id=self.id))

    def guard_state(self) -> Saved | None:
        """The newest batch that was judged and the guard after it."""
        row = GuardState.objects.filter(rollout_id=self.id).first()
        return Saved(row.batch, bytes(row.state), row.saved_at) if row else None

    def is_watching(self) -> bool:
        """The segments are fixed: the guard is the one that judges the change, no more that of the baseline."""
        found: bool = Entry.objects.filter(rollout_id=self.id, kind="segments").exists()
        return found

    def is_overtaken(self) -> bool:
        """A time that cannot be trusted was noted after the newest decision: what was due then is not due now."""
        kinds = Entry.objects.filter(rollout_id=self.id, kind__in=("decision", "lapse")).order_by("-sequence")
        return bool(kinds.values_list("kind", flat=True).first() == "lapse")

    def reconnect(self) -> None:
        """This thread's connection, which may be lost, is opened anew when it is next needed."""
        connection.close()

    def be_writable(self) -> None:
        """The records can be written now; raises where they cannot."""
        Rollout.objects.filter(pk=self.id).update(step=F("step"))

    def save_tick(self, tick: Tick, *, is_proposing: bool = False) -> None:
        """The guard's state, what people see, and the decision with its inputs: all of it or nothing.

        A proposal that the guard no longer makes is withdrawn with it. Saving it twice is saving it once;
        OvertakenError where it does not follow from what is on record.
        """
        with in_turn():
            if self._has(tick):
                return
            if not is_proposing:
                self.withdraw(at=tick.at)
            GuardState.objects.update_or_create(
                rollout_id=self.id,
                defaults={"batch": tick.batch.number, "state": tick.state, "saved_at": tick.at},
            )
            Rollout.objects.filter(pk=self.id).update(status=tick.status)
            note_found(self.rollout, tick.differing.found, at=tick.at)
            record(entries.DECISION, decision_body(tick), rollout=self.rollout, at=tick.at)

    def _has(self, tick: Tick) -> bool:
        """Whether the tick is on record: the database may have kept it and not have lived to say so."""
        saved = self.guard_state()
        at = saved.saved_at if saved else None
        if saved is not None and (at, saved.state) == (tick.at, tick.state):
            return True
        if (at, self.standing()) != (tick.after, tick.standing):
            raise OvertakenError
        return False

    def intend(self, order: Order, *, epoch: int, at: datetime) -> None:
        """The order is on record before it is carried out."""
        record(entries.ORDER, {"epoch": epoch, **order_body(order)}, rollout=self.rollout, at=at)

    def moved(
        self,
        order: Order,
        epoch: Epoch,
        *,
        at: datetime,
        fixed: Fixed | None = None,
    ) -> None:
        """The router is where the order wanted it, since `epoch.began`; the segments, if given, are fixed.

        Writing it down twice is writing it down once.
        """
        with in_turn():
            if self._is_there(epoch):
                return
            self._moved(order, epoch, at=at)
            if fixed is not None:
                self._fix_segments(fixed, at=at)

    def went_back(self, order: Order, epoch: Epoch, *, unconfirmed: str | None = None) -> None:
        """Everybody is on old since `epoch.began`: what was done before it was written down, and only once.

        unconfirmed: why the router did not say so itself, where it did not.
        """
        with in_turn():
            if self._is_there(epoch):
                return
            body = {"epoch": epoch.number, **order_body(order)}
            record(
                entries.ORDER,
                body | ({"unconfirmed": unconfirmed} if unconfirmed else {}),
                rollout=self.rollout,
                at=epoch.began,
            )
            self._moved(order, epoch, at=epoch.began)

    def _is_there(self, epoch: Epoch) -> bool:
        """The database kept it, and may not have lived to say so."""
        found: bool = EpochRow.objects.filter(
            rollout_id=self.id, number=epoch.number, began=epoch.began, share=epoch.share, phase=epoch.phase
        ).exists()
        return found

    def _moved(self, order: Order, epoch: Epoch, *, at: datetime) -> None:
        self.begin_epoch(epoch)
        self._enter(order, at=at, moved=True)
        body = {"epoch": epoch.number, "share": epoch.share, "phase": epoch.phase}
        record(entries.MOVED, body, rollout=self.rollout, at=at)

    def begin_epoch(self, epoch: Epoch) -> None:
        """One epoch ends where the next begins."""
        before = EpochRow.objects.filter(rollout_id=self.id, ended=None).exclude(number=epoch.number)
        before.update(ended=epoch.began)
        EpochRow.objects.update_or_create(
            rollout_id=self.id,
            number=epoch.number,
            defaults={"phase": epoch.phase, "share": epoch.share, "salt": epoch.salt, "began": epoch.began},
        )

    def enter(self, order: Order, *, at: datetime) -> None:
        """The rollout is in another state at the same share."""
        with transaction.atomic():
            self._enter(order, at=at)
            record(entries.ORDER, order_body(order), rollout=self.rollout, at=at)

    def lapsed(self, lapse: Lapse, epoch: Epoch) -> None:
        """Everybody was put on old; the time in which that was not known is on record."""
        with transaction.atomic():
            self.begin_epoch(epoch)
            self.note_lapse(lapse, at=epoch.began, epoch=epoch)

    def note_lapse(self, lapse: Lapse, *, at: datetime, epoch: Epoch | None = None) -> None:
        """A time that cannot be trusted is on record; a baseline that it cut into begins anew.

        epoch: the one that began with it, where customers were put elsewhere.
        """
        with transaction.atomic():
            LapseRow.objects.create(rollout_id=self.id, began=lapse.began, ended=lapse.ended, why=lapse.why)
            Rollout.objects.filter(pk=self.id, state=State.BASELINE).update(state_since=at)
            ended = lapse.ended and lapse.ended.isoformat()
            body: dict[str, Any] = {"began": lapse.began.isoformat(), "ended": ended, "why": lapse.why}
            if epoch is not None:
                body |= {"epoch": epoch.number, "share": epoch.share, "phase": epoch.phase}
            record(entries.LAPSE, body, rollout=self.rollout, at=at)

    def _fix_segments(self, fixed: Fixed, *, at: datetime) -> None:
        values = {by: list(known) for by, known in fixed.values.items()}
        Rollout.objects.filter(pk=self.id).update(segments=values)
        GuardState.objects.filter(rollout_id=self.id).update(state=fixed.guard)
        record(entries.SEGMENTS, values, rollout=self.rollout, at=at)

    def propose(self, order: Order, *, at: datetime) -> Proposal | None:
        """The proposal that a person has agreed to, or None: then the order stands proposed.

        A wider share does not replace a proposal that stands: what a person reads is what they agree to.
        """
        with in_turn():
            waiting = self.proposal()
            if waiting and waiting.action == action_of(order) and waiting.share <= order.share:
                return waiting if waiting.confirmed_at else None
            self.withdraw(at=at)
            action = action_of(order)
            record(entries.PROPOSAL, {"action": action, **order_body(order)}, rollout=self.rollout, at=at)
            Proposal.objects.create(
                rollout_id=self.id, action=action, share=order.share, because=order.because.plain(), made_at=at
            )
            return None

    def proposal(self) -> Proposal | None:
        """The newest proposal, unless it was withdrawn."""
        newest: Proposal | None = Proposal.objects.filter(rollout_id=self.id).last()
        return newest if newest and newest.withdrawn_at is None else None

    def withdraw(self, *, at: datetime) -> None:
        """No proposal is open."""
        Proposal.objects.filter(rollout_id=self.id, withdrawn_at=None).update(withdrawn_at=at)

    def _enter(self, order: Order, *, at: datetime, moved: bool = False) -> None:
        self.withdraw(at=at)
        changes: dict[str, Any] = {"state": order.state, "step": order.step}
        row = self.rollout
        if moved or row.state != order.state or row.step != order.step:
            changes["state_since"] = at
        if order.state is State.PROMOTING and row.promoted_at is None:
            changes["promoted_at"] = at
        if order.state in FINAL:
            changes["ended"] = at
        Rollout.objects.filter(pk=self.id).update(**changes)
