"""Telemetry that stops and a router that dies or freezes: unmeasured, held, then back; never blind."""

import os
import signal
import sqlite3
import time
from functools import partial
from pathlib import Path

import pytest
from living import Library, at_once, library, until, visited


def stopped_log(home: Path) -> tuple[int, str, bool]:
    """The router's log is deleted in mid-rollout: its lines go nowhere any more."""
    with library(home, margin="0.5%", baseline="1s", unmeasured="3s") as place, visited(place) as (guard, _record):
        until(place.moving, what="customers on new")
        (place.router / "access.jsonl").unlink()
        code = guard.end()
        return code, guard.report()["final"], "the router's log has stopped" in guard.report()["because"]


def frozen_router(home: Path) -> tuple[int, str, bool]:
    """Envoy is stopped where it stands and never answers again."""
    with library(home, margin="0.5%", baseline="1s", unmeasured="3s") as place, visited(place) as (guard, _record):
        until(place.moving, what="customers on new")
        os.kill(place.envoy().pid, signal.SIGSTOP)
        code = guard.end()
        return code, guard.report()["final"], "the router does not answer" in guard.report()["because"]


@pytest.mark.slow
def test_what_cannot_be_measured_is_held_and_then_taken_back(tmp_path: Path):
    """A log that stands still and a router that does not answer both end on old, with the reason."""
    told = at_once(partial(stopped_log, tmp_path / "log"), partial(frozen_router, tmp_path / "router"))
    assert told == [(1, "back", True)] * 2


def killed_router(home: Path) -> tuple[int, str, list[str], int]:
    """Envoy is killed in mid-rollout."""
    with library(home) as place, visited(place) as (guard, _record):
        until(place.moving, what="customers on new")
        os.kill(place.envoy().pid, signal.SIGKILL)
        code = guard.end()
        report = guard.report()
        whys = [lapse["why"] for lapse in report["lapses"]]
        return code, report["final"], whys, len(set(place.batches())) - len(place.batches())


def locked_records(home: Path) -> tuple[int, str, bool, bool]:
    """The records are locked for longer than the lease lasts."""
    with library(home) as place, visited(place) as (guard, record):
        until(place.moving, what="customers on new")
        lock = sqlite3.connect(place.home / "records.db", timeout=20, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        at = time.time()
        until(lambda: time.time() > at + 14)
        late = place.last_on_new() - at
        lock.close()
        code = guard.end()
        batches = place.batches()
        whole = batches == list(range(1, len(batches) + 1)) and not place.refusals(record)
        return code, guard.report()["final"], late < 8 + 3.5, whole


def begun_while_locked(home: Path) -> tuple[int, str, int]:
    """A guard that died is begun again while the records are locked."""
    with library(home) as place, visited(place) as (guard, _record):
        until(place.moving, what="customers on new")
        guard.send(signal.SIGKILL)
        guard.end()
        lock = sqlite3.connect(place.home / "records.db", timeout=20, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        again = place.run()
        until(again.err.read_text, what="a word about the records")
        lock.close()
        code = again.end()
        return code, again.report()["final"], again.err.read_text().count("The records do not answer")


@pytest.mark.slow
def test_a_guard_that_finds_the_records_locked_waits_for_them(tmp_path: Path):
    """It says so once, and goes on as soon as they answer."""
    assert begun_while_locked(tmp_path) == (0, "done", 1)


@pytest.mark.slow
def test_a_killed_router_and_locked_records_are_survived(tmp_path: Path):
    """Both put customers on old, are on record as a lapse, and the rollout goes on by itself."""
    router, records = at_once(
        partial(killed_router, tmp_path / "router"), partial(locked_records, tmp_path / "db")
    )
    assert router == (0, "done", ["the router was started again"], 0)
    assert records == (0, "done", True, True)


def proposal(place: Library) -> tuple[str, float] | None:
    """The open proposal."""
    rows = place.rows(
        "SELECT action, share FROM records_proposal WHERE withdrawn_at IS NULL AND confirmed_at IS NULL"
    )
    return (rows[0]["action"], rows[0]["share"]) if rows else None


def advised(home: Path) -> tuple[list[str], int, str]:
    """A harmless build in advise mode, with a person who agrees to everything."""
    with library(home, mode="advise") as place, visited(place) as (guard, _record):
        agreed: list[str] = []
        until(lambda: proposal(place), what="the first proposal")
        time.sleep(1.5)
        agreed.append(f"on new before: {place.share():.0%}")
        while guard.process.poll() is None:
            answer = place.ask("confirm") if proposal(place) else None
            if answer and answer.returncode == 0:
                agreed.append(answer.stdout.split()[1])
            time.sleep(0.2)
        nothing = place.ask("confirm")
        agreed.append(nothing.stderr.strip())
        return agreed, guard.end(), guard.report()["final"]


def advised_back(home: Path) -> tuple[str, float, int]:
    """A harmful build in advise mode: the guard proposes to go back and keeps nobody there without leave."""
    with library(home, fault="mobile", mode="advise") as place, visited(place) as (guard, _record):
        until(lambda: proposal(place), what="the first proposal")
        assert place.ask("confirm").returncode == 0
        until(lambda: (proposal(place) or ("", 0))[0] == "back", what="the proposal to go back")
        share = place.share()
        assert place.ask("confirm", "catalogue").returncode == 0
        return place.state() and "back", share, guard.end()


@pytest.mark.slow
def test_in_advise_mode_nobody_moves_before_a_person_agrees(tmp_path: Path):
    """The guard proposes; a person confirms each widening, the promotion, and going back."""
    (agreed, code, final), back = at_once(
        partial(advised, tmp_path / "good"), partial(advised_back, tmp_path / "harm")
    )
    assert (agreed[0], set(agreed[1:-1]), code, final) == ("on new before: 0%", {"widen", "promote"}, 0, "done")
    assert agreed[-1] == "catalogue-1 waits for nobody: the guard proposes nothing."
    assert back == ("back", 0.1, 1)
