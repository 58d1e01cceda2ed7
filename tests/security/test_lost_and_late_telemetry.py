"""The router's log is cut, replaced, held back or dated by a clock that is set: unmeasured, then right again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from played_log import BEGAN, Play, line, plan

from unfelt.adapters.sources import Lapse
from unfelt.rollout.observer import jumped_over

pytestmark = pytest.mark.slow


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Play]:
    """A rollout of a harmless change, some seconds old."""
    play = Play(tmp_path, 0.0)
    play.run(3)
    yield play
    play.close()


@pytest.fixture
def harmful(tmp_path: Path) -> Iterator[Play]:
    """A rollout of a change that refuses one customer in five, some seconds old."""
    play = Play(tmp_path, 0.2)
    play.run(2)
    yield play
    play.close()


def test_telemetry_a_minute_late_is_unmeasured_until_it_comes(sound: Play):
    """Nothing is decided from what is not there; once it comes, every window closes as if it had been in time."""
    sound.held = []
    actions = [sound.second() for _ in range(15)]
    assert (actions[-1], "promote" in actions) == ("unmeasured", False)
    assert "the router's log has stopped" in sound.troubles[-1]
    sound.clocks.go_on(45)
    sound.release()
    sound.look()
    told = len(sound.troubles)
    assert sound.run(60) == "promote"
    assert (len(sound.troubles) - told, sound.batches[-1].intake.late) == (0, 0)


def test_lines_of_one_arm_that_come_late_are_unmeasured(harmful: Play):
    """The log goes on for everybody else: what is missing is found when it comes, and counted for its arm."""
    kept: list[bytes] = []
    for _ in range(12):
        lines = harmful._customers()
        kept += [one for one in lines if b'"arm": "new"' in one]
        harmful.clocks.go_on(1)
        beat = line(harmful.clocks.now, None, "none", {"epoch": harmful.epoch})
        harmful.write([*(one for one in lines if b'"arm": "new"' not in one), beat, beat.replace(b"id", b"ID")])
        assert harmful.look() != "promote"
    assert harmful.second(*kept) in ("unmeasured", "back")
    assert harmful.batches[-1].intake.strays["late"]["new"] > 20


def test_a_log_that_is_truncated_is_read_from_its_beginning(sound: Play):
    """The rollout goes on by what comes."""
    sound.log.write_bytes(b"")
    assert sound.run(60) == "promote"


@pytest.mark.parametrize("seed", [1, 2])
def test_a_log_that_is_replaced_hides_no_harm(tmp_path: Path, seed: int):
    """Renamed and begun anew every other second: every line is read once."""
    play = Play(tmp_path, 0.2, seed=seed)
    for number in range(20):
        if number % 2:
            play.log.rename(play.log.with_name(f"access-{number}.jsonl"))
        if play.second() in ("back", "promote"):
            break
    assert (play.decisions[-1].action, play.troubles) == ("back", [])
    play.close()


def test_a_log_that_is_truncated_again_and_again_promotes_no_harm(harmful: Play):
    """Half of what was written is lost every second."""
    actions = []
    for _ in range(10):
        actions.append(harmful.second())
        harmful.log.write_bytes(b"")
    assert "promote" not in actions


def test_a_clock_set_back_is_found_from_the_routers_own_lines(harmful: Play):
    """No customer comes: windows of the hours that were taken back are left out, and the log goes on."""
    harmful.clocks.now -= timedelta(hours=1)
    harmful.rate = 0
    for _ in range(4):
        harmful.second()
    assert harmful.batches[-1].excluded["lapse"] > 0
    assert harmful.batches[-1].until > harmful.clocks.now - timedelta(seconds=3)
    harmful.rate = 40
    assert harmful.run(20) == "back"


def test_a_clock_set_ahead_and_back_blinds_nobody(harmful: Play):
    """The hour that was jumped over is no lapse: customers who come after it are looked at as before."""
    lapses: tuple[Lapse, ...] = ()
    for jump in (timedelta(hours=1), timedelta(hours=-1)):
        harmful.clocks.now += jump
        lapses += (jumped_over(harmful.clocks.now + timedelta(seconds=1), passed=timedelta(seconds=1), jump=jump),)
        if harmful.second(lapses=lapses) == "back":
            break
    for _ in range(20):
        if harmful.second(lapses=lapses) in ("back", "promote"):
            break
    assert harmful.decisions[-1].action == "back"


def test_a_time_that_was_kept_from_a_line_of_the_future_is_not_kept_on(tmp_path: Path):
    """A directory that an older unfelt left with the year 9999 as its highest time is of use again."""
    play = Play(tmp_path, 0.0)
    play.run(2)
    play.source._facts.put("top", [253402300799000000] * 3)
    play.source._whole(play.source._facts.write)
    assert play.run(60) == "promote"
    assert play.batches[-1].until <= play.clocks.now
    play.close()


def test_a_jump_is_a_short_lapse_in_the_clock_of_those_it_cuts():
    """Set ahead it lies before the hours jumped over, set back after them."""
    second, hour = timedelta(seconds=1), timedelta(hours=1)
    ahead = jumped_over(BEGAN + hour, passed=second, jump=hour)
    back = jumped_over(BEGAN - hour, passed=second, jump=-hour)
    assert (ahead.began, ahead.ended) == (BEGAN - second, BEGAN)
    assert (back.began, back.ended) == (BEGAN - hour - second, BEGAN - hour)


def counting(home: Path, harm: float) -> Play:
    """A rollout whose router tells how many requests it has ended, some seconds old."""
    play = Play(home, harm, counts=True, change=plan(unmeasured="90s"))
    play.run(6)
    return play


def test_lines_cut_off_before_they_are_read_are_unmeasured_by_the_routers_own_count(tmp_path: Path):
    """A second of the log is gone; what goes on after it is in order, and is believed again."""
    play = counting(tmp_path, 0.0)
    play.held = []
    play.second()
    play.held = None  # What was held back is lost.
    actions = [play.second() for _ in range(8)]
    assert "unmeasured" in actions
    assert "answers of the router are missing in its log" in play.troubles[-1]
    assert play.run(90) == "promote"
    play.close()


def test_an_arm_held_back_is_unmeasured_although_the_log_goes_on(tmp_path: Path):
    """The lines of new do not come, those of old and heartbeats do."""
    play = counting(tmp_path, 0.0)
    actions = []
    for _ in range(20):
        lines = play._customers()
        play.ended += len(lines)
        play.clocks.go_on(1)
        play.write([one for one in lines if b'"arm": "new"' not in one])
        actions.append(play.look())
    assert "promote" not in actions
    assert "unmeasured" in actions
    assert any("answers of the router are missing in its log" in trouble for trouble in play.troubles)
    play.close()
