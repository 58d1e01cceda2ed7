"""The router's log is lost under a running rollout: customers are served, and on old within 15 s."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from living import Library, at_once, library, until, visited
from test_full_disk import watched

ON_OLD = 15.0
"""Seconds after which nobody may be on new."""


@dataclass(frozen=True)
class Told:
    """What came of one loss."""

    refused: int
    on_new: float
    """Seconds from the loss for which new was still asked."""
    exit: int
    final: str
    because: str


def deleted(log: Path, _place: Library) -> None:
    """Envoy goes on writing to a file that nobody finds."""
    log.unlink()


def moved(log: Path, _place: Library) -> None:
    """Somebody rotated it without asking the router; another's file is in its place."""
    log.rename(log.with_name("taken.log"))
    log.write_text("not a line of the router's\n")


def full(log: Path, place: Library) -> None:
    """No byte of it can be written any more, since Envoy was begun again."""
    log.unlink()
    log.symlink_to("/dev/full")
    os.kill(place.envoy().pid, signal.SIGKILL)


def unwritable(log: Path, place: Library) -> None:
    """It cannot be opened any more, since Envoy was begun again."""
    log.unlink()
    log.mkdir()
    os.kill(place.envoy().pid, signal.SIGKILL)


def lost(home: Path, how: Callable[[Path, Library], None]) -> Told:
    """A harmless rollout whose log is lost once customers are on new."""
    with library(home, margin="0.5%", baseline="1s", unmeasured="3s") as place, visited(place) as (guard, record):
        until(place.moving, what="customers on new")
        how(place.router / "access.jsonl", place)
        on_new = watched(place, seconds=ON_OLD + 3)
        code = guard.end()
        report = guard.report()
        return Told(len(place.refusals(record)), on_new, code, report["final"], report["because"])


@pytest.mark.slow
def test_a_lost_log_puts_everybody_on_old_and_refuses_nobody(tmp_path: Path) -> None:
    """Deleted or replaced: nobody is refused. Where Envoy dies too, few are, and it serves without a log."""
    scenes = (deleted, moved, full, unwritable)
    began = time.monotonic()
    told = at_once(*(partial(lost, tmp_path / how.__name__, how) for how in scenes), most=2)
    print(f"{time.monotonic() - began:.0f} s", *told, sep="\n")
    assert [(one.exit, one.final) for one in told] == [(1, "back")] * 4
    assert max(one.on_new for one in told) < ON_OLD
    assert [one.refused for one in told[:2]] == [0, 0]
