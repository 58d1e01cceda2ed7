"""Files that are kept with evidence: how large, under what name, and nothing that would burst when opened."""

import io
import zipfile
from pathlib import Path, PurePosixPath

from unfelt.conf.language import Message
from unfelt.engines.ledger.gates.facts import GateError

LARGEST = 20_000_000
"""Bytes of a file, at most."""
SWELLS = 100
"""An archive that unpacks to more than this many times its size is refused."""


def read_small(path: Path) -> bytes:
    """The bytes of the file; GateError where there are too many, it cannot be read, or it would burst."""
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST else None
    except OSError as error:
        raise GateError(Message("{file}: {problem}", file=path, problem=error.strerror)) from error
    if content is None:
        raise GateError(
            Message(
                "{file} is too large to be kept: {size} bytes, and {most} are allowed.",
                file=path,
                size=size,
                most=LARGEST,
            )
        )
    must_not_burst(content, name=path.name)
    return content


def must_not_burst(content: bytes, *, name: str) -> None:
    """GateError where it is an archive that swells beyond measure, or holds names that lead out of it."""
    if not content.startswith(b"PK\x03\x04"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise GateError(Message("{file} cannot be read: {error}", file=name, error=error)) from error
    whole = sum(one.file_size for one in members)
    if whole > SWELLS * len(content):
        said = Message(
            "{file} unpacks to {whole} bytes, more than {times} times its size.",
            file=name,
            whole=whole,
            times=SWELLS,
        )
        raise GateError(said)
    for one in members:
        must_stay_inside(one.filename, within=name)


def must_stay_inside(name: str, *, within: str) -> None:
    """GateError where the name leads out of the place it is meant for, or holds signs that no name needs."""
    parts = PurePosixPath(name.replace("\\", "/"))
    if parts.is_absolute() or ".." in parts.parts or not name.isprintable() or (len(name) > 1 and name[1] == ":"):
        raise GateError(
            Message("{file}: the name {name} leads elsewhere, and is refused.", file=within, name=repr(name))
        )
