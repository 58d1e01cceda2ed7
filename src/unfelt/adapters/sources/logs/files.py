"""From bytes on disk to lines that DuckDB reads one by one, none of them lost: packed, odd and broken ones too.

A file that is plain UTF-8 is read where it is. Of any other a copy is made: unpacked, each byte that is not UTF-8
as a character of ODD, so that the rest of its line can still be read and such lines are known.
"""

import bz2
import codecs
import glob
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from unfelt.adapters.sources import SourceError
from unfelt.conf.language import Message

PIECE = 1 << 22
SMALL = 1 << 18
"""Bytes looked at at once: so few that they stay near."""
LONGEST = 1 << 20
"""So many bytes of a line are read; what is beyond is not needed to know what became of a request."""
FIRST_ODD = 0xF700
ODD = "[\\x{F780}-\\x{F7FF}]"
"""RE2: a byte that is not UTF-8, as it stands in a line."""
_DELIMITER = b"\x01"
_PLAIN = bytes.maketrans(b"\r\x01", b" \x1f")
_BLANK = re.compile(rb"\n[ \t\n]*\n|\A[ \t\n]+")
_PACKED: Mapping[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}


@dataclass(frozen=True, slots=True)
class Taken:
    """The files of one arm, as they can be read."""

    paths: tuple[Path, ...]
    lines: int
    """How many lines they hold that are not blank."""
    names: tuple[str, ...]
    """What the files are called."""


def take_files(pattern: str, *, arm: str, folder: Path) -> Taken:
    """The files that match the pattern; what cannot be read where it is has a copy in the folder."""
    names = sorted(set(glob.glob(str(Path(pattern).expanduser()), recursive=True)))
    files = [Path(name) for name in names if Path(name).is_file()]
    if not files:
        raise SourceError(
            Message("No file matches {pattern}, where the log of {arm} should be.", pattern=pattern, arm=arm)
        )
    taken = [_taken(path, folder / f"{arm}-{number}.log") for number, path in enumerate(files)]
    lines = sum(count for _path, count in taken)
    if not lines:
        raise SourceError(
            Message(
                "The log of {arm} holds no lines: {files}.", arm=arm, files=", ".join(path.name for path in files)
            )
        )
    return Taken(tuple(path for path, count in taken if count), lines, tuple(path.name for path in files))


def _taken(path: Path, copy: Path) -> tuple[Path, int]:
    """Where the lines of the file can be read, and how many there are."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
        if head[:2] not in _PACKED and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            lines = _count_plain(path)
            if lines is not None:
                return path, lines
        return copy, _copied(path, head, copy)
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise SourceError(
            Message(
                "{path} cannot be unpacked to its end ({error}): lines are missing.", path=path, error=str(error)
            )
        ) from error
    except OSError as error:
        raise SourceError(Message("{path} cannot be read: {error}", path=path, error=str(error))) from error


def _count_plain(path: Path) -> int | None:
    """The lines of a file that can be read where it is; None where it cannot."""
    lines, left = 0, b""
    with path.open("rb") as file:
        while piece := file.read(SMALL):
            whole, end, rest = piece.rpartition(b"\n")
            if end and not _is_plain(left + whole + end if left else whole + end, is_first=not lines):
                return None
            lines, left = lines + piece.count(b"\n"), rest if end else left + rest
            if len(left) > LONGEST:
                return None
    if left and not _is_plain(left, is_first=not lines):
        return None
    return lines + bool(left)


def _is_plain(text: bytes, *, is_first: bool) -> bool:
    """UTF-8, no line that is very long, and nothing but line feeds that ends a line or a field."""
    if b"\r" in text or _DELIMITER in text or b"\0" in text:
        return False
    if (is_first and text.startswith(codecs.BOM_UTF8)) or len(text) > LONGEST:
        return False
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def count_blank(path: Path) -> int:
    """Lines of a file that hold nothing."""
    with path.open("rb") as file:
        return sum(line == b"\n" for line in file)


def _copied(path: Path, head: bytes, copy: Path) -> int:
    """The copy holds the lines of the file, none blank; how many."""
    count = 0
    with _opened(path, head) as file, copy.open("wb") as out:
        for block in _blocks(file):
            text = (block + b"\n").replace(b"\r\n", b"\n").translate(_PLAIN).replace(b"\0", b"\x1f")
            text = _BLANK.sub(lambda found: b"\n" if found[0].startswith(b"\n") else b"", text).strip(b"\n")
            if not text.strip():
                continue
            good = _repaired(text) + b"\n"
            out.write(good)
            count += good.count(b"\n")
    return count


def _repaired(text: bytes) -> bytes:
    """The same with every odd byte as a character, and long lines cut."""
    try:
        text.decode()
    except UnicodeDecodeError:
        text = text.decode("utf-8", "unfelt-odd").encode()
    if len(text) <= LONGEST:
        return text
    lines = text.split(b"\n")
    if all(len(line) <= LONGEST for line in lines):
        return text
    return b"\n".join(line[:LONGEST].decode("utf-8", "ignore").encode() for line in lines)


def _opened(path: Path, head: bytes) -> IO[bytes]:
    if head[:2] in _PACKED:
        unpacked: IO[bytes] = _PACKED[head[:2]](path, "rb")
        return unpacked
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.EncodedFile(path.open("rb"), "utf-8", "utf-16", errors="replace")
    return path.open("rb")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    """Pieces of the file that end with a line; of a line without an end, what is read of it."""
    left = b""
    first = True
    while piece := file.read(PIECE):
        if first:
            piece, first = piece.removeprefix(codecs.BOM_UTF8), False
        whole, end, rest = piece.rpartition(b"\n")
        if not end:
            left = (left + rest)[: 4 * LONGEST]
            continue
        yield left + whole
        left = rest
    if left:
        yield left


def _odd(error: UnicodeError) -> tuple[str, int]:
    """Each odd byte as a character of its own."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(FIRST_ODD + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("unfelt-odd", _odd)
