"""The guard's memory, kept exactly."""

import dataclasses

import pytest
from guard_simulation import Shop, plan, roll_out

from unfelt.engines.guard import Guard, GuardError

HARM = {("slow", "phone"): 0.1}


@pytest.mark.parametrize("harm", [{}, HARM], ids=["harmless", "harmful"])
def test_interrupted_at_every_tick_it_decides_the_same_to_the_last_bit(harm):
    """Decisions and bytes of a run equal those of a run that is stored and restored after each tick."""
    base = {"failed": 0.001, "slow": 0.001}
    straight, guard = roll_out(plan(), Shop(5, base, harm), seconds=40)
    broken, restored = roll_out(plan(), Shop(5, base, harm), seconds=40, reload=True)
    assert [plain(d) for d in straight] == [plain(d) for d in broken]
    assert guard.state() == restored.state()


def test_promotion_is_remembered():
    """A restored guard still judges against the margins, bit by bit."""
    guard = Guard(plan())
    guard.begin_promotion()
    restored = Guard.restore(plan(), guard.state())
    assert restored.is_promoted
    assert restored.state() == guard.state()


def test_values_of_segments_are_remembered():
    """What the baseline fixed need not be given again."""
    guard = Guard(plan(), segments={"device": ["phone", "desktop"]})
    assert Guard.restore(plan(), guard.state()).state() == guard.state()


def test_evidence_is_not_carried_to_another_plan():
    """Another false_alarm is another plan."""
    with pytest.raises(GuardError, match="another plan"):
        Guard.restore(plan(false_alarm="5%"), Guard(plan()).state())


def test_foreign_bytes_are_refused():
    """Not a guard's memory."""
    with pytest.raises(GuardError, match="not the memory of a guard"):
        Guard.restore(plan(), b"something else")


def plain(decision):
    return repr(dataclasses.astuple(dataclasses.replace(decision, because=str(decision.because))))
