"""The machine's clock is really set while a rollout runs, by libfaketime, and lines of the future are written."""

import json
import shutil
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from living import Guarded, Library, at_once, library, readers, until

FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
pytestmark = pytest.mark.slow


def begin(place: Library, moved: Path) -> Guarded:
    """The guard and its router are at work, by a clock that the file sets; the steady clock goes on as it does."""
    assert FAKETIME is not None, "Install libfaketime: apt-get install faketime"
    env = [
        f"LD_PRELOAD={FAKETIME}",
        f"FAKETIME_TIMESTAMP_FILE={moved}",
        "FAKETIME_NO_CACHE=1",
        "FAKETIME_DONT_FAKE_MONOTONIC=1",
        f"PYTHONPATH={Path(__file__).parent / 'set_clock'}",
    ]
    return place.start([str(shutil.which("env")), *env, *place._command("run", str(place.plan), "--json")])


def set_by(home: Path, step: str, fault: str = "none") -> tuple[int, str, bool, float]:
    """The clock is set in mid-rollout: exit code, state, whether it is on record, seconds excluded by it."""
    with library(home, fault=fault, margin="5%", baseline="1s", unmeasured="8s") as place:
        moved = home / "moved"
        moved.write_text("+0\n")
        guard = begin(place, moved)
        until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
        with readers(place.listen, home / "met.txt"):
            until(place.moving, what="customers on new")
            moved.write_text(f"{step}\n")
            code = guard.end()
        report = guard.report()
        jumps = [lapse for lapse in report["lapses"] if lapse["why"] == "the clock jumped"]
        lasted = sum(
            (datetime.fromisoformat(one["ended"]) - datetime.fromisoformat(one["began"])).total_seconds()
            for one in jumps
        )
        return code, report["final"], bool(jumps), lasted


def test_an_hour_ahead_or_back_is_on_record_and_the_rollout_goes_on_rightly(tmp_path: Path):
    """What was looked at in that moment is left out, not the hour; what comes after is judged as before."""
    ahead, back = at_once(
        partial(set_by, tmp_path / "ahead", "+3600"), partial(set_by, tmp_path / "back", "-3600")
    )
    assert (ahead[:3], back[:3]) == ((0, "done", True), (0, "done", True))
    assert max(ahead[3], back[3]) < 60


def test_harm_is_found_after_the_clock_was_set(tmp_path: Path):
    """Whichever way it was set."""
    told = at_once(
        partial(set_by, tmp_path / "ahead", "+3600", "mobile"),
        partial(set_by, tmp_path / "back", "-3600", "mobile"),
    )
    assert [one[:2] for one in told] == [(1, "back")] * 2


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
