"""Erasing what was kept with evidence: a tombstone stays, and verification names it."""

import hashlib
import json
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from unfelt.engines.ledger.actions import keep_artefact, record
from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.ledger.entries import ERASED, EVIDENCE
from unfelt.engines.ledger.erasing import erase_artefacts, stones_of
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.records.models import Artefact, Entry, Erasure

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def kept(content: bytes) -> str:
    """A paper on record with these bytes; their digest."""
    digest = keep_artefact("evidence", content, at=NOON)
    body = {
        "change": "split",
        "revision": "r",
        "control": "team.form",
        "kind": "document",
        "verdict": "pass",
        "why": "seen",
        "by": "lin",
        "found_at": NOON.isoformat(),
        "until": None,
        "parts": {},
        "payload": {"name": "a.md", "digest": digest},
        "limits": None,
        "artefact": digest,
    }
    record(EVIDENCE, body, rollout=None, at=NOON)
    return digest


def faults() -> list[str]:
    """What verification finds about artefacts and what was erased."""
    return [str(one) for one in check_ledger({}).faults if "is not one that you trust" not in str(one)]


def erased(*digests: str, why: str = "A customer's passport was in it") -> int:
    """The entry that says so."""
    return erase_artefacts(digests, why=why, by="zhao", at=NOON)


def test_what_was_erased_is_gone_and_named_and_nothing_is_wrong():
    """The bytes are gone, who erased them and why stays, and the chain still verifies."""
    digest = kept(b"passport 1")
    number = erased(digest[:12])
    assert Artefact.objects.filter(digest=digest).count() == 0
    assert stones_of([digest])[digest].why == "A customer's passport was in it"
    assert (check_ledger({}).erased, faults()) == ({digest: number}, [])
    assert "zhao" not in Entry.objects.get(sequence=number).body


def test_an_artefact_that_is_missing_without_a_tombstone_is_a_fault():
    """The guard of the table is taken away first, as somebody with the file could."""
    digest = kept(b"passport 2")
    with transaction.atomic(), connection.cursor() as cursor:
        table = " ON records_artefact" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER records_artefact_no_DELETE{table}")
        cursor.execute("DELETE FROM records_artefact WHERE digest = %s", [digest])
        assert [f"the artefact {digest[:12]} that it names is missing" in one for one in faults()] == [True]
        transaction.set_rollback(True)
    assert faults() == []


def test_the_database_lets_nothing_go_that_has_no_tombstone():
    """Not even where another artefact has one; nor is a tombstone changed or taken away."""
    digest, other = kept(b"passport 3"), kept(b"passport 4")
    erased(other)
    for statement in (
        "DELETE FROM records_artefact",
        f"UPDATE records_artefact SET kind = 'x' WHERE digest = '{digest}'",
        "DELETE FROM records_erasure",
        "UPDATE records_erasure SET sequence = 1",
    ):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert Artefact.objects.filter(digest=digest).exists()


def test_a_tombstone_that_no_entry_knows_is_a_fault():
    """Whoever made one beside the ledger, to let something go, is found."""
    digest = kept(b"passport 5")
    with transaction.atomic():
        Erasure.objects.create(digest=digest, sequence=1, erased_at=NOON)
        Artefact.objects.filter(digest=digest).delete()
        found = faults()
        assert any("marked as erased, and no entry says so" in one for one in found)
        assert any("is missing" in one for one in found)
        transaction.set_rollback(True)


def test_bytes_that_came_back_are_a_fault():
    """From an older copy of the records, say."""
    digest = kept(b"passport 6")
    erased(digest)
    with transaction.atomic():
        keep_artefact("evidence", b"passport 6", at=NOON)
        assert any("is there all the same" in one for one in faults())
        transaction.set_rollback(True)


def test_an_entry_alone_erases_nothing():
    """It is told where the row beside it is missing."""
    digest = kept(b"passport 7")
    with transaction.atomic():
        record(ERASED, {"by": "zhao", "digests": [digest], "why": "x"}, rollout=None, at=NOON)
        found = faults()
        assert any("is not marked as erased" in one for one in found)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("named", "why", "said"),
    [
        ("0" * 64, "why", "No file that is kept"),
        ("abc", "why", "is no digest"),
        ("", "why", "is no digest"),
        ("own", " ", "Say why"),
        ("own", "x" * 3000, "too long"),
        ("tallies", "why", "is needed to verify a rollout"),
        ("twice", "why", "is erased already"),
    ],
)
def test_what_cannot_be_erased_is_refused_and_nothing_is_written(named, why, said):
    """What is not kept, what a rollout is verified from, what is gone, and no reason."""
    digest = kept(f"passport {named} {said}".encode())
    tallies = keep_artefact("tallies", named.encode(), at=NOON)
    if named == "twice":
        erased(digest)
    before = Entry.objects.count()
    with pytest.raises(GateError, match=said):
        erased({"own": digest, "tallies": tallies, "twice": digest}.get(named, named), why=why)
    assert Entry.objects.count() == before


def test_several_are_erased_at_once_or_none():
    """One that is not there holds the others."""
    digest = kept(b"passport 8")
    with pytest.raises(GateError):
        erased(digest, hashlib.sha256(b"nothing").hexdigest())
    assert Artefact.objects.filter(digest=digest).exists()
    other = kept(b"passport 9")
    body = json.loads(Entry.objects.get(sequence=erased(digest, other)).body)
    assert body["digests"] == sorted([digest, other])
