"""Mission stores and their clock."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.ledger.entries import CLOCK_MOVED, JUDGED_BY
from unfelt.engines.ledger.mission import MissionError, found_mission, mission_here, step
from unfelt.records.business_time import business_now, in_business, is_mission, on_this_machine
from unfelt.records.models import Entry

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
TRUTH = "ab" * 32
DAY = timedelta(days=1)


pytestmark = pytest.mark.usefixtures("empty_records")


def faults() -> list[str]:
    """What a walk along the chain finds, of which keys are trusted apart."""
    found = [str(one.why) for one in check_ledger({}).faults]
    return [one for one in found if "you trust" not in one]


def test_a_store_is_a_missions_from_its_first_entry_on():
    """It says the seed and the digest of the truth, and nothing stands before it."""
    assert not is_mission()
    found_mission(seed=7, truth=TRUTH, at=NOON)
    first, found = Entry.objects.order_by("sequence").first(), mission_here()
    assert (first.sequence, first.kind, is_mission()) == (1, "mission", True)
    assert (found.seed, found.truth, found.born) == (7, TRUTH, NOON)


def test_a_ledger_with_entries_becomes_no_missions():
    """Nor does one that is a mission's already."""
    record(JUDGED_BY, {"kind": "catalog", "name": "house"}, rollout=None, at=NOON)
    with pytest.raises(MissionError):
        found_mission(seed=7, truth=TRUTH, at=NOON)
    assert (Entry.objects.count(), is_mission()) == (1, False)


@pytest.mark.parametrize("truth", ["", "ab", "xy" * 32, "AB" * 32])
def test_the_truth_is_named_by_its_digest(truth: str):
    """In 64 hexadecimal digits."""
    with pytest.raises(MissionError):
        found_mission(seed=7, truth=truth, at=NOON)


def test_the_clock_of_any_other_store_stands():
    """A step is refused, and business time is that of the machine."""
    with pytest.raises(MissionError):
        step(DAY, at=NOON)
    assert (in_business(NOON), on_this_machine(NOON), Entry.objects.count()) == (NOON, NOON, 0)


@pytest.mark.parametrize("length", [timedelta(0), -DAY, timedelta(days=401)])
def test_the_clock_goes_forward_alone(length: timedelta):
    """And not for years at once."""
    found_mission(seed=7, truth=TRUTH, at=NOON)
    with pytest.raises(MissionError):
        step(length, at=NOON)


def test_a_step_is_on_record_and_moves_business_time():
    """From the moment at which it was made; what is of before stays where it was."""
    found_mission(seed=7, truth=TRUTH, at=NOON)
    step(14 * DAY, at=NOON + DAY)
    step(DAY, at=NOON + 2 * DAY)
    later = NOON + 3 * DAY
    assert [in_business(at) for at in (NOON, NOON + DAY, later)] == [NOON, NOON + 15 * DAY, later + 15 * DAY]
    body = json.loads(Entry.objects.filter(kind="clock moved").latest("sequence").body)
    assert (body["from"], body["to"]) == ((NOON + 16 * DAY).isoformat(), (NOON + 17 * DAY).isoformat())
    assert faults() == []


def test_back_to_the_time_of_the_machine():
    """A business time that was stepped over is the moment of the step."""
    found_mission(seed=7, truth=TRUTH, at=NOON)
    step(14 * DAY, at=NOON + DAY)
    moments = (NOON, NOON + 5 * DAY, NOON + 16 * DAY)
    assert [on_this_machine(at) for at in moments] == [NOON, NOON + DAY, NOON + 2 * DAY]


def test_business_time_is_now_and_the_steps():
    """To the second."""
    found_mission(seed=7, truth=TRUTH, at=datetime.now(UTC))
    step(DAY, at=datetime.now(UTC))
    assert abs(business_now() - datetime.now(UTC) - DAY) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("is_there", "changed", "said"),
    [
        (False, {}, "the clock was moved in a store that is no mission store"),
        (True, {"seconds": -60}, "the clock was not moved forward"),
        (True, {"from": (NOON + DAY).isoformat()}, "the clock was moved from another time than it showed"),
    ],
)
def test_verify_names_a_step_that_cannot_be(is_there: bool, changed: dict, said: str):
    """One that was written by something else than the command."""
    if is_there:
        found_mission(seed=7, truth=TRUTH, at=NOON)
    to = (NOON + timedelta(seconds=60)).isoformat()
    body = {"moved_at": NOON.isoformat(), "seconds": 60, "from": NOON.isoformat(), "to": to, **changed}
    record(CLOCK_MOVED, body, rollout=None, at=NOON)
    assert faults() == [said]
