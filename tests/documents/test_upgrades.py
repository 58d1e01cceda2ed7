"""Older documents become newer ones, step by step."""

import pytest

from unfelt.documents.refusal import RefusalError
from unfelt.documents.upgrades import NEWEST, STEPS, upgrade

STORED = {"unfelt": 1, "change": {"id": "a"}, "budget": "150 customers"}


def _to_two(data):
    return {key: value for key, value in data.items() if key != "budget"} | {"guard": {"budget": data["budget"]}}


def _to_three(data):
    return data | {"guard": {"impact_budget": data["guard"]["budget"]}}


def test_a_stored_document_climbs_every_step():
    """A document of the first form becomes one of the third by both steps, and says so."""
    assert upgrade(STORED, steps={1: _to_two, 2: _to_three}, newest=3) == {
        "unfelt": 3,
        "change": {"id": "a"},
        "guard": {"impact_budget": "150 customers"},
    }


def test_the_stored_document_stays_as_it_is():
    """An upgrade changes nothing in what was stored."""
    before = dict(STORED)
    upgrade(STORED, steps={1: _to_two}, newest=2)
    assert before == STORED


def test_the_newest_form_needs_no_step():
    """A document of the newest form is left alone."""
    assert upgrade({"unfelt": NEWEST, "a": 1}) == {"unfelt": NEWEST, "a": 1}


@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.0])
def test_unknown_forms_are_refused(version):
    """A form from the future, or none, is refused."""
    with pytest.raises(RefusalError):
        upgrade({"unfelt": version})


def test_there_is_a_step_from_every_old_form():
    """Every form before the newest has its step."""
    assert sorted(STEPS) == list(range(1, NEWEST))
