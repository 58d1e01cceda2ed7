"""A start that cannot succeed: one clear sentence, exit code 3, nothing left running, and the next start works."""

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import pytest
from living import Library, library, readers, until, visited


@pytest.mark.slow
def test_what_cannot_start_changes_nothing_and_the_next_start_works(tmp_path: Path):
    """An unreachable new version, a port that is taken, a plan that is wrong; then all is mended."""
    with library(tmp_path / "home") as place, closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        good, place.new = place.new, "http://127.0.0.1:1"
        unreachable = place.run()
        assert (unreachable.end(), unreachable.out.read_text()) == (3, "")
        assert "http://127.0.0.1:1 does not accept connections" in unreachable.err.read_text()
        assert (place.state(), place.envoy()) == ("", None)

        place.new, free = good, place.listen
        place.listen = f"127.0.0.1:{other.getsockname()[1]}"
        taken = place.run()
        assert (taken.end(), taken.out.read_text()) == (3, "")
        assert f"The router cannot listen on {place.listen}" in taken.err.read_text()
        assert f"({os.getpid()}) is there" in taken.err.read_text()
        assert (place.state(), place.envoy()) == ("prepared", None)

        place.settings["budget"] = "no"
        wrong = place.run()
        assert (wrong.end(), wrong.out.read_text()) == (1, "")
        assert "guard.impact_budget" in wrong.err.read_text()

        # Nobody was assigned yet: the corrected plan takes the place of the one that could not start.
        place.listen, place.settings["budget"] = free, "60"
        begun = place.run()
        until(lambda: place.state() == "baseline", what="baseline")
        attempts = place.rows("SELECT attempt, state FROM records_rollout ORDER BY began")
        assert attempts == [{"attempt": 1, "state": "back"}, {"attempt": 1, "state": "baseline"}]
        assert begun.process.poll() is None


@pytest.mark.slow
def test_an_edited_plan_waits_for_the_rollout_under_way(tmp_path: Path):
    """A rollout keeps the revision it began with, and says so; what is done stays done."""
    with library(tmp_path / "home", baseline="4s") as place, visited(place) as (guard, _record):
        before = place.rows("SELECT revision_id FROM records_rollout")

        guard.send(signal.SIGINT)
        assert guard.end() == 128 + signal.SIGINT
        assert "The same command goes on from here." in guard.err.read_text()
        place.settings["budget"] = "50"
        again = place.run()
        assert again.end() == 0
        assert "goes on under the revision it began with" in again.err.read_text()
        assert (again.report()["affected"]["budget"], again.report()["attempt"]) == (60, 1)
        assert place.rows("SELECT revision_id FROM records_rollout") == before

        # What is done stays done, and stopping unfelt moves nobody.
        place.settings["budget"] = "60"
        done = place.run()
        assert (done.end(), done.report()["final"], len(done.looks())) == (0, "done", 1)
        until(lambda: place.log()[-1]["served"] == "new", what="customers on new for good")


@pytest.mark.slow
def test_another_change_on_the_same_address_is_refused(tmp_path: Path):
    """A router serves one rollout at a time, and a change has one guard at a time."""
    with library(tmp_path / "home", baseline="120s") as place, visited(place):
        second = place.run()
        assert second.end() == 3
        assert "catalogue already has a guard at work" in second.err.read_text()
        other = Library(place.home, old=place.old, new=place.new, id="other", listen=place.listen)
        refused = other.run()
        assert refused.end() == 3
        assert f"rollout catalogue-1 is under way on {place.listen}" in refused.err.read_text()
        several = Library(place.home, old=place.old, new=place.new, id="third")
        try:
            several.run()
            begun = "SELECT 1 FROM records_rollout WHERE id = 'third-1' AND state = 'baseline'"
            until(lambda: several.rows(begun), what="the third change")
            asked = place.ask("back")
            assert (asked.returncode, asked.stdout) == (2, "")
            assert asked.stderr.startswith("2 rollouts are under way: catalogue-1, third-1.")
        finally:
            several.close()


@pytest.mark.slow
def test_an_unwritable_home_is_said(tmp_path: Path):
    """A home that is a file is no home."""
    home = tmp_path / "home"
    with library(home) as place:
        place.home, occupied = tmp_path, home / "occupied"
        occupied.write_text("")
        plan = place.plan
        answer = place.ask("run", str(plan), "--database", f"sqlite:///{occupied}/records.db")
        assert answer.returncode == 3
        assert answer.stderr.startswith("The records in ")
        assert os.listdir(place.home) != []
        with readers("127.0.0.1:9", tmp_path / "met.txt"):
            pass
        place.home = home
