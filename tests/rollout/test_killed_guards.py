"""A guard killed or frozen in mid-rollout: customers are on old by themselves, and the same command goes on."""

import signal
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from living import Guarded, Library, at_once, library, until, visited

DEAD = 11.0
"""Seconds for which the guard stays away; DESIGN allows 15 until nobody is on new."""


@dataclass(frozen=True)
class Told:
    """What came of one interruption."""

    last_on_new: float
    """Seconds from the interruption to the last request that new served."""
    exit: int
    final: str
    because: str
    refused: int
    """Requests of customers that got no answer."""
    batches_in_order: bool
    lapses: int
    verified: tuple[int, int]
    """Exit codes of `unfelt verify` while the guard was away and at the end."""


def interrupted(home: Path, fault: str, states: tuple[str, ...], how: signal.Signals) -> Told:
    """A rollout whose guard is stopped in one of the states and begun again later."""
    with library(home, fault=fault, soak="3s") as place, visited(place) as (guard, record):
        until(lambda: _is_there(place, states), what=f"{states} with {fault}")
        at = guard.send(how)
        away = place.ask("verify").returncode
        time.sleep(max(0.0, at + DEAD - time.time()))
        last = place.last_on_new()
        again = _again(place, guard, how)
        code = again.end()
        report, batches = again.report(), place.batches()
        return Told(
            last_on_new=round(last - at, 1),
            exit=code,
            final=report["final"],
            because=report["because"],
            refused=len(place.refusals(record)),
            batches_in_order=batches == list(range(1, len(batches) + 1)),
            lapses=len(report["lapses"]),
            verified=(away, place.ask("verify").returncode),
        )


def _is_there(place: Library, states: tuple[str, ...]) -> bool:
    return place.state() in states and (states == ("baseline",) or place.moving())


def _again(place: Library, guard: Guarded, how: signal.Signals) -> Guarded:
    if how is signal.SIGSTOP:
        guard.send(signal.SIGCONT)
        return guard
    guard.end()
    return place.run()


def _is_right(told: Told, *, fault: str) -> bool:
    wanted = (0, "done") if fault == "none" else (1, "back")
    named = fault == "none" or "“refused” is worse on new" in told.because
    return (told.exit, told.final) == wanted and named


BY_DAY = [("mobile", ("watching",)), ("none", ("baseline",)), ("none", ("promoting", "soaking"))]
"""Builds, and the states in which their guard is killed: each of both by day, all of them together by night."""
BY_NIGHT = [*BY_DAY, ("mobile", ("baseline",)), ("none", ("watching",))]


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenes", [BY_DAY, pytest.param(BY_NIGHT, marks=pytest.mark.nightly)], ids=["day", "night"]
)
def test_a_guard_killed_at_any_moment_puts_everybody_on_old_and_goes_on(tmp_path: Path, scenes):
    """kill -9 in baseline, watching and promotion, of a harmful or a harmless build."""
    plays = [
        partial(interrupted, tmp_path / str(number), fault, states, signal.SIGKILL)
        for number, (fault, states) in enumerate(scenes)
    ]
    told = at_once(*plays)
    print(*told, sep="\n")
    n = len(scenes)
    assert [_is_right(one, fault=fault) for one, (fault, _states) in zip(told, scenes, strict=True)] == [True] * n
    assert [one.refused for one in told] == [0] * n
    assert [one.batches_in_order for one in told] == [True] * n
    assert [one.last_on_new < DEAD - 1 for one in told] == [True] * n
    assert [one.lapses > 0 for one in told] == [True] * n
    assert [one.verified for one in told] == [(0, 0)] * n


@pytest.mark.slow
def test_a_frozen_or_interrupted_guard_puts_everybody_on_old_and_goes_on(tmp_path: Path):
    """SIGSTOP is not seen by anybody but the lease; SIGINT ends the process at once, as a crash would."""
    told = at_once(
        partial(interrupted, tmp_path / "frozen", "none", ("watching",), signal.SIGSTOP),
        partial(interrupted, tmp_path / "interrupted", "none", ("watching",), signal.SIGINT),
    )
    print(*told, sep="\n")
    assert [_is_right(one, fault="none") for one in told] == [True, True]
    assert [(one.refused, one.batches_in_order) for one in told] == [(0, True)] * 2
    assert [one.last_on_new < DEAD - 1 for one in told] == [True, True]
    assert [one.verified for one in told] == [(0, 0)] * 2
