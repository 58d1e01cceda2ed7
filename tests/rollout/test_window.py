"""A rollout begins in the window of its plan, or two people say why."""

from datetime import UTC, datetime

import pytest

from unfelt.documents.change import Change
from unfelt.records.models import Entry
from unfelt.rollout.preconditions import Outside, must_be_in_window
from unfelt.rollout.refusal import CannotStart

BEFORE, WITHIN, AFTER = (datetime(2026, 12, day, 3, tzinfo=UTC) for day in (6, 7, 8))


def plan(**changes):
    """A change with a window and two people."""
    given = {
        "unfelt": 1,
        "change": {"id": "windowed", "title": "a", "owner": "lin"},
        "window": {"from": "2026-12-07T00:00Z", "to": "2026-12-07T06:00Z"},
        "experience": {
            "customer": "cookie:u",
            "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
        },
        "guard": {"impact_budget": "100 customers"},
        "people": [{"id": "wang", "name": "Wang Fang"}],
    }
    return Change.model_validate(given | changes)


def test_within_its_window_and_without_one_it_begins():
    """From the first moment on; the last one is over."""
    must_be_in_window(plan(), None, at=WITHIN)
    must_be_in_window(plan(), None, at=datetime(2026, 12, 7, tzinfo=UTC))
    must_be_in_window(plan(window=None), None, at=AFTER)
    with pytest.raises(CannotStart):
        must_be_in_window(plan(), None, at=datetime(2026, 12, 7, 6, tzinfo=UTC))


@pytest.mark.parametrize(("at", "said"), [(BEFORE, "has not begun"), (AFTER, "is over")])
def test_outside_it_is_refused_with_what_to_do(at, said):
    """The window, what is wrong with it, and the command that two people use."""
    with pytest.raises(CannotStart) as refused:
        must_be_in_window(plan(), None, at=at)
    assert said in str(refused.value)
    assert "--outside-window" in str(refused.value)


def test_two_people_that_are_known_let_it_begin_and_that_is_on_record():
    """With the reason."""
    must_be_in_window(plan(), Outside("The host is late", "lin", "Wang Fang"), at=AFTER)
    entry = Entry.objects.filter(kind="outside window").order_by("-sequence").first()
    assert "The host is late" in entry.body
    assert "Wang" not in entry.body  # Names lie beside the ledger.


@pytest.mark.parametrize(
    ("by", "agreed_by", "said"),
    [("lin", "lin@shop.example", "It takes two people"), ("lin", "Mickey Mouse", "Mickey Mouse is not known")],
)
def test_one_person_or_a_stranger_lets_nothing_begin(by, agreed_by, said):
    """Nothing is on record."""
    before = Entry.objects.count()
    with pytest.raises(CannotStart) as refused:
        must_be_in_window(plan(), Outside("x", by, agreed_by), at=AFTER)
    assert said in str(refused.value)
    assert Entry.objects.count() == before
