"""The disk is full in mid-rollout: customers on old, a clear word, nothing lost, and on again with room."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import hands
import pytest
from living import Library, asked, at_once, library, readers, until
from serving import Served, served

SIZE = 48
"""MiB of the small disk."""


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A file system of its own at that place."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m,mode=0700", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be made here (that takes root): {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> Path:
    """No byte is left on that disk."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def watched(place: Library, *, seconds: float) -> float:
    """For how long after now the new version was still asked, of so many seconds."""
    began = last = time.monotonic()
    before = asked(place.new)
    while time.monotonic() < began + seconds:
        time.sleep(0.05)
        now = asked(place.new)
        last, before = (time.monotonic() if now > before else last), now
    return last - began


@dataclass(frozen=True)
class Told:
    """What came of a full disk."""

    done: bool
    on_new: float
    """Seconds from the full disk, or from the command, for which new was still asked."""
    exit: int
    final: str
    batches_in_order: bool
    words: str
    verified: int
    """Exit code of `unfelt verify` at the end."""


def full(words: Path, way: Callable[[Served], Callable[[], bool]] | None, *, by_command: bool = False) -> Told:
    """A rollout on a disk that is full from some moment on, and has room again at the end.

    way: how somebody takes customers back in the console meanwhile, if they do.
    """
    words.mkdir()
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(words / "disk"))
        place = stack.enter_context(library(disk / "home", margin="5%"))
        place.words = words
        guard = place.run()
        until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
        act = None if way is None else way(stack.enter_context(served(place.home)))
        if by_command:
            act = hands.by_command(place)
        with readers(place.listen, words / "met.txt"):
            until(place.moving, what="customers on new")
            ballast = fill(disk)
            done = act is None or act()
            on_new = watched(place, seconds=18 if act is None else 8)
            ballast.unlink()
            code = guard.end()
        batches = place.batches()
        in_order = batches == list(range(1, len(batches) + 1))
        verified = place.ask("verify").returncode
        return Told(done, on_new, code, guard.report()["final"], in_order, guard.err.read_text(), verified)


def survived(alone: Told) -> None:
    """Customers were on old in time, and it went on when there was room."""
    assert (alone.exit, alone.final, alone.batches_in_order, alone.verified) == (0, "done", True, 0)
    assert alone.on_new < 15
    assert "full" in alone.words or "No space left" in alone.words


def taken_back(told: Told) -> None:
    """By hand, although nothing could be written."""
    assert (told.done, told.exit, told.final, told.batches_in_order, told.verified) == (True, 1, "back", True, 0)
    assert told.on_new < 6


@pytest.mark.slow
def test_a_full_disk_puts_customers_on_old_and_is_survived(tmp_path: Path):
    """The lease runs out by itself; the console goes back all the same; with room again it goes on."""
    alone, by_hand = at_once(
        partial(full, tmp_path / "alone", None), partial(full, tmp_path / "page", hands.by_page)
    )
    print(alone, by_hand, sep="\n")
    survived(alone)
    taken_back(by_hand)


@pytest.mark.nightly
def test_command_and_api_go_back_on_a_full_disk_too(tmp_path: Path):
    """They have ways of their own."""
    ways = (
        partial(full, tmp_path / "command", None, by_command=True),
        partial(full, tmp_path / "API", hands.by_api),
    )
    for told in at_once(*ways):
        taken_back(told)
