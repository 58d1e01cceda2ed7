"""Killed and frozen at random moments, under 300 requests a second: nobody stranded, nothing lost or doubled."""

import os
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from databases import postgresql
from injuries import GONE, INJURIES, Told, hurt_often
from living import Library, at_once


def is_whole(told: Told) -> bool:
    """Every batch was judged once and in order."""
    return told.batches == tuple(range(1, len(told.batches) + 1))


def is_true(place: Library) -> None:
    """Every decision, order and move comes out again from what is on record."""
    verified = place.ask("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def table(told: list[Told]) -> str:
    """By victim: how often, failed requests, and how long new or the gap lasted at most."""
    victims = Counter(injury.victim for one in told for injury in one.injuries)
    late = [(injury.victim, seconds) for one in told for injury, seconds in one.late]
    gaps = [(injury.victim, seconds) for one in told for injury, seconds in one.gaps]
    lines = [
        f"{victim:<24} {n:>4} times"
        + _longest([seconds for who, seconds in late if who == victim], "on new after")
        + _longest([seconds for who, seconds in gaps if who == victim], "Envoy down")
        for victim, n in sorted(victims.items())
    ]
    failed, asked = sum(len(one.failed) for one in told), sum(one.requests for one in told)
    lines.append(f"{failed} of {asked} requests failed while Envoy ran")
    return "\n".join(lines)


def _longest(seconds: list[float], what: str) -> str:
    middle = sorted(seconds)[len(seconds) // 2] if seconds else 0
    return f"; {what}: median {middle:.2f} s, longest {max(seconds):.2f} s" if seconds else ""


def hurt(tmp_path: Path, *, seeds: range, times: int) -> list[Told]:
    """What came of one rollout for each seed, two at a time; odd ones have their records in PostgreSQL."""

    def play(seed: int) -> Told:
        home = tmp_path / str(seed)
        if seed % 2 == 0:
            return hurt_often(home, seed=seed, times=times, examine=is_true)
        with postgresql(home) as server:
            return hurt_often(home, seed=seed, times=times, server=server, examine=is_true)

    told = at_once(*(partial(play, seed) for seed in seeds), most=2)
    print("", table(told), sep="\n")
    return told


def check(told: list[Told]) -> None:
    """What must hold whatever was killed."""
    assert [one.failed for one in told] == [()] * len(told)
    assert [is_whole(one) for one in told] == [True] * len(told)
    stranded = [(injury, seconds) for one in told for injury, seconds in one.late if seconds > GONE]
    assert stranded == []
    assert [gap for one in told for gap in one.gaps if gap[1] > GONE] == []


HOUR = float(os.environ.get("UNFELT_TEST_HOUR", "3600"))
"""Seconds for which two rollouts are hurt side by side; a shorter stretch where somebody asks for it."""


@pytest.mark.nightly
@pytest.mark.timeout(3 * HOUR + 600)
def test_for_an_hour_every_injury_leaves_a_ledger_that_verifies(tmp_path: Path):
    """After each one `unfelt verify` is asked, while the rollout goes on; one in a file, one in PostgreSQL."""

    def play(seed: int) -> Told:
        home = tmp_path / str(seed)
        asked = {"seed": seed, "times": 10_000, "examine": is_true, "within": HOUR, "is_examined_each_time": True}
        if seed % 2 == 0:
            return hurt_often(home, **asked)
        with postgresql(home) as server:
            return hurt_often(home, server=server, **asked)

    told = at_once(partial(play, 300), partial(play, 301), most=2)
    print("", table(told), sep="\n")
    check(told)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_injury_strands_nobody_and_loses_nothing(tmp_path: Path):
    """Guard, keeper, Envoy and records, each killed, frozen or locked: every injury once to each of two rollouts.

    One has its records in a file, the other in PostgreSQL.
    """
    check(hurt(tmp_path, seeds=range(2), times=len(INJURIES) - 1))


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_two_hundred_injuries_strand_nobody_and_lose_nothing(tmp_path: Path):
    """The same for twenty rollouts."""
    check(hurt(tmp_path, seeds=range(100, 120), times=10))
