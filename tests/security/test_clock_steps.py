"""The machine's clock is really set while a rollout runs, by libfaketime, and lines of the future are written."""

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from living import Guarded, Library, at_once, library, readers, set_clock, until

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
HERE = Path(__file__).parent
JUMPED = "the clock of this machine jumped"
SAID = {
    "+3600": (JUMPED, "dated too far behind the clock"),
    "-3600": (JUMPED, "dated later than the clock allows"),
}
"""What is wrong by a clock that is so many seconds off."""
pytestmark = pytest.mark.slow


def begin(place: Library, moved: Path) -> Guarded:
    """The guard is at work by a clock that the file sets; its steady clock and the router go on as they do."""
    assert FAKETIME is not None, "Install libfaketime: apt-get install faketime"
    env = [
        f"LD_PRELOAD={FAKETIME}",
        f"FAKETIME_TIMESTAMP_FILE={moved}",
        "FAKETIME_CACHE_DURATION=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
        f"PYTHONPATH={HERE / 'set_clock'}",
    ]
    return place.start([str(shutil.which("env")), *env, *place._command("run", str(place.plan), "--json")])


def set_by(home: Path, step: str) -> tuple[int, str, bool, bool, bool]:
    """The clock is set in mid-rollout: exit code, state, whether it is on record, soon on old, why it ended."""
    with library(home, margin="0.5%", baseline="1s", unmeasured="6s") as place:
        moved = home / "moved"
        moved.write_text("+0\n")
        guard = begin(place, moved)
        until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
        with readers(place.listen, home / "met.txt"):
            until(place.moving, what="customers on new")
            at = time.time()
            set_clock(moved, f"{step}\n")
            code = guard.end()
            is_soon = place.last_on_new() - at < 15
        report = guard.report()
        is_told = "the clock jumped" in [lapse["why"] for lapse in report["lapses"]]
        is_true = any(said in report["because"] for said in SAID[step])
        return code, report["final"], is_told, is_soon, is_true


def test_a_clock_an_hour_off_ends_on_old_within_seconds(tmp_path: Path):
    """By a clock ahead the lines are old, by one behind they are of the future: it says which."""
    told = at_once(*[partial(set_by, tmp_path / step, step) for step in SAID])
    assert told == [(1, "back", True, True, True)] * 2


def has_jumped(place: Library, times: int) -> bool:
    """So many jumps of the clock are on record; the guard's program looks into the file once a second."""
    return sum("the clock jumped" in str(body) for body in place.entries("lapse")) >= times


def set_twice(home: Path) -> tuple[int, str, int, bool]:
    """The clock is set back by an hour and some seconds later put right."""
    with library(home, baseline="1s", unmeasured="60s") as place:
        moved = home / "moved"
        moved.write_text("+0\n")
        guard = begin(place, moved)
        until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
        with readers(place.listen, home / "met.txt"):
            until(place.moving, what="customers on new")
            for n, step in enumerate(("-3600", "+0"), 1):
                set_clock(moved, f"{step}\n")
                until(partial(has_jumped, place, n), what="a jump on record")
            code = guard.end()
        report = guard.report()
        jumps = [one for one in report["lapses"] if one["why"] == "the clock jumped"]
        return code, report["final"], len(jumps), place.ask("verify").returncode == 0


def test_a_clock_that_is_put_right_again_is_on_record_twice(tmp_path: Path):
    """The hour counts as one in which nothing was measured, so customers go back; everything verifies."""
    assert set_twice(tmp_path) == (1, "back", 2, True)


def future_lines(home: Path) -> tuple[str, list[float], list[str], bool]:
    """Lines of the future are written into the router's log, again and again, while `new` fails for many."""
    with library(home, fault="mobile", margin="10%", baseline="1s", unmeasured="10s", budget="200") as place:
        guard = place.run()
        until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
        with readers(place.listen, home / "met.txt"):
            until(lambda: len(place.log()) > 20, what="lines")
            like = next(one for one in place.log() if one["arm"] in ("old", "new"))
            while guard.process.poll() is None:
                ahead = datetime.now(UTC) + timedelta(hours=1)
                times = [f"{ahead:%Y-%m-%dT%H:%M:%S.%f}Z", "9999-12-31T23:59:59.000000Z"]
                with (place.router / "access.jsonl").open("ab") as log:
                    log.writelines(json.dumps(like | {"time": one}).encode() + b"\n" for one in times)
                time.sleep(0.5)
        report = guard.report()
        shares = [body["share"] for body in place.entries("moved")]
        checked = place.ask("verify")
        hours = [one["hour"] for one in report["covered"]["hours"]]
        return report["final"], shares, hours, checked.returncode == 0


def test_lines_of_the_future_promote_nothing(tmp_path: Path):
    """The rollout ends on old, was never promoted, and its report covers no hour that has not come."""
    final, shares, hours, is_verified = future_lines(tmp_path)
    assert (final, max(shares[1:], default=0.0) <= 0.5, is_verified) == ("back", True, True)
    assert all(hour[:13] <= f"{datetime.now(UTC):%Y-%m-%dT%H}" for hour in hours)
