"""Kinds of ledger entries: who is a person in one is declared, and nothing else gets in."""

import json
from datetime import UTC, datetime

import pytest

from unfelt.conf.language import Message, in_language
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entry_kinds import EntryKind, UndeclaredError, entry_kinds, label_of
from unfelt.engines.ledger.people import names, revealed

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
PICKED = EntryKind("apple picked", Message("apple picked"), people=("picker",), holds=("tree",))


def test_whom_a_kind_declares_is_a_token_in_the_chain():
    """By whatever member it names them; readers see the name."""
    body = json.loads(record(PICKED, {"picker": "lin", "tree": 7}, rollout=None, at=NOON).body)
    assert ("lin" in json.dumps(body), body["tree"]) == (False, 7)
    assert revealed(body, names()) == {"picker": "lin", "tree": 7}


def test_a_member_that_is_not_declared_is_refused():
    """Nobody knows whether it names a person: nothing is written."""
    with pytest.raises(UndeclaredError, match=r"'apple picked': eater is not declared"):
        record(PICKED, {"picker": "lin", "eater": "mei"}, rollout=None, at=NOON)


@pytest.mark.parametrize("kind", entry_kinds().values(), ids=entry_kinds())
def test_every_kind_has_a_label_in_both_languages(kind):
    """And says what it holds, each member once."""
    with in_language("zh"):
        assert any("一" <= letter <= "鿿" for letter in label_of(kind.name))
    members = (*kind.people, *(kind.holds or ()))
    assert len(set(members)) == len(members)


def test_a_kind_that_nobody_registers_is_shown_as_it_stands():
    """A plug-in was taken away; its entries stay."""
    assert label_of("pear picked") == "pear picked"
