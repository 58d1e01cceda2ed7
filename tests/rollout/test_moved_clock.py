"""The clock of the machine is set while a rollout runs."""

import sys
from functools import partial
from pathlib import Path

import pytest
from living import Guarded, Library, at_once, library, readers, set_clock, until

HERE = Path(__file__).parent


def begin(place: Library, moved: Path) -> Guarded:
    """The guard is at work, by a clock that can be moved."""
    return place.start(
        [sys.executable, str(HERE / "moving_clock.py"), str(place.plan), str(place.home), str(moved)]
    )


def set_by(home: Path, seconds: float) -> tuple[int, str, bool, bool]:
    """The clock is set in mid-rollout: exit code, state, whether it is on record, whether all batches are."""
    with library(home, margin="5%", baseline="1s", unmeasured="3s") as place:
        moved = home / "moved"
        moved.write_text("0")
        guard = begin(place, moved)
        until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
        with readers(place.listen, home / "met.txt"):
            until(place.moving, what="customers on new")
            set_clock(moved, str(seconds))
            code = guard.end()
        report, batches = guard.report(), place.batches()
        jumped = "the clock jumped" in [lapse["why"] for lapse in report["lapses"]]
        return code, report["final"], jumped, batches == list(range(1, len(batches) + 1))


@pytest.mark.slow
def test_a_clock_that_is_set_is_on_record_and_nobody_is_judged_by_it(tmp_path: Path):
    """A guard whose clock is not that of its log believes nothing of it, and customers go back."""
    behind, ahead = at_once(partial(set_by, tmp_path / "back", -20.0), partial(set_by, tmp_path / "ahead", 90.0))
    assert behind == (1, "back", True, True)
    assert ahead == (1, "back", True, True)
