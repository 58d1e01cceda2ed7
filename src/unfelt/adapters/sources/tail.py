"""A growing log, read by byte offset: whole lines only, through rotations, each line once."""

import io
import os
from dataclasses import dataclass, replace
from pathlib import Path

HEAD = 128
"""So many first bytes tell one file from another that took its inode."""
PIECE = 1 << 18
"""Bytes read at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a log was read: which file (inode, first bytes), how many bytes, and which files are done with."""

    inode: int = 0
    head: str = ""
    offset: int = 0
    finished: tuple[tuple[int, str], ...] = ()
    drained: bool = False
    """The file was at its end the last time; one that was replaced is left only then."""
    torn: int = 0
    """Lines cut off for good: the last one of a file that was replaced or truncated."""
    behind: bool = False
    """More is there than was read."""


def read_on(log: Path, place: Place, *, most: int, into: Path) -> tuple[int, Place]:
    """The next whole lines, at most about `most` bytes, are in the file `into`; how many bytes, and the place.

    The log may be renamed to `stem-….suffix` and begun anew; what was not read of the renamed file comes first.
    A file that shrank or whose first bytes changed was truncated and is read from its beginning.
    """
    files = _files(log)
    place = _found(place, files)
    if place.inode not in files:
        into.write_bytes(b"")
        return 0, place
    path = files[place.inode]
    length, size = _copy_lines(path, place.offset, most, into)
    head = _head(path) if len(place.head) < 2 * HEAD else place.head
    after = replace(place, offset=place.offset + length, head=head, drained=not length)
    after = replace(after, behind=path != log or size > place.offset + most)
    if length or path == log or not place.drained:
        return length, after
    torn = after.torn + (size > after.offset)
    finished = (*after.finished, (after.inode, head))
    return 0, Place(finished=finished, torn=torn)


def done_with(log: Path, place: Place) -> list[Path]:
    """The renamed logs that were read to their end."""
    files = _files(log)
    return [files[inode] for inode, head in place.finished if inode in files and _head(files[inode]) == head]


def _files(log: Path) -> dict[int, Path]:
    """The renamed logs, oldest first, and the log itself, by inode."""
    renamed = sorted(log.parent.glob(f"{log.stem}-*{log.suffix}"))
    found: dict[int, Path] = {}
    for path in [*renamed, log]:
        try:
            found[path.stat().st_ino] = path
        except FileNotFoundError:
            continue
    return found


def _found(place: Place, files: dict[int, Path]) -> Place:
    """The place in the file that is to be read now."""
    if place.inode in files:
        path = files[place.inode]
        if path.stat().st_size >= place.offset and _head(path).startswith(place.head):
            return place
        return replace(place, offset=0, head="", torn=place.torn)
    finished = tuple(one for one in place.finished if one[0] in files)
    for inode, path in files.items():
        if not any(inode == old and _head(path).startswith(head) and head for old, head in finished):
            return Place(inode=inode, finished=finished, torn=place.torn)
    return replace(place, finished=finished)


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(HEAD).hex()


def _copy_lines(path: Path, offset: int, most: int, into: Path) -> tuple[int, int]:
    """The whole lines from `offset` on are in `into`: how many bytes they are, and how many the file has."""
    with path.open("rb", buffering=0) as file, into.open("wb", buffering=0) as out:
        size = os.fstat(file.fileno()).st_size
        end = _last_line_end(file, offset, min(size, offset + most))
        while end == offset and offset + most < size:
            most *= 2
            end = _last_line_end(file, offset, min(size, offset + most))
        file.seek(offset)
        piece = memoryview(bytearray(min(PIECE, end - offset)))
        left = end - offset
        while left and (length := file.readinto(piece[:left])):
            out.write(piece[:length])
            left -= length
        return end - offset - left, size


def _last_line_end(file: io.FileIO, start: int, end: int) -> int:
    """The end of the last whole line between two offsets; `start` if there is none."""
    while end > start:
        begin = max(start, end - PIECE)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return start
