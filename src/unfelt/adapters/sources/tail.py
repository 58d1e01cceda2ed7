"""A growing log, read by byte offset: whole lines only, through rotations, each line once."""

from dataclasses import dataclass, replace
from pathlib import Path

HEAD = 128
"""So many first bytes tell one file from another that took its inode."""


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


def read_on(log: Path, place: Place, *, most: int) -> tuple[bytes, Place]:
    """The next whole lines, at most about `most` bytes, and the place after them.

    The log may be renamed to `stem-….suffix` and begun anew; what was not read of the renamed file comes first.
    A file that shrank or whose first bytes changed was truncated and is read from its beginning.
    """
    files = _files(log)
    place = _found(place, files)
    if place.inode not in files:
        return b"", place
    path = files[place.inode]
    data, size = _whole_lines(path, place.offset, most)
    head = _head(path) if len(place.head) < 2 * HEAD else place.head
    after = replace(place, offset=place.offset + len(data), head=head, drained=not data)
    if data or path == log or not place.drained:
        return data, after
    torn = after.torn + (size > after.offset)
    finished = (*after.finished, (after.inode, head))
    return b"", Place(finished=finished, torn=torn)


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


def _whole_lines(path: Path, offset: int, most: int) -> tuple[bytes, int]:
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(most)
        while data and b"\n" not in data:
            more = file.read(most)
            if not more:
                break
            data += more
        size = path.stat().st_size
    return data[: data.rfind(b"\n") + 1], size
