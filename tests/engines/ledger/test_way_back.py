"""How soon a rollout was back, and what chance allows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from unfelt.engines.ledger.way_back import WayBack, least_affected
from unfelt.kernel.limits import needed_to_see

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """So long after noon."""
    return NOON + timedelta(seconds=seconds)


def cell(*, old: tuple[int, int], new: tuple[int, int]) -> dict[str, Any]:
    """The cell of everybody's failures: customers and bad ones."""
    counted = {arm: {"n": n, "bad": bad} for arm, (n, bad) in (("old", old), ("new", new))}
    return {"metric": "failed", "segment": None, **counted}


def test_the_time_runs_from_the_last_look_without_enough_evidence():
    """The evidence came at some moment between two looks: the earlier one is counted from."""
    back = WayBack()
    for second, action in enumerate(("hold", "widen", "hold", "back", "back")):
        back.look(action, at=after(second))
    back.order("back", at=after(3.25))
    assert (back.seen, back.decided, back.seconds) == (after(2), after(3), 1.25)


def test_a_person_who_takes_customers_back_needs_no_evidence():
    """No time is given where no evidence was complete."""
    back = WayBack()
    back.look("hold", at=after(0))
    back.order("back", at=after(5))
    assert (back.on_old, back.seconds) == (after(5), None)


def test_what_comes_after_going_back_changes_nothing():
    """Looks at those who were under way are no looks at the evidence."""
    back = WayBack()
    back.look("hold", at=after(0))
    back.look("back", at=after(1))
    back.order("back", at=after(2))
    back.look("hold", at=after(3))
    assert back.seconds == 2.0


def test_the_limit_is_the_least_number_of_customers_times_the_excess():
    """The customers that any method needs at these rates, of whom the excess is affected."""
    cells = [cell(old=(1000, 10), new=(100, 20))]
    found = least_affected(cells, metric="failed", segment=None, share=0.1, level=0.01)
    assert found == float(needed_to_see(0.01, 0.2, 0.1, level=0.01)) * (0.2 - 0.01)


def test_where_nothing_was_worse_there_is_no_limit():
    """No excess, no customers, another cell: nothing is claimed."""
    alike, nobody = cell(old=(100, 10), new=(100, 10)), cell(old=(0, 0), new=(5, 5))
    told = [
        least_affected([one], metric=metric, segment=None, share=0.1, level=0.01)
        for one, metric in ((alike, "failed"), (nobody, "failed"), (alike, "slow"))
    ]
    assert told == [None] * 3
