"""Why what was read cannot be trusted."""

from datetime import UTC, datetime, timedelta

import pytest

from plans import plan
from unfelt.adapters.sources import Batch, Intake
from unfelt.engines.guard.trouble import Reading, trouble_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def trouble(batch: Batch, *, jump: float = 0.0) -> str | None:
    """What is wrong with a batch read at noon, in words; reading began a minute before."""
    reading = Reading(batch, NOON, NOON - timedelta(minutes=1), timedelta(seconds=jump))
    found = trouble_of(reading, plan())
    return found and str(found)


def test_fresh_complete_telemetry_is_believed():
    """No reason, no trouble."""
    assert trouble(Batch(1, NOON, intake=Intake(lines=1000))) is None


@pytest.mark.parametrize("until", [None, NOON - timedelta(seconds=20)])
def test_telemetry_that_stops_is_not_believed(until: datetime | None):
    """Silence is not health."""
    assert "the router's log has stopped" in (trouble(Batch(1, until)) or "")


def test_a_clock_that_jumps_is_named():
    """Windows are lengths of time: a jump spoils them."""
    assert trouble(Batch(1, NOON), jump=-30.0) == "the clock of this machine jumped by -30.0 s"


def test_lines_that_do_not_parse_are_named_with_an_example():
    """More than one in a hundred is too many."""
    intake = Intake(lines=1000, unparsed=11, examples=("{broken",))
    assert trouble(Batch(1, NOON, intake=intake)) == "11 of 1000 log lines do not parse, such as {broken"


def test_a_few_broken_lines_are_counted_and_not_feared():
    """They are shown, and the rest is believed."""
    assert trouble(Batch(1, NOON, intake=Intake(lines=1000, unparsed=10))) is None


def test_customers_met_on_both_arms_are_named():
    """More than one in a hundred means that the split is not what was asked."""
    found = trouble(Batch(1, NOON, customers=1000, crossed=11))
    assert found == "11 of 1000 customers were met on both old and new without a change of share"


def test_a_source_that_does_not_answer_is_named():
    """A metric without data is unmeasured, never 0 bad."""
    assert trouble(Batch(1, NOON, stale=("lost_order",))) == "no data for lost_order: its source does not answer"
