"""Keys that sign for the ledger: made once, kept together with it, changed on record."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command
from installations import copy_of, installation

from unfelt.engines.ledger.checkpoints import is_good, sign
from unfelt.engines.ledger.keys import KeyRing, KeyRingError
from unfelt.engines.ledger.naming import newest_key, replace, rotate, signer_of
from unfelt.records.models import Checkpoint

pytestmark = pytest.mark.skipif(
    "UNFELT_TEST_DATABASE" in os.environ, reason="each test copies records that are a file"
)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records in which nothing is."""
    home = tmp_path_factory.mktemp("keys") / "home"
    home.mkdir()
    with installation(home):
        call_command("migrate", "records", verbosity=0)
    return home


@pytest.fixture(autouse=True)
def _own(empty: Path, tmp_path: Path) -> Iterator[None]:
    """Each test has records of its own."""
    with installation(copy_of(empty, tmp_path / "own")):
        yield


def test_a_key_is_made_at_first_start_and_stays(tmp_path: Path):
    """Readable by its owner alone; the second start finds it."""
    ring = KeyRing(tmp_path / "keys")
    first = signer_of(ring, at=NOON)
    assert signer_of(ring, at=NOON).public_key.keyid == first.public_key.keyid == newest_key()["keyid"]
    assert ring.private.stat().st_mode & 0o777 == 0o600


def test_records_without_their_keys_are_refused(tmp_path: Path):
    """A half-copied installation says what is missing, and makes no key of its own."""
    signer_of(KeyRing(tmp_path / "keys"), at=NOON)
    elsewhere = KeyRing(tmp_path / "copy")
    with pytest.raises(KeyRingError, match="does not hold it"):
        signer_of(elsewhere, at=NOON)
    assert elsewhere.signer() is None


def test_records_with_the_keys_of_another_installation_are_refused(tmp_path: Path):
    """Both keys are named."""
    signer_of(KeyRing(tmp_path / "keys"), at=NOON)
    other = KeyRing(tmp_path / "other")
    other.adopt(other.make().public_key.keyid)
    with pytest.raises(KeyRingError, match="two installations"):
        signer_of(other, at=NOON)


def test_a_rotation_that_was_interrupted_is_completed(tmp_path: Path):
    """On record, and not yet in force: the next start has the key before vouch for it."""
    ring = KeyRing(tmp_path / "keys")
    before = signer_of(ring, at=NOON).public_key.keyid
    old = ring.private.read_bytes()
    after = rotate(ring, at=NOON).public_key.keyid
    ring.private.rename(ring.next)
    ring.private.write_bytes(old)
    assert signer_of(ring, at=NOON).public_key.keyid == after != before
    assert before in Checkpoint.objects.values_list("key", flat=True)


def test_a_replaced_key_signs_and_its_reason_is_on_record(tmp_path: Path):
    """For whoever lost the one before."""
    signer_of(KeyRing(tmp_path / "keys"), at=NOON)
    fresh = replace(KeyRing(tmp_path / "new"), why="the disk died", at=NOON)
    assert newest_key()["why"] == "the disk died"
    assert newest_key()["keyid"] == fresh.public_key.keyid


def test_a_key_that_cannot_be_read_is_named(tmp_path: Path):
    """With its file."""
    ring = KeyRing(tmp_path)
    ring.private.write_text("no key")
    with pytest.raises(KeyRingError, match=r"signing\.pem holds no key"):
        ring.signer()


def test_a_checkpoint_is_good_only_for_what_it_says(tmp_path: Path):
    """By the key it names; for no other entry, digest or time."""
    from dataclasses import replace as changed

    signer = KeyRing(tmp_path).make()
    keys = {signer.public_key.keyid: signer.public_key}
    signed = sign(signer, sequence=7, digest="a" * 64, at=NOON)
    assert is_good(signed, keys)
    for wrong in (
        changed(signed, sequence=8),
        changed(signed, digest="b" * 64),
        changed(signed, signed_at=NOON.replace(hour=13)),
        changed(signed, key="c" * 64),
        changed(signed, envelope=signed.envelope + " "),
        changed(signed, envelope="{}"),
    ):
        assert not is_good(wrong, keys)
