"""`unfelt back` from another process: at the router within 2 s, whatever became of the guard and the records."""

import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from hands import by_api, by_command, by_page
from living import Guarded, Library, at_once, library, until, visited
from serving import Served, served

WITHIN = 6.0
"""Seconds from the command to the last request that new serves, with other tests beside it; 2 s when alone."""
ONE_AT_A_TIME = threading.Lock()
"""Two commands begun at once on one machine would measure each other."""


@dataclass(frozen=True)
class Told:
    """What came of it."""

    done: bool
    last_on_new: float
    """Seconds from the command to the last request that new served."""
    state: str
    refused: int


def taken_back(
    home: Path,
    meanwhile: Callable[[Library, Guarded], object],
    way: Callable[[Served], Callable[[], bool]] | None = None,
) -> Told:
    """A rollout that is taken back by hand, after something has happened to it; by command if nothing is said."""
    with ExitStack() as stack:
        place = stack.enter_context(library(home, margin="0.5%", baseline="1s"))
        guard, record = stack.enter_context(visited(place))
        until(place.moving, what="customers on new")
        act = by_command(place) if way is None else way(stack.enter_context(served(place.home)))
        undo = meanwhile(place, guard)
        with ONE_AT_A_TIME:
            at = time.time()
            done = act()
        last = until(lambda: time.time() > at + WITHIN + 2 and place.last_on_new())
        if callable(undo):
            undo()
        row = until(lambda: _ended(place, guard), what="the rollout's end")
        return Told(done, round(last - at, 2), row["state"], len(place.refusals(record)))


def _ended(place: Library, guard: Guarded) -> dict[str, str] | None:
    rows = place.rows("SELECT state FROM records_rollout WHERE ended IS NOT NULL")
    return rows[0] if rows else None


def _nothing(place: Library, guard: Guarded) -> None:
    pass


def _kill(place: Library, guard: Guarded) -> None:
    guard.send(signal.SIGKILL)
    guard.end()


def _freeze(place: Library, guard: Guarded) -> Callable[[], object]:
    guard.send(signal.SIGSTOP)
    return lambda: guard.send(signal.SIGCONT)


def _lock(place: Library, guard: Guarded) -> Callable[[], object]:
    lock = sqlite3.connect(place.home / "records.db", timeout=20, isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN EXCLUSIVE")
    return lock.close


@pytest.mark.slow
def test_everybody_is_on_old_within_two_seconds_and_the_rollout_ends(tmp_path: Path):
    """With the guard at work, killed, frozen, and with the records locked."""
    cases = {"at work": _nothing, "killed": _kill, "frozen": _freeze, "locked": _lock}
    told = at_once(*(partial(taken_back, tmp_path / name, what) for name, what in cases.items()), most=2)
    print(*told, sep="\n")
    assert [one.last_on_new < WITHIN for one in told] == [True] * 4
    assert [(one.done, one.state, one.refused) for one in told] == [(True, "back", 0)] * 4


CONSOLE = {
    "page, locked": (_lock, by_page),
    "API, killed": (_kill, by_api),
    "page": (_nothing, by_page),
    "API, frozen": (_freeze, by_api),
}


@pytest.mark.slow
@pytest.mark.parametrize("most", [2, pytest.param(4, marks=pytest.mark.nightly)])
def test_the_console_and_its_api_take_everybody_back_as_soon(tmp_path: Path, most: int):
    """The page with the records locked, the API with the guard killed; by night with it at work and frozen too."""
    cases = dict(list(CONSOLE.items())[:most])
    told = at_once(*(partial(taken_back, tmp_path / name, *how) for name, how in cases.items()), most=2)
    print(*zip(cases, told, strict=True), sep="\n")
    assert [one.last_on_new < WITHIN for one in told] == [True] * most
    assert [(one.done, one.state, one.refused) for one in told] == [(True, "back", 0)] * most


@pytest.mark.slow
def test_a_rollout_taken_back_while_nobody_could_note_it_ends_when_it_is_begun_again(tmp_path: Path):
    """The guard is dead and the records are locked: the latch at the router remembers."""
    with library(tmp_path / "home", margin="0.5%", baseline="1s") as place, visited(place) as (guard, _record):
        until(place.moving, what="customers on new")
        _kill(place, guard)
        undo = _lock(place, guard)
        answer = place.ask("back")
        undo()
        assert (answer.returncode, place.state()) == (0, "watching")
        assert "It could not be recorded now" in answer.stderr
        again = place.run()
        assert again.end() == 1
        assert (again.report()["final"], again.report()["because"]) == ("back", "taken back by hand")

        # The second attempt begins with a router that moves customers again.
        second = place.run()
        until(lambda: place.state() == "watching" and place.share() > 0, what="the second attempt")
        attempt = place.rows("SELECT attempt, budget FROM records_rollout ORDER BY began DESC LIMIT 1")[0]
        used = again.report()["affected"]["at_most"]
        assert attempt == {"attempt": 2, "budget": 60 - used}
        assert second.process.poll() is None


@pytest.mark.slow
def test_an_unknown_rollout_is_not_taken_back(tmp_path: Path):
    """An unknown name is refused, and nobody is moved."""
    answer = Library(tmp_path).ask("back", "nothing")
    assert (answer.returncode, answer.stderr.splitlines()[-1][:10]) == (2, "No rollout")
