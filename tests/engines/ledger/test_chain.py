"""The chain of evidence."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction
from securesystemslib.signer import CryptoSigner

from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import keep_artefact, keep_revision, links, record
from unfelt.engines.ledger.appending import sign_chain
from unfelt.engines.ledger.chain import GENESIS, Link, canonical, faults
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.records.models import Entry

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NOTE = EntryKind("note", Message("note"), holds=("n", "words"))


def chain_of(count: int) -> list[tuple[Link, str]]:
    """A sound chain of so many entries."""
    made: list[tuple[Link, str]] = []
    previous = GENESIS
    for number in range(1, count + 1):
        link = Link(number, "note", None, None, NOON, canonical({"n": number}), previous)
        previous = link.digest()
        made.append((link, previous))
    return made


def test_a_sound_chain_has_no_faults():
    """Nothing is found where nothing was changed."""
    assert list(faults(chain_of(5))) == []


def test_a_changed_body_is_named():
    """The entry whose content was changed is the one that is named."""
    chain = chain_of(3)
    link, digest = chain[1]
    chain[1] = (Link(2, "note", None, None, NOON, canonical({"n": 99}), link.previous), digest)
    assert [fault.sequence for fault in faults(chain)] == [2]


def test_a_changed_body_with_a_fitting_digest_is_named_by_its_successor():
    """Making the digest fit breaks the entry after it."""
    chain = chain_of(3)
    forged = Link(2, "note", None, None, NOON, canonical({"n": 99}), chain[1][0].previous)
    chain[1] = (forged, forged.digest())
    assert [fault.sequence for fault in faults(chain)] == [3]


def test_a_missing_entry_is_found():
    """A gap in the numbers is a fault."""
    chain = chain_of(4)
    del chain[1]
    assert [fault.sequence for fault in faults(chain)] == [2]


def test_entries_written_to_the_database_form_a_sound_chain():
    """What is recorded can be read back and verified."""
    for number in range(3):
        record(NOTE, {"n": number, "words": "无感"}, rollout=None, at=NOON)
    chain = list(links())
    assert list(faults(chain)) == []
    assert chain[-1][0].body == '{"n":2,"words":"无感"}'


REPLACED = {
    "sqlite": "INSERT OR REPLACE INTO records_entry SELECT * FROM records_entry",
    "postgresql": "INSERT INTO records_entry TABLE records_entry ON CONFLICT (sequence) DO UPDATE SET kind = 'x'",
}[connection.vendor]
"""A row that takes the place of another, as the database in use spells it."""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_entry SET kind = 'x'",
        "DELETE FROM records_entry",
        "DELETE FROM records_revision",
        REPLACED,
        "UPDATE records_artefact SET kind = 'x'",
        "DELETE FROM records_checkpoint",
    ],
)
def test_the_database_refuses_to_change_or_delete(statement):
    """Append-only is held by the database, not by good manners."""
    record(NOTE, {}, rollout=None, at=NOON)
    keep_revision(kind="change", name="a", digest="0" * 64, document="{}", at=NOON)
    keep_artefact("guard", b"memory", at=NOON)
    sign_chain(CryptoSigner.generate_ed25519(), at=NOON)
    before = Entry.objects.count()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == before


def test_a_revision_is_kept_once():
    """Keeping the same document again changes nothing."""
    first = keep_revision(kind="change", name="a", digest="1" * 64, document="{}", at=NOON)
    again = keep_revision(kind="change", name="b", digest="1" * 64, document="{}", at=NOON)
    assert (again.digest, again.name) == (first.digest, "a")
