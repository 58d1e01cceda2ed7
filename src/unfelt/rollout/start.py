"""Beginning a rollout, or going on with the one that was interrupted."""

import json
from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from unfelt.adapters.routers.handles import handle
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.revision import restored, revise
from unfelt.engines.guard import VERSION
from unfelt.engines.ledger.actions import keep_revision, record
from unfelt.engines.ledger.appending import sign_chain
from unfelt.engines.ledger.keys import KeyRing
from unfelt.engines.ledger.naming import signer_of
from unfelt.engines.ledger.standards import Standards
from unfelt.records.business_time import in_business
from unfelt.records.models import Entry, Rollout
from unfelt.rollout import entries
from unfelt.rollout.decide import Order, State, rollout_of
from unfelt.rollout.journal import Journal
from unfelt.rollout.places import Places
from unfelt.rollout.preconditions import Outside, must_be_in_window, must_be_let_go, must_not_collide, note_gates
from unfelt.rollout.reach import must_answer, must_only_read
from unfelt.rollout.refusal import CannotStart


def open_rollout(change_id: str) -> Rollout | None:
    """The rollout of that change that has not ended."""
    found: Rollout | None = Rollout.objects.filter(change=change_id, ended=None).last()
    return found


def finished(change: Change) -> Rollout | None:
    """The newest rollout of that change, if it proved this very plan and everybody stayed on new."""
    newest: Rollout | None = Rollout.objects.filter(change=change.change.id).order_by("began").last()
    is_done = newest is not None and newest.state == State.DONE and newest.revision_id == revise(change).digest
    return newest if is_done else None


def enter(
    change: Change,
    *,
    places: Places,
    at: datetime,
    place: Standards | None = None,
    must_say: bool = False,
    outside: Outside | None = None,
) -> Rollout:
    """The rollout that is under way, under the plan it began with, or a new attempt: nobody is moved yet.

    place: what it is judged by; without a programme and a catalog if left out. must_say: see `must_be_let_go`.
    outside: who lets it begin outside its window.
    """
    plan = rollout_of(change)
    signer = signer_of(KeyRing(places.keys), at=at)
    current = open_rollout(change.change.id)
    if current and current.state == State.PREPARED and current.revision_id != revise(change).digest:
        _drop(current, at=at)
        current = None
    gates, now = None, in_business(at)
    if current is None or current.state == State.PREPARED:
        must_not_collide(change)
        must_be_in_window(change, outside, at=now)
        gates = must_be_let_go(change, place, at=now, must_say=must_say)
        must_answer(plan.old, plan.new)
        must_only_read(change)
    if current is None:
        directory = places.router(plan.listen).absolute()
        _must_be_free(directory, listen=plan.listen)
        handle(directory).clear_latch(directory)
        current = begin(change, places=places, at=at)
        if gates is not None:
            note_gates(change, gates, place, at=now)
    sign_chain(signer, at=at)
    team = change.change.team or ""
    places.remember(current.id, change=current.change, directory=current.directory, team=team)
    return current


def begin(change: Change, *, places: Places, at: datetime) -> Rollout:
    """A new attempt at the change, with what earlier attempts have left of the budget."""
    attempt, left = remaining(change)
    if left < 1:
        raise CannotStart(
            Message(
                "attempt {attempt}: earlier attempts have used up the impact budget of {budget} customers. "
                "Raise it in the plan, or have it reset: unfelt run --reset-budget REASON",
                attempt=attempt,
                budget=change.guard.impact_budget,
            )
        )
    with transaction.atomic():
        written = revise(change)
        revision = keep_revision(
            kind="change", name=change.change.id, digest=written.digest, document=written.canonical, at=at
        )
        number = Rollout.objects.filter(change=change.change.id).count() + 1
        rollout: Rollout = Rollout.objects.create(
            id=f"{change.change.id}-{number}",
            change=change.change.id,
            revision=revision,
            attempt=attempt,
            budget=left,
            state=State.PREPARED,
            state_since=at,
            directory=str(places.router(rollout_of(change).listen).absolute()),
            began=at,
        )
        record(entries.BEGUN, {"attempt": attempt, "budget": left, "guard": VERSION}, rollout=rollout, at=at)
    return rollout


def _drop(rollout: Rollout, *, at: datetime) -> None:
    """A rollout that never assigned anybody makes way for the plan as it is now."""
    why = Message("the plan was edited before anybody was assigned: begun anew under the new one")
    Journal(rollout.id).enter(Order(State.BACK, 0.0, why), at=at)


def _must_be_free(directory: Path, *, listen: str) -> None:
    other = Rollout.objects.filter(directory=str(directory), ended=None).first()
    if other is not None:
        raise CannotStart(
            Message(
                "rollout {rollout} is under way on {listen}. Let it end, take it back (unfelt back {rollout}), or "
                "choose another `rollout.listen`",
                rollout=other.id,
                listen=listen,
            )
        )


def reset_budget(change_id: str, *, reason: str, by: str, at: datetime) -> None:
    """Attempts are counted anew from here, for the reason on record; refused while one is under way."""
    current = open_rollout(change_id)
    if current is not None:
        raise CannotStart(
            Message(
                "rollout {rollout} is under way and keeps the budget it began with. Take it back first, then "
                "reset: unfelt back {rollout}",
                rollout=current.id,
            )
        )
    record(entries.BUDGET_RESET, {"change": change_id, "reason": reason, "by": by}, rollout=None, at=at)


def remaining(change: Change) -> tuple[int, int]:
    """Which attempt this would be, and how many customers it may affect at most."""
    # A rollout that was prepared and never assigned anybody was no attempt.
    earlier = (
        Rollout.objects.filter(change=change.change.id, began__gt=_counted_from(change.change.id))
        .exclude(state=State.DONE)
        .filter(epochs__isnull=False)
        .distinct()
    )
    used = sum(_affected(row) for row in earlier if row.ended)
    return earlier.count() + 1, change.guard.impact_budget - used


def judged_under(change: Change, rollout: Rollout) -> Change:
    """The plan as this attempt is judged: its number and what is left of the budget."""
    guard = change.guard.model_copy(update={"attempt": rollout.attempt, "impact_budget": rollout.budget})
    return change.model_copy(update={"guard": guard})


def planned(rollout: Rollout) -> Change:
    """The plan as it was when the rollout began, judged as this attempt."""
    return judged_under(restored(json.loads(rollout.revision.canonical)), rollout)


def _counted_from(change_id: str) -> datetime:
    """The end of the last proved rollout or the last reset: attempts before it count no more."""
    done = Rollout.objects.filter(change=change_id, state=State.DONE).order_by("began").last()
    resets = [e for e in Entry.objects.filter(kind="budget_reset") if f'"change":"{change_id}"' in e.body]
    times = [done.began] if done else []
    times += [entry.recorded_at for entry in resets]
    return max(times, default=datetime.min.replace(tzinfo=UTC))


def _affected(row: Rollout) -> int:
    return int(row.status.get("affected", {}).get("at_most", 0))
