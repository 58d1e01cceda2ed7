"""Checkpoints reach every place that the installation names; a place that fails is said, and tried again."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from installations import NOON, copy_of, installation, made
from postbox import postbox
from time_stamping import authority, keys, openssl

from unfelt.adapters.http import Policy
from unfelt.adapters.publishing import Place, PublishError
from unfelt.adapters.publishing.file import File
from unfelt.adapters.publishing.git import BRANCH, Git
from unfelt.adapters.publishing.mail import Mailbox
from unfelt.adapters.publishing.rfc3161 import Authority
from unfelt.conf.settings import Mail, Network, Settings, settings_from
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.published import name_of, read_published, text_of
from unfelt.engines.ledger.publishing import keep_up, places_of, publish_due, standings
from unfelt.engines.ledger.sealing import AT_MOST, seal_at_once
from unfelt.engines.people.entries import LOGGED_IN
from unfelt.records.models import Checkpoint, Publication
from unfelt.testing.ports import free_port

LOCAL = Policy((Network("local", ip_network("127.0.0.1/32")),))


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation whose chain is signed for."""
    home = tmp_path_factory.mktemp("published") / "home"
    made(home)
    return home


@pytest.fixture
def copied(written: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of it, open."""
    home = copy_of(written, tmp_path / "home")
    with installation(home):
        yield home


def signed_anew(at) -> Checkpoint:
    """A newer checkpoint."""
    record(LOGGED_IN, {"by": "lin"}, rollout=None, at=at)
    seal_at_once(at=at)
    return Checkpoint.objects.last()


def published_once(place: Place) -> Checkpoint:
    """The newest checkpoint, after it was published there, twice."""
    publish_due([place], now=NOON)
    publish_due([place], now=NOON)
    newest = Checkpoint.objects.last()
    (row,) = Publication.objects.all()
    assert (row.place, row.sequence, row.published_at) == (place.name, newest.sequence, NOON)
    return newest


def is_read(path: Path, newest: Checkpoint) -> bool:
    """`verify --against` reads that checkpoint there."""
    return [(one.sequence, one.envelope) for one in read_published(path)] == [(newest.sequence, newest.envelope)]


def test_a_file_elsewhere_holds_it(copied: Path, tmp_path: Path):
    """Under its number; no draft is left beside it."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    newest = published_once(File(elsewhere))
    assert [path.name for path in elsewhere.iterdir()] == [name_of(newest.sequence)]
    assert is_read(elsewhere, newest)


def test_a_file_that_holds_something_else_is_not_replaced(copied: Path, tmp_path: Path):
    """Who writes the chain anew cannot write the old checkpoints over."""
    newest = Checkpoint.objects.last()
    (tmp_path / name_of(newest.sequence)).write_text("other")
    publish_due([File(tmp_path)], now=NOON)
    assert "holds something else" in standings()[0].problem
    assert (tmp_path / name_of(newest.sequence)).read_text() == "other"


def test_a_git_repository_gets_a_commit_for_each(copied: Path, tmp_path: Path):
    """On a branch of its own; what is there already is no second commit."""
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "--quiet", "--bare", bare], check=True)
    place = Git(str(bare))
    first = published_once(place)
    second = signed_anew(NOON)
    publish_due([place], now=NOON + place.every)
    place.publish(name_of(second.sequence), text_of(second).encode())
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", "--branch", BRANCH, bare, clone], check=True)
    log = subprocess.run(["git", "log", "--format=%s %an"], cwd=clone, check=True, capture_output=True, text=True)
    assert log.stdout.split("\n")[:2] == [f"{name_of(one.sequence)} unfelt" for one in (second, first)]
    assert [one.sequence for one in read_published(clone)] == [first.sequence, second.sequence]


def test_a_git_address_is_shown_without_its_password(tmp_path: Path):
    """Neither in its name nor in what git says."""
    place = Git(f"https://ci:hunter2@127.0.0.1:{free_port()}/x.git")
    with pytest.raises(PublishError) as said:
        place.publish("a", b"b")
    assert "hunter2" not in place.name + str(said.value)


