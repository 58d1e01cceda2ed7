"""The archive: a compressed tar of plain files, and last a manifest with the SHA-256 of each."""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from unfelt.conf.language import Message
from unfelt.rollout.backup import BackupError

FORMAT = "unfelt-backup/1"
MANIFEST = "manifest.json"
TOPS = ("keys", "experience", "rollouts", "routers", "stamps")
"""Directories of an installation that are in it; beside them the records and the manifest."""
RECORDS = ("records.db", "records.pgdump")
MOST_MANIFEST = 50_000_000
"""Bytes."""
DAMAGED = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Item:
    """A file and its name in the archive."""

    name: str
    path: Path


@contextmanager
def whole_or_none(path: Path) -> Iterator[Path]:
    """A draft beside the path, which takes its place when the block has ended well, and is gone otherwise."""
    if path.exists():
        raise BackupError(Message("{file} is there already: name another one.", file=path))
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        yield draft
        os.link(draft, path)  # Unlike a rename it replaces nothing that has come there meanwhile.
    finally:
        draft.unlink(missing_ok=True)


def write_archive(
    path: Path, items: Iterable[Item], about: Mapping[str, Any], *, progress: Callable[[int], None]
) -> str:
    """The digest of the manifest; `progress` is told the bytes of each piece."""
    digests: dict[str, str] = {}
    with path.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w|gz", format=tarfile.PAX_FORMAT) as archive:
            for item in items:
                digests[item.name] = _add(archive, item, progress)
            manifest = json.dumps({**about, "format": FORMAT, "files": digests}, indent=1).encode()
            archive.addfile(_info(MANIFEST, len(manifest)), io.BytesIO(manifest))
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(manifest).hexdigest()


def _add(archive: tarfile.TarFile, item: Item, progress: Callable[[int], None]) -> str:
    with item.path.open("rb") as opened:
        size = os.fstat(opened.fileno()).st_size  # What is appended from now on is not in it.
        read = _Hashing(opened, progress)
        archive.addfile(_info(item.name, size), read)
    return read.digest.hexdigest()


class _Hashing:
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: IO[bytes], progress: Callable[[int], None]) -> None:
        self._file = file
        self._progress = progress
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        self._progress(len(piece))
        return piece


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


# Reading


def unpack(path: Path, into: Path, *, progress: Callable[[int], None]) -> dict[str, Any]:
    """The manifest; every file that it names is in the directory, with that digest. BackupError otherwise."""
    digests: dict[str, str] = {}
    manifest = b""
    try:
        with tarfile.open(path, mode="r|gz") as archive:
            for member in archive:
                _must_be_plain(path, member, digests, free=shutil.disk_usage(into).free)
                opened = archive.extractfile(member)
                if opened is None:
                    raise tarfile.ReadError(member.name)
                if member.name == MANIFEST:
                    manifest = opened.read(MOST_MANIFEST)
                    digests[MANIFEST] = ""
                else:
                    digests[member.name] = _write(opened, into / member.name, progress)
    except DAMAGED as error:
        raise BackupError(
            Message("{file} is damaged or no backup of unfelt: {problem}", file=path, problem=str(error)[:200])
        ) from error
    return _agreed(path, manifest, digests)


def _must_be_plain(path: Path, member: tarfile.TarInfo, seen: Mapping[str, str], *, free: int) -> None:
    parts = PurePosixPath(member.name).parts
    is_known = member.name in (*RECORDS, MANIFEST) or (len(parts) > 1 and parts[0] in TOPS)
    is_normal = "/".join(parts) == member.name and ".." not in parts and "\\" not in member.name
    if not (member.isreg() and is_known and is_normal and member.name.isprintable()) or member.sparse:
        raise BackupError(
            Message("{file} holds {name}, which no backup of unfelt holds.", file=path, name=repr(member.name))
        )
    if member.name in seen or MANIFEST in seen:
        raise BackupError(Message("{file} holds {name} twice or too late.", file=path, name=member.name))
    if member.size > free:
        raise BackupError(
            Message("{file}: there is no room for {name} ({n} bytes).", file=path, name=member.name, n=member.size)
        )


def _write(opened: IO[bytes], target: Path, progress: Callable[[int], None]) -> str:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := opened.read(_PIECE):
            digest.update(piece)
            file.write(piece)
            progress(len(piece))
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def _agreed(path: Path, manifest: bytes, found: dict[str, str]) -> dict[str, Any]:
    try:
        said = json.loads(manifest)
        files = dict(said["files"])
        is_ours = said["format"] == FORMAT
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(
            Message("{file} is cut short or no backup of unfelt: it has no manifest.", file=path)
        ) from error
    if not is_ours:
        raise BackupError(
            Message(
                "{file} is of the form {form}; this unfelt reads {own}.",
                file=path,
                form=said["format"],
                own=FORMAT,
            )
        )
    found = {name: digest for name, digest in found.items() if name != MANIFEST}
    wrong = sorted(name for name in files.keys() | found.keys() if files.get(name) != found.get(name))
    if wrong:
        raise BackupError(
            Message("{file} is damaged: {name} is not what its manifest says.", file=path, name=wrong[0])
        )
    return {**said, "digest": hashlib.sha256(manifest).hexdigest()}
