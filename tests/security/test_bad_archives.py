"""An archive from somebody else: whatever is wrong with it, it is refused and nothing of it is written."""

import gzip
import io
import json
import random
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from unfelt.rollout.backup import BackupError
from unfelt.rollout.backup.archive import FORMAT, MANIFEST, Item, unpack, write_archive


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """An archive of three files."""
    items = []
    for name in ("records.db", "keys/a.pub.pem", "rollouts/a-1/experience/b"):
        path = tmp_path / name.replace("/", "_")
        path.write_bytes(random.Random(name).randbytes(3000))
        items.append(Item(name, path))
    file = tmp_path / "good.backup"
    write_archive(file, items, {"schema": []}, progress=lambda _n: None)
    return file


def refused(file: Path, tmp_path: Path) -> str:
    """Why it is refused."""
    into = tmp_path / "into"
    into.mkdir(exist_ok=True)
    with pytest.raises(BackupError) as said:
        unpack(file, into, progress=lambda _n: None)
    return str(said.value)


def test_a_good_one_is_unpacked(good: Path, tmp_path: Path):
    """As it was, for its owner alone."""
    (tmp_path / "into").mkdir()
    unpack(good, tmp_path / "into", progress=lambda _n: None)
    found = tmp_path / "into" / "rollouts" / "a-1" / "experience" / "b"
    assert found.read_bytes() == (tmp_path / "rollouts_a-1_experience_b").read_bytes()
    assert found.stat().st_mode & 0o777 == 0o600


def one(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> Callable[[tarfile.TarFile], None]:
    """A member of that kind."""

    def add(archive: tarfile.TarFile) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.linkname, info.size = kind, link, 2 if kind == tarfile.REGTYPE else 0
        archive.addfile(info, io.BytesIO(b"xx"))

    return add


ODD = {
    "upwards": one("../evil"),
    "upwards below": one("rollouts/../../evil"),
    "absolute": one("/tmp/evil"),
    "dot": one("./records.db"),
    "doubled": one("rollouts//x"),
    "backslash": one("rollouts/..\\x"),
    "unknown": one("console.secret"),
    "top itself": one("keys"),
    "unprintable": one("rollouts/a\nb"),
    "symbolic link": one("rollouts/x", tarfile.SYMTYPE, "/etc/passwd"),
    "hard link": one("rollouts/x", tarfile.LNKTYPE, "records.db"),
    "device": one("rollouts/x", tarfile.CHRTYPE),
    "pipe": one("rollouts/x", tarfile.FIFOTYPE),
    "directory": one("rollouts/x", tarfile.DIRTYPE),
}


@pytest.mark.parametrize("add", ODD.values(), ids=ODD)
def test_members_that_lead_elsewhere_are_refused(add: Callable[[tarfile.TarFile], None], tmp_path: Path):
    """Names with .., absolute names, links, devices: nothing is written outside, or at all."""
    file = tmp_path / "odd"
    with tarfile.open(file, "w:gz") as archive:
        add(archive)
    assert "no backup of unfelt" in refused(file, tmp_path)
    assert list((tmp_path / "into").rglob("*")) == []
    assert not (tmp_path / "evil").exists()


def test_a_member_that_comes_twice_or_after_the_manifest_is_refused(tmp_path: Path):
    """The first would be checked and the second believed."""
    for names in (("records.db", "records.db"), (MANIFEST, "records.db")):
        file = tmp_path / "twice"
        with tarfile.open(file, "w:gz") as archive:
            for name in names:
                one(name)(archive)
        assert "twice or too late" in refused(file, tmp_path)
        (tmp_path / "into" / "records.db").unlink(missing_ok=True)


def test_every_truncation_is_refused(good: Path, tmp_path: Path):
    """Wherever it ends."""
    whole = good.read_bytes()
    for number, end in enumerate(sorted(random.Random(1).sample(range(len(whole) - 1), 60))):
        file, into = tmp_path / "cut", tmp_path / f"cut{number}"
        file.write_bytes(whole[:end])
        into.mkdir()
        assert refused(file, into)


def test_every_flipped_byte_of_a_file_is_found(good: Path, tmp_path: Path):
    """Also where the compression does not notice: the archive is packed anew around it."""
    plain = gzip.decompress(good.read_bytes())
    with tarfile.open(good) as archive:
        places = [(one.offset_data, one.size) for one in archive if one.name != MANIFEST]
    draw = random.Random(2)
    for number in range(60):
        begin, size = draw.choice(places)
        changed = bytearray(plain)
        changed[begin + draw.randrange(size)] ^= 1 << draw.randrange(8)
        file, into = tmp_path / "flipped", tmp_path / f"flipped{number}"
        file.write_bytes(gzip.compress(bytes(changed), 1))
        into.mkdir()
        assert "is not what its manifest says" in refused(file, into)


@pytest.mark.parametrize(
    "content",
    [b"", b"SQLite format 3\0" + bytes(100), gzip.compress(b"hello"), b"PK\x03\x04" + bytes(50), bytes(20_000)],
    ids=["empty", "records", "text", "zip", "zeros"],
)
def test_a_foreign_file_is_refused(content: bytes, tmp_path: Path):
    """With a sentence."""
    (tmp_path / "foreign").write_bytes(content)
    assert "no backup of unfelt" in refused(tmp_path / "foreign", tmp_path)


@pytest.mark.parametrize(
    "manifest", [b"[]", b"{}", b"nonsense", json.dumps({"files": 3, "format": FORMAT}).encode()]
)
def test_a_manifest_that_says_nothing_is_refused(manifest: bytes, tmp_path: Path):
    """As if there were none."""
    file = tmp_path / "said"
    with tarfile.open(file, "w:gz") as archive:
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(manifest)
        archive.addfile(info, io.BytesIO(manifest))
    assert "it has no manifest" in refused(file, tmp_path)


def test_another_form_is_named(tmp_path: Path):
    """One of a later unfelt says which."""
    file = tmp_path / "later"
    manifest = json.dumps({"files": {}, "format": "unfelt-backup/9"}).encode()
    with tarfile.open(file, "w:gz") as archive:
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(manifest)
        archive.addfile(info, io.BytesIO(manifest))
    assert "unfelt-backup/9" in refused(file, tmp_path)
