"""What people do to a rollout from elsewhere: confirm, and take back."""

from contextlib import suppress
from datetime import UTC, datetime

from django.db import Error

from unfelt.adapters.sources import Epoch
from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.keys import KeyRing, KeyRingError
from unfelt.records.models import Rollout
from unfelt.rollout import entries
from unfelt.rollout.assemble import guard_lock
from unfelt.rollout.decide import Order, State
from unfelt.rollout.journal import Journal
from unfelt.rollout.places import Places
from unfelt.rollout.reopening import REOPENED, note_reopened
from unfelt.rollout.sealing import Sealer


def confirm(rollout: Rollout, *, by: str, proposal: int | None = None) -> Message | None:
    """The open proposal is agreed to; returns what it was, or None where there is none.

    proposal: the number of the one that was read; then no other one is agreed to.
    """
    with in_turn():
        found = Journal(rollout.id).proposal()
        if found is None or found.confirmed_at is not None or proposal not in (None, found.pk):
            return None
        now = datetime.now(UTC)
        found.confirmed_at, found.confirmed_by = now, by
        found.save()
        body = {"action": found.action, "share": found.share, "by": by, "because": found.because}
        record(entries.CONFIRMED, body, rollout=rollout, at=now)
    return Message("{action} to {share:.1%}", action=found.action, share=found.share)


def note_back(rollout: Rollout, *, places: Places, by: str, at: datetime) -> bool:
    """Who took it back is on record, and a rollout without a guard has ended; False where the records fail.

    A guard that is alive, or frozen, ends its rollout itself. One that was done is reopened, and says so.
    """
    is_reopened = rollout.state == State.DONE
    because = REOPENED.plain() if is_reopened else ""
    try:
        record(entries.TAKEN_BACK, {"by": by, "because": because, "share": 0.0}, rollout=rollout, at=at)
        if is_reopened:
            note_reopened(rollout, places=places, at=at)
        _end_without_guard(rollout, places=places, at=at)
    except Error:
        return False
    return True


def _end_without_guard(rollout: Rollout, *, places: Places, at: datetime) -> None:
    lock = guard_lock(places, rollout.change)
    if lock is None:
        return
    with lock:
        journal = Journal(rollout.id)
        if journal.rollout.ended is None:
            newest = journal.epochs()[-1:]
            epoch = Epoch(
                newest[0].number + 1 if newest else 1, "watch", 0.0, newest[0].salt if newest else "", at
            )
            journal.went_back(Order(State.BACK, 0.0, Message("taken back by hand")), epoch)
            with suppress(KeyRingError):  # Who comes with the key signs for it.
                Sealer(journal, KeyRing(places.keys)).seal(at=at)
    places.forget(rollout.id)
