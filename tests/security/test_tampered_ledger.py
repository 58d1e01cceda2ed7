"""Somebody has the records in hand: `verify` finds what they change, and by a checkpoint what they cut."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.core.management import call_command
from django.db import transaction
from installations import NOON, copy_of, installation, made, sign_off
from tampering import bodies, fit, rewrite, tampered

from unfelt.cli.verify import command
from unfelt.conf.settings import settings_from
from unfelt.engines.ledger.actions import forget, record
from unfelt.engines.ledger.entries import KEY, WAIVER
from unfelt.engines.ledger.keys import KeyRing, pem_of
from unfelt.engines.ledger.people import token_of
from unfelt.engines.ledger.published import held_against, read_published, text_of
from unfelt.engines.ledger.publishing import keep_up
from unfelt.engines.ledger.sealing import AT_MOST, EVERY, seal_due, sealing
from unfelt.engines.people.actions import add_member, change_member, put_in_team, revoke_token
from unfelt.engines.people.entries import LOGGED_IN
from unfelt.records.models import Checkpoint, Coverage, Entry, Member, Team, Token
from unfelt.rollout.verifying import verify


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with its newest entry a sign-off."""
    home = tmp_path_factory.mktemp("ledger") / "home"
    made(home)
    return home


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    """A copy of it, to be done harm to."""
    return copy_of(written, tmp_path / "home")


def found(home: Path, against: Path | None = None) -> list[str]:
    """What verification finds there, as sentences."""
    with installation(home):
        trusted = KeyRing(home / "keys").public()
        verdict = verify(trusted)
        published = read_published(against) if against else ()
        return [str(one) for one in [*verdict.faults, *held_against(published, verdict.ledger, trusted)]]


def published(home: Path, at: Path) -> Path:
    """The newest checkpoint, kept elsewhere."""
    at.mkdir()
    with installation(home):
        (at / "checkpoint.json").write_text(text_of(Checkpoint.objects.last()))
    return at


def test_what_nobody_touched_is_in_order_and_wholly_signed(written: Path):
    """A sign-off is signed for in the transaction that writes it, with all before it."""
    assert found(written) == []
    with installation(written):
        assert (sealing().unsigned, sealing().problem) == (0, None)


def test_a_sign_off_given_to_another_person_is_found(copied: Path):
    """Triggers dropped, the entry rewritten and every digest after it fitted: the signature does not agree."""
    with installation(copied):
        other = token_of("lin", at=NOON)

    def give(connection: sqlite3.Connection) -> None:
        sequence, body = bodies(connection, "evidence")[-1]
        rewrite(connection, sequence, {**body, "by": other})

    tampered(copied / "records.db", give, is_fitted=True)
    assert any("is not what was signed" in one for one in found(copied))


def test_newest_entries_deleted_are_found(copied: Path):
    """What signed for them names an entry that is gone."""
    tampered(copied / "records.db", lambda c: c.execute("DELETE FROM records_entry WHERE sequence > 30"))
    assert any("the entry that was signed for is missing" in one for one in found(copied))


def test_signatures_taken_away_from_what_counts_at_once_are_said(copied: Path):
    """Nothing is wrong with a row, and yet not everything could be checked."""
    tampered(copied / "records.db", lambda c: c.execute("DELETE FROM records_checkpoint WHERE sequence > 30"))
    with installation(copied):
        verdict = verify(KeyRing(copied / "keys").public())
    assert (verdict.faults, verdict.unsealed > 0, verdict.is_whole) == ([], True, False)


def test_a_change_of_keys_that_broke_off_is_not_finished_in_what_is_rolled_back(copied: Path):
    """The key before vouches for the new one on record, or is still there to do so."""
    with installation(copied):
        ring = KeyRing(copied / "keys")
        before = ring.signer().public_key.keyid
        key = ring.make().public_key
        body = {"keyid": key.keyid, "public": pem_of(key), "before": before, "why": None}
        record(KEY, body, rollout=None, at=NOON)
        with transaction.atomic():
            record(WAIVER, {"change": "split", "by": "mei"}, rollout=None, at=NOON)
            transaction.set_rollback(True)
        assert ring.signer().public_key.keyid == before
        assert seal_due(now=NOON + AT_MOST)
        assert ring.signer().public_key.keyid == key.keyid
    assert found(copied) == []


def cut(connection: sqlite3.Connection) -> None:
    """The newest entries and every signature over them are gone."""
    connection.execute("DELETE FROM records_checkpoint WHERE sequence > 30")
    connection.execute("DELETE FROM records_entry WHERE sequence > 30")


