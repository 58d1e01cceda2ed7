"""`unfelt verify`: what was written is found to be so, and whatever was changed is found and named."""

import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import rfc8785
from django.db import connection
from tampering import bodies, flipped, rewrite, tampered

from unfelt.documents.load import load_playbook
from unfelt.engines.ledger.faults import Fault
from unfelt.engines.ledger.gates.rollouts import note_rollouts
from unfelt.engines.ledger.keys import KeyRing
from unfelt.rollout.verifying import verify

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
pytestmark = pytest.mark.slow
TABLES = {
    "records_entry": (
        "sequence",
        ("kind", "recorded_at", "body", "previous", "digest", "rollout_id", "revision_id"),
    ),
    "records_artefact": ("digest", ("digest", "kind", "content", "saved_at")),
    "records_checkpoint": ("sequence", ("digest", "key", "envelope", "signed_at")),
    "records_revision": ("digest", ("digest", "kind", "name", "canonical", "saved_at")),
}
"""Each table of the ledger: its key, and the columns that hold text or bytes."""


def write(home: Path, *kind: str, seed: int) -> None:
    """A rollout of 60 decisions, sealed 17 at a time, in an installation of its own."""
    asked = [str(home), "--ticks", "60", "--seed", str(seed), "--every", "17", *kind]
    subprocess.run([sys.executable, "-m", "unfelt.testing.paper", *asked], check=True)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a rollout of 60 decisions in four seals, with a lapse in the middle."""
    home = tmp_path_factory.mktemp("paper") / "home"
    write(home, seed=1)
    return home


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Path:
    """A copy of it, to be done harm to."""
    return Path(shutil.copytree(written, tmp_path / "home"))


def verified(home: Path, *options: str) -> tuple[int, dict]:
    """Exit code and findings."""
    command = [sys.executable, "-m", "unfelt", "verify", "--home", home, "--json", *options]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, json.loads(ran.stdout) if ran.stdout else {"said": ran.stderr}


@contextmanager
def records_of(home: Path) -> Iterator[None]:
    """Within the block Django reads the records of that installation."""
    ours = connection.settings_dict["NAME"]
    for name in (str(home / "records.db"), ours):
        connection.close()
        connection.settings_dict["NAME"] = name
        if name != ours:
            yield


def found_in(home: Path) -> list[Fault]:
    """The faults, found in this process: what the command finds, without its two seconds of imports."""
    with records_of(home):
        return verify(KeyRing(home / "keys").public()).faults


@pytest.mark.parametrize("kind", [(), ("--harm",), ("--wide",)])
def test_what_was_written_is_found_to_be_so(kind, tmp_path):
    """A rollout that goes on, one that went back and one that is done: every decision comes out again."""
    write(tmp_path / "home", *kind, seed=2)
    code, found = verified(tmp_path / "home")
    assert (code, found["faults"], found["unsigned"]) == (0, [], 0)
    with closing(sqlite3.connect(tmp_path / "home" / "records.db")) as records:
        assert found["decisions"] == len(bodies(records, "decision"))


def test_one_flipped_bit_anywhere_in_the_ledger_is_found(written, tmp_path):
    """In every column of every table of the ledger, in a row and at a byte drawn from a seed."""
    chance, harmed, expected = random.Random(5), [], []
    for table, (key, columns) in TABLES.items():
        for column in columns:
            home = Path(shutil.copytree(written, tmp_path / f"{table}-{column}"))
            with closing(sqlite3.connect(home / "records.db")) as connection:
                query = f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL"
                which, value = chance.choice(connection.execute(query).fetchall())
            changed = flipped(value, chance.randrange(len(value)))
            if column in ("recorded_at", "signed_at", "saved_at"):
                changed = value[:-1] + str((int(value[-1]) + 1) % 10)  # Still a time.
            statement = f"UPDATE {table} SET {column} = ? WHERE {key} = ?"
            tampered(home / "records.db", lambda c, s=statement, v=(changed, which): c.execute(s, v))
            harmed.append(home)
            expected.append((table, column, which))
    for home, (table, column, which) in zip(harmed, expected, strict=True):
        faults = found_in(home)
        assert faults, (table, column, which)
        if table == "records_entry":
            assert which in [fault.sequence for fault in faults], (column, which, faults)


def change_tally(connection: sqlite3.Connection) -> int:
    sequence, body = bodies(connection, "decision")[40]
    body["tallies"][0][5] += 1
    rewrite(connection, sequence, body)
    return sequence


def change_share(connection: sqlite3.Connection) -> int:
    sequence, body = bodies(connection, "moved")[1 + 1]
    body["share"] = 0.05
    rewrite(connection, sequence, body)
    return sequence


def change_order(connection: sqlite3.Connection) -> int:
    sequence, body = bodies(connection, "order")[2]
    body["share"] = 0.2
    rewrite(connection, sequence, body)
    moved, told = next(one for one in bodies(connection, "moved") if one[1]["epoch"] == body["epoch"])
    rewrite(connection, moved, told | {"share": 0.2})
    connection.execute("UPDATE records_epochrow SET share = 0.2 WHERE number = ?", (body["epoch"],))
    return sequence


def change_affected(connection: sqlite3.Connection) -> int:
    sequence, body = bodies(connection, "decision")[30]
    body["at_most"] += 1
    rewrite(connection, sequence, body)
    return sequence


def change_guard(connection: sqlite3.Connection) -> int:
    sequence, body = bodies(connection, "decision")[25]
    body["guard"] = "0" * 64
    rewrite(connection, sequence, body)
    return sequence


def delete_decision(connection: sqlite3.Connection) -> int:
    sequence, _body = bodies(connection, "decision")[35]
    connection.execute("DELETE FROM records_entry WHERE sequence = ?", (sequence,))
    return sequence


@pytest.mark.parametrize(
    "change", [change_tally, change_share, change_order, change_affected, change_guard, delete_decision]
)
@pytest.mark.parametrize("is_fitted", [True, False])
def test_a_changed_entry_is_named_with_and_without_fitted_hashes(change, is_fitted, copied):
    """Deciding again finds what no chain of hashes can."""
    rows = []
    tampered(copied / "records.db", lambda connection: rows.append(change(connection)), is_fitted=is_fitted)
    assert rows[0] in [fault.sequence for fault in found_in(copied)]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE records_epochrow SET share = 0.4 WHERE number = 2", "epoch 2 of rollout paper-1"),
        ("UPDATE records_rollout SET budget = budget + 1", "the record of rollout paper-1"),
        ("UPDATE records_rollout SET state = 'done'", "the record of rollout paper-1"),
        ("UPDATE records_guardstate SET state = CAST(state || x'00' AS BLOB)", "the guard of rollout paper-1"),
        ("DELETE FROM records_lapserow", "the lapses of rollout paper-1"),
    ],
)
def test_records_beside_the_ledger_are_held_against_it(statement, named, copied):
    """What a rollout would go on from is what the ledger says."""
    tampered(copied / "records.db", lambda connection: connection.execute(statement))
    assert [str(fault.where) for fault in found_in(copied)] == [named]


def test_without_any_signature_nothing_is_certain(copied):
    """Exit code 3: a chain alone can be written by anybody."""
    tampered(copied / "records.db", lambda connection: connection.execute("DELETE FROM records_checkpoint"))
    code, found = verified(copied)
    assert (code, found["ok"], found["faults"]) == (3, False, [])


def test_a_stranger_trusts_the_key_they_were_given_and_no_other(copied, tmp_path):
    """With the installation's public key alone all is well; with another nothing is signed."""
    given = tmp_path / "given.pem"
    given.write_text(next((copied / "keys").glob("*.pub.pem")).read_text())
    shutil.rmtree(copied / "keys")
    assert verified(copied)[0] == 1  # Nobody is trusted: a key that nobody vouches for is a fault.
    assert verified(copied, "--key", str(given))[0] == 0
    code, found = verified(copied, "--key", __file__)
    assert (code, "holds no key that can be used" in found["said"]) == (3, True)


