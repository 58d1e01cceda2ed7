"""A look is written only onto the record that it began from, and only once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from unfelt.adapters.sources import Batch, Epoch, Lapse
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.records.models import Entry
from unfelt.rollout.bodies import Tick
from unfelt.rollout.decide import Order, State
from unfelt.rollout.journal import Journal, OvertakenError
from unfelt.rollout.judging import baseline_guard, judged
from unfelt.rollout.places import Places
from unfelt.rollout.start import begin, planned
from unfelt.testing.paper import Circumstances, plan

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SECOND = timedelta(seconds=1)
BY_HAND = Order(State.BACK, 0.0, Message("taken back by hand"))


@pytest.fixture
def journal(tmp_path) -> Iterator[Journal]:
    """Of a rollout of the longest name, which takes its baseline until the test ends."""
    plain = plan(Circumstances()).model_dump(mode="json")
    plain["change"]["id"] = f"overtaken-{tmp_path.name}".replace("_", "-").lower()[:64].ljust(64, "x")
    row = begin(Change.model_validate(plain), places=Places(tmp_path), at=NOW)
    journal = Journal(row.id)
    journal.moved(Order(State.BASELINE, 0.5, Message("begun")), Epoch(1, "baseline", 0.5, "s", NOW), at=NOW)
    yield journal
    journal.enter(BY_HAND, at=NOW)


def look(journal: Journal, number: int, *, after: datetime | None) -> Tick:
    """A look at nothing, at that second."""
    at = NOW + number * SECOND
    guard, standing = baseline_guard(planned(journal.rollout)), journal.standing()
    batch = Batch(number, at)
    decision = judged(guard, batch, standing, at=at, trouble=None)
    return Tick(batch, decision, None, standing, guard.state(), {}, at, after)


def count(journal: Journal, kind: str) -> int:
    """So many entries of that kind."""
    return Entry.objects.filter(rollout_id=journal.id, kind=kind).count()


def test_a_look_that_was_saved_is_saved_once(journal):
    """The database may have kept it and died before it said so."""
    tick = look(journal, 1, after=None)
    journal.save_tick(tick)
    journal.save_tick(tick)
    assert count(journal, "decision") == 1


def test_a_look_that_does_not_follow_the_newest_one_is_refused(journal):
    """Whoever wrote the newest one was another process, or this one before it was interrupted."""
    first = look(journal, 1, after=None)
    journal.save_tick(first)
    with pytest.raises(OvertakenError):
        journal.save_tick(look(journal, 2, after=None))
    journal.save_tick(look(journal, 2, after=first.at))
    assert count(journal, "decision") == 2


def test_a_look_from_before_a_lapse_is_refused(journal):
    """The baseline began anew: it no longer stands where the look had it. Nothing of the look is kept."""
    tick = look(journal, 1, after=None)
    journal.note_lapse(Lapse(NOW, NOW + SECOND, "the clock jumped"), at=NOW + SECOND)
    with pytest.raises(OvertakenError):
        journal.save_tick(tick)
    assert (count(journal, "decision"), journal.guard_state()) == (0, None)
    journal.save_tick(replace(tick, standing=journal.standing()))
    assert count(journal, "decision") == 1


def test_an_order_is_overtaken_by_a_lapse_and_due_again_by_a_look(journal):
    """The newest of both counts."""
    journal.save_tick(look(journal, 1, after=None))
    assert not journal.is_overtaken()
    journal.note_lapse(Lapse(NOW, NOW + SECOND, "unfelt was not running"), at=NOW + 2 * SECOND)
    assert journal.is_overtaken()
    journal.save_tick(look(journal, 3, after=NOW + SECOND))
    assert not journal.is_overtaken()


def test_going_back_is_written_down_once(journal):
    """However often it was tried."""
    epoch = Epoch(2, "watch", 0.0, "s", NOW + SECOND)
    journal.went_back(BY_HAND, epoch)
    journal.went_back(BY_HAND, epoch)
    assert (count(journal, "order"), count(journal, "moved")) == (1, 2)
