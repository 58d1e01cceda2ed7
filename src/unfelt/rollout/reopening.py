"""Going back once a rollout is done: what it would do is said first, and that it was done is on record."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from unfelt.adapters.sources import Epoch
from unfelt.conf.language import Message
from unfelt.engines.ledger.keys import KeyRing, KeyRingError
from unfelt.engines.ledger.promises_said import promises_alone
from unfelt.records.models import Rollout
from unfelt.rollout.decide import Order, State
from unfelt.rollout.journal import Journal
from unfelt.rollout.places import Places
from unfelt.rollout.sealing import Sealer
from unfelt.rollout.start import planned

REOPENED = Message("reopened by hand after it was done: everybody was put back on old")


def would_happen(rollout: Rollout) -> Iterator[Message]:
    """What going back would do to customers who are on new for good."""
    yield Message(
        "{rollout} is done: its customers are on new for good, and nobody was moved. Going back would put all of "
        "them on old.",
        rollout=rollout.id,
    )
    change, stores = planned(rollout), rollout.status.get("stores", {})
    if stores:
        for metric, arms in stores.items():
            yield from promises_alone(metric, arms.get("new", {}), state=str(State.DONE))
    else:
        yield Message("What was written on new may not be on old: no metric of the plan looks into the stores.")
    if change.rollout is not None and change.rollout.writes:
        yield Message("The plan says of what was written on new: {writes}", writes=change.rollout.writes)
    final = ", ".join(step.id for step in change.steps if step.no_return)
    if final:
        yield Message("The plan knows no way back once these steps are done: {steps}", steps=final)


def note_reopened(rollout: Rollout, *, places: Places, at: datetime) -> None:
    """The rollout that was done has gone back: its state, its report and the ledger say so."""
    journal = Journal(rollout.id)
    if journal.rollout.state != State.DONE:
        return
    epoch = Epoch(journal.epochs()[-1].number + 1, "watch", 0.0, "", at)
    journal.went_back(Order(State.BACK, 0.0, REOPENED), epoch)
    with suppress(KeyRingError):  # Who comes with the key signs for it.
        Sealer(journal, KeyRing(places.keys)).seal(at=at)
