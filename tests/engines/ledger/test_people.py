"""Names of people: beside the ledger, never in it."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import forget, record
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.people import TOKEN, digest_of, names, revealed, veiled
from unfelt.records.models import Entry, Person

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NOTE = EntryKind("note", Message("note"), ("by", "agreed_by"), ("n",))


def test_an_entry_holds_a_token_and_gives_the_name_back():
    """One person has one token; the guard is nobody."""
    body = {"by": "ann@people.example", "agreed_by": "bo@people.example", "n": 1}
    kept = [record(NOTE, body, rollout=None, at=NOON) for _time in range(2)]
    texts = [Entry.objects.get(pk=one.sequence).body for one in kept]
    assert texts[0] == texts[1]
    assert "people.example" not in texts[0]
    assert len(TOKEN.findall(texts[0])) == 2
    assert revealed(veiled(body, NOTE.people, at=NOON), names()) == body
    assert veiled({"by": "guard"}, NOTE.people, at=NOON) == {"by": "guard"}


def test_an_erased_name_is_gone_and_a_new_entry_of_that_person_has_another_token():
    """Nobody can tell that both were the same."""
    first = veiled({"by": "cy@people.example"}, NOTE.people, at=NOON)
    assert forget("cy@people.example", at=NOON) == [first["by"]]
    assert forget("cy@people.example", at=NOON) == []
    assert revealed(first, names())["by"] == "an erased name"
    row = Person.objects.get(pk=first["by"])
    assert (row.name, row.salt, row.erased_at) == (None, "", NOON)
    assert veiled({"by": "cy@people.example"}, NOTE.people, at=NOON)["by"] != first["by"]
    assert Entry.objects.filter(kind="forgotten", body__contains=first["by"]).exists()


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=32))
@settings(max_examples=60)
def test_two_names_never_share_a_token(one, two, salt):
    """Under the same salt; whatever letters they have."""
    assert (digest_of(salt, one) == digest_of(salt, two)) == (one == two)