def test_entries_cut_together_with_their_signatures_are_found_by_a_checkpoint(copied: Path, tmp_path: Path):
    """Alone the rest is in order; held against what was published it is not."""
    kept = published(copied, tmp_path / "kept")
    tampered(copied / "records.db", cut)
    assert found(copied) == []
    assert any("entries were cut off" in one for one in found(copied, kept))


def test_deleted_checkpoints_are_found_by_one_that_was_published(copied: Path, tmp_path: Path):
    """The entries are there, the signature over them is gone."""
    kept = published(copied, tmp_path / "kept")
    tampered(copied / "records.db", lambda c: c.execute("DELETE FROM records_checkpoint"))
    assert any("no longer on record" in one for one in found(copied, kept))


def test_a_chain_signed_anew_with_its_own_key_is_found_by_a_checkpoint(copied: Path, tmp_path: Path):
    """Who has the records and the key writes what they like, but not what is elsewhere."""
    kept = published(copied, tmp_path / "kept")
    with installation(copied):
        other = token_of("lin", at=NOON)

    def give(connection: sqlite3.Connection) -> None:
        sequence, body = bodies(connection, "evidence")[-1]
        rewrite(connection, sequence, {**body, "by": other})
        fit(connection)
        connection.execute("DELETE FROM records_checkpoint")

    tampered(copied / "records.db", give)
    with installation(copied):
        assert seal_due(now=NOON + AT_MOST)
    assert found(copied) == []
    assert any("was written anew since" in one for one in found(copied, kept))


def test_a_checkpoint_that_another_key_signed_is_no_measure(copied: Path, written: Path, tmp_path: Path):
    """A forged checkpoint accuses nobody in silence: it is said to be none of this ledger."""
    other = tmp_path / "other"
    made(other)
    assert any("by no key of this ledger" in one for one in found(copied, published(other, tmp_path / "kept")))


ROWS = {
    "a role": "UPDATE records_member SET roles = '[\"admin\"]' WHERE name = 'mei'",
    "an address": "UPDATE records_member SET email = 'evil@elsewhere.example' WHERE name = 'lin'",
    "two names exchanged": "UPDATE records_member SET name = 'x' WHERE name = 'lin'; "
    "UPDATE records_member SET name = 'lin' WHERE name = 'mei'; "
    "UPDATE records_member SET name = 'mei' WHERE name = 'x'",
    "a member more": "INSERT INTO records_member (password, name, title, email, roles, is_active, generation, "
    "language, joined_at, failed, code_step) "
    "VALUES ('', 'eve', '', NULL, '[\"admin\"]', 1, 0, '', '2026-11-25 12:00:00', 0, 0)",
    "a team": "UPDATE records_team SET title = 'Other'",
    "a membership": "UPDATE records_membership SET roles = '[\"owner\"]'",
    "a membership gone": "DELETE FROM records_membership",
    "a token's scopes": "UPDATE records_token SET scopes = '[\"write\"]'",
    "a token's digest": "UPDATE records_token SET digest = 'ab'",
    "a token's end": "UPDATE records_token SET until = '2036-11-25 12:00:00'",
    "a comment": "UPDATE records_comment SET text = 'On a Friday.'",
    "a comment gone": "DELETE FROM records_comment",
    "a comment of another": "UPDATE records_comment SET by = 'person:' || by",
}


@pytest.mark.parametrize("statement", ROWS.values(), ids=ROWS)
def test_a_row_that_was_changed_behind_the_product_is_found(copied: Path, statement: str):
    """Roles, teams, tokens and comments are held by digest."""
    tampered(copied / "records.db", lambda connection: connection.executescript(statement))
    assert any(one.startswith("the row ") for one in found(copied))


def test_a_row_that_was_changed_and_then_changed_by_the_product_is_found(copied: Path):
    """A later honest change does not wash the earlier one."""
    tampered(
        copied / "records.db",
        lambda c: c.execute("UPDATE records_member SET roles = '[\"admin\"]' WHERE name = 'mei'"),
    )
    with installation(copied):
        change_member(
            Member.objects.get(name="mei"), by="lin", at=NOON, title="", email="", roles=["owner"], is_active=True
        )
    assert any("was not what the ledger had left" in one for one in found(copied))


def test_whatever_the_product_changes_stays_in_order(copied: Path):
    """Roles, memberships and tokens come and go on record; a login and a use of a token change nothing."""
    with installation(copied):
        mei, team = Member.objects.get(name="mei"), Team.objects.get()
        add_member("wu", by="lin", at=NOON)
        change_member(mei, by="lin", at=NOON, title="M", email="m@x.example", roles=["owner"], is_active=False)
        put_in_team(mei, team, ("owner", "approver"), by="lin", at=NOON)
        put_in_team(mei, team, (), by="lin", at=NOON)
        revoke_token(Token.objects.get(), by="lin", at=NOON)
        Token.objects.update(used_at=NOON)
        mei.last_login = NOON
        mei.save()
        record(LOGGED_IN, {"by": "mei"}, rollout=None, at=NOON)
    assert found(copied) == []