def test_a_mailbox_gets_it_as_a_line(copied: Path, tmp_path: Path):
    """The mail that somebody saved is a checkpoint to verify against."""
    with postbox() as (box, port):
        newest = published_once(Mailbox(Mail("127.0.0.1", port, "", None, False, "u@x.example"), "a@x.example"))
    ((to, subject, text),) = box.mails
    assert (to, subject) == (["a@x.example"], f"unfelt: checkpoint-{newest.sequence:012d}")
    (tmp_path / "kept.txt").write_text(text)
    assert is_read(tmp_path / "kept.txt", newest)


def test_a_time_stamp_authority_stamps_it(copied: Path, tmp_path: Path):
    """The stamp is what `openssl ts -verify` calls good, over the very file that lies beside it."""
    with authority(tmp_path / "tsa") as url:
        newest = published_once(Authority(url, tmp_path / "tsa" / "root.pem", copied / "stamps", LOCAL))
    name = name_of(newest.sequence)
    verify = ("ts", "-verify", "-data", name, "-in", f"{name}.tsr", "-CAfile", str(tmp_path / "tsa" / "root.pem"))
    openssl(copied / "stamps", *verify)
    assert is_read(copied / "stamps" / name, newest)
    assert bytes(Publication.objects.get().receipt) == (copied / "stamps" / f"{name}.tsr").read_bytes()


def test_a_stamp_that_leads_to_another_root_is_refused(copied: Path, tmp_path: Path):
    """It is said, and nothing of it is kept."""
    keys(tmp_path / "other")
    with authority(tmp_path / "tsa") as url:
        publish_due([Authority(url, tmp_path / "other" / "root.pem", copied / "stamps", LOCAL)], now=NOON)
    assert "the time stamp is not good" in standings()[0].problem
    assert not (copied / "stamps").exists()


def test_a_place_that_fails_is_said_and_tried_again_and_stops_no_other(copied: Path, tmp_path: Path):
    """After a minute, then two: then it has the newest, whatever was newest at first."""
    missing, there = File(tmp_path / "missing"), File(tmp_path)
    publish_due([missing, there], now=NOON)
    assert [(one.place, bool(one.problem)) for one in standings()] == [(missing.name, True), (there.name, False)]
    (tmp_path / "missing").mkdir()
    newest = signed_anew(NOON)
    publish_due([missing], now=NOON + timedelta(seconds=59))
    assert list((tmp_path / "missing").iterdir()) == []
    publish_due([missing], now=NOON + timedelta(minutes=1))
    found = {one.place: one for one in standings()}
    assert (found[missing.name].sequence, found[missing.name].problem) == (newest.sequence, "")


def test_the_console_signs_and_publishes_by_itself(copied: Path, tmp_path: Path):
    """A minute after an entry it is signed for, and the signature is elsewhere."""
    said = settings_from({"UNFELT_PUBLISH_FILE": str(tmp_path)})
    record(LOGGED_IN, {"by": "lin"}, rollout=None, at=NOON)
    keep_up(said, now=NOON + AT_MOST)
    assert (tmp_path / name_of(Checkpoint.objects.last().sequence)).exists()


def test_every_setting_is_a_place(tmp_path: Path):
    """In the order of their names here."""
    said: Settings = settings_from(
        {
            "UNFELT_PUBLISH_FILE": "/mnt",
            "UNFELT_PUBLISH_GIT": "git@x.example:a.git",
            "UNFELT_PUBLISH_MAIL": "a@x.example",
            "UNFELT_MAIL": "smtp://x.example",
            "UNFELT_MAIL_FROM": "u@x.example",
            "UNFELT_PUBLISH_TSA": "https://x.example/tsa",
            "UNFELT_PUBLISH_TSA_ROOTS": "roots.pem",
        }
    )
    assert [place.name for place in places_of(said, tmp_path)] == [
        "file /mnt",
        "git git@x.example:a.git",
        "mail a@x.example",
        "rfc3161 https://x.example/tsa",
    ]