def test_a_rotated_key_is_vouched_for_by_the_one_before(copied, tmp_path):
    """Who trusts the first key trusts what it passed on; a replaced key is trusted by nobody who was not told."""
    first = tmp_path / "first.pem"
    first.write_text(next((copied / "keys").glob("*.pub.pem")).read_text())
    keys = [sys.executable, "-m", "unfelt", "keys"]
    subprocess.run([*keys, "rotate", "--home", copied], check=True, capture_output=True)
    code, found = verified(copied, "--key", str(first))
    assert (code, found["faults"]) == (0, [])
    assert ((copied / "keys" / "signing.pem").stat().st_mode & 0o777) == 0o600

    subprocess.run([*keys, "replace", "the disk died", "--home", copied], check=True, capture_output=True)
    code, found = verified(copied, "--key", str(first))
    assert code == 1
    assert "is not one that you trust" in found["faults"][0]["why"]
    assert verified(copied)[0] == 0


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a rollout that was proved, and that as evidence."""
    home = tmp_path_factory.mktemp("ended") / "home"
    subprocess.run(
        [sys.executable, "-m", "unfelt.testing.paper", str(home), "--ticks", "4000", "--wide", "--until", "done"],
        check=True,
    )
    with records_of(home):
        assert note_rollouts("paper", load_playbook()) > 0
    return home


def test_what_a_rollout_ended_with_is_found_again_from_its_decisions(ended):
    """Its numbers, and the counts of every metric."""
    assert [str(one) for one in found_in(ended)] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda payload: payload["numbers"].update(affected=payload["numbers"]["affected"] + 1),
        lambda payload: payload.update(rates={name: [9, 9, 9, 0] for name in payload["rates"]}),
        lambda payload: payload.update(rollout="paper-7"),
    ],
    ids=["fewer affected", "other counts", "another rollout"],
)
def test_evidence_that_does_not_follow_from_its_rollout_is_named(change, ended, tmp_path):
    """Even where every hash of the chain was fitted to it."""
    home = Path(shutil.copytree(ended, tmp_path / "home"))

    def edited(records: sqlite3.Connection) -> int:
        query = "SELECT sequence, body FROM records_entry WHERE kind = 'evidence' ORDER BY sequence"
        number, text = records.execute(query).fetchone()
        body = json.loads(text)
        change(body["payload"])
        written = rfc8785.dumps(body).decode()
        records.execute("UPDATE records_entry SET body = ? WHERE sequence = ?", (written, number))
        return number

    numbers: list[int] = []
    tampered(home / "records.db", lambda records: numbers.append(edited(records)), is_fitted=True)
    assert numbers[0] in [fault.sequence for fault in found_in(home)]