def unsigned_entries(n: int) -> None:
    """So many entries that are not signed for at once."""
    for _number in range(n):
        record(LOGGED_IN, {"by": "lin"}, rollout=None, at=NOON)


def test_entries_are_signed_for_by_time(copied: Path):
    """One that waits is signed for within a minute, and not before."""
    with installation(copied):
        unsigned_entries(1)
        assert [seal_due(now=NOON + wait) for wait in (timedelta(0), AT_MOST)] == [False, True]
        assert sealing().unsigned == 0


def test_entries_are_signed_for_by_count(copied: Path):
    """Many do not wait."""
    with installation(copied):
        unsigned_entries(EVERY - 1)
        assert seal_due(now=NOON) is False
        unsigned_entries(1)
        assert seal_due(now=NOON) is True


@pytest.mark.parametrize("harm", ["gone", "locked", "another"])
def test_a_key_that_cannot_be_used_is_said_and_nothing_is_lost(copied: Path, harm: str):
    """The sign-off is on record; that it is unsigned, since when and why is said."""
    spoil: dict[str, Callable[[Path], object]] = {
        "gone": lambda key: key.unlink(),
        "locked": lambda key: key.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"),
        "another": lambda key: key.write_bytes(_other_key(copied)),
    }
    spoil[harm](copied / "keys" / "signing.pem")
    with installation(copied):
        before = Entry.objects.count()
        sign_off(copied, by="lin")
        state = sealing()
        assert (Entry.objects.count() - before, state.unsigned, state.since) == (1, 1, NOON)
        assert str(copied / "keys") in str(state.problem)
        assert seal_due(now=NOON + AT_MOST) is False


def _other_key(home: Path) -> bytes:
    other = KeyRing(home / "other")
    other.adopt(other.make().public_key.keyid)
    return other.private.read_bytes()


def test_the_command_says_how_many_are_unsigned_and_since_when(copied: Path, tmp_path: Path):
    """And holds the chain against what was published."""
    kept = published(copied, tmp_path / "kept")
    with installation(copied):
        unsigned_entries(2)
        with closing(sqlite3.connect(copied / "records.db")) as connection:
            connection.execute("SELECT 1")
    options = ["--home", str(copied), "--against", str(kept)]
    with _as_this_process(copied):
        said = CliRunner().invoke(command, options)
        plain = json.loads(CliRunner().invoke(command, [*options, "--json"]).stdout)
    assert "not signed yet: 2, since 2026-11-25 12:00:00Z" in said.output
    assert (plain["unsigned"], plain["unsigned_since"], plain["against"]) == (2, NOON.isoformat(), 1)


def _as_this_process(home: Path):
    from unittest.mock import patch

    from django.conf import settings

    stack = patch.object(settings, "UNFELT_DATABASE", f"sqlite:///{(home / 'records.db').resolve()}")
    return _both(stack, home)


def _both(patched, home: Path):
    from contextlib import ExitStack

    stack = ExitStack()
    stack.enter_context(patched)
    stack.enter_context(installation(home))
    return stack


def test_rows_of_an_older_installation_are_taken_up_once_and_held_from_then_on(tmp_path: Path):
    """Nobody is accused for what was there before rows were held; what changes afterwards is found."""
    home = tmp_path / "older"
    home.mkdir()
    with installation(home):
        call_command("migrate", "records", verbosity=0)
        Coverage.objects.all().delete()
        Member.objects.bulk_create([Member(name="lin", roles=["admin"], joined_at=NOON)])  # Nothing is told of it.
    assert found(home) == []
    with installation(home):
        for wait in range(2):
            keep_up(settings_from({}), now=NOON + timedelta(minutes=wait))
        assert list(Entry.objects.values_list("kind", flat=True)) == ["covered", "key"]
        add_member("wu", by="lin", at=NOON)
    assert found(home) == []
    tampered(home / "records.db", lambda c: c.execute("UPDATE records_member SET roles = '[]' WHERE id = 1"))
    assert any(one.startswith("the row member/1") for one in found(home))


def test_a_name_that_was_erased_is_no_fault(copied: Path):
    """What is held of a member has a salt, which goes with the name."""
    with installation(copied):
        forget("mei", at=NOON)
        record(LOGGED_IN, {"by": "lin"}, rollout=None, at=NOON)
    assert found(copied) == []
