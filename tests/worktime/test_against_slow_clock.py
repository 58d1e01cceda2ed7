"""Every answer is that of a clock that walks minute by minute."""

import time
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slow_clock import Asked, Case, cases, joined, random_asked

from unfelt.worktime import clock

CASES = cases()
SPANS = 100_000
MONTH = timedelta(days=31)


def differences(case: Case, asked: Asked) -> list[str]:
    """The questions that both answer differently."""
    calendar, slow, pauses = case.calendar, case.slow, asked.pauses
    parts = list(slow.walk(asked.start, asked.end, pauses))
    total = sum((end - start for start, end in parts), timedelta(0))
    some = total * asked.part
    back = list(slow.walk_back(asked.start, asked.end))
    behind = sum((end - start for start, end in back), timedelta(0)) * asked.part
    answers = {
        "intervals": (
            clock.intervals(calendar, asked.start, asked.end, pauses=pauses),
            joined(iter(parts)),
        ),
        "worked": (clock.worked(calendar, asked.start, asked.end, pauses=pauses), total),
        "worked back": (clock.worked(calendar, asked.end, asked.start, pauses=pauses), -total),
        "due": (clock.due(calendar, asked.start, some, pauses=pauses), passed(asked.start, parts, some)),
        "add back": (clock.add(calendar, asked.end, -behind), passed_back(asked.end, back, behind)),
        "is working": (
            clock.is_working(calendar, asked.start, pauses=pauses),
            slow.is_running(asked.start.replace(second=0, microsecond=0), pauses),
        ),
        **nearest(case, asked, parts, back),
    }
    return [f"{name}: {fast} is not {due}" for name, (fast, due) in answers.items() if fast != due]


def nearest(case: Case, asked: Asked, parts, back):
    """The next and the previous working time, where there is any in the span; otherwise it is not in it."""
    following = clock.next_working(case.calendar, asked.start, pauses=asked.pauses)
    before = clock.previous_working(case.calendar, asked.end)
    is_later = following is None or following >= asked.end
    return {
        "next": (following, parts[0][0]) if parts else (is_later, True),
        "previous": (before, back[0][1]) if back else (before <= asked.start, True),
    }


def passed(at, parts, left):
    """The first instant when so much of it is over."""
    for start, end in parts if left else ():
        if left <= end - start:
            return start + left
        left -= end - start
    return at


def passed_back(at, parts, left):
    """The last instant from which so much of it is still to come."""
    for start, end in parts if left else ():
        if left <= end - start:
            return end - left
        left -= end - start
    return at


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_answers_are_those_of_the_slow_clock(case: Case) -> None:
    """In every zone, around every change of the clock, with pauses that overlap."""
    rng = Random(case.name)
    assert [found for _each in range(12) for found in differences(case, random_asked(case, rng))] == []


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, len(CASES) - 1), st.integers(0, 2**32))
def test_no_example_differs(number: int, seed: int) -> None:
    """Hypothesis looks for one."""
    assert differences(CASES[number], random_asked(CASES[number], Random(seed))) == []


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, len(CASES) - 1), st.integers(0, 2**32))
def test_adding_what_was_worked_comes_back(number: int, seed: int) -> None:
    """Time worked up to an instant, added to the start, is the working instant last before it; and back again."""
    case = CASES[number]
    asked = random_asked(case, Random(seed))
    worked = clock.worked(case.calendar, asked.start, asked.end)
    if not worked:
        return
    there = clock.add(case.calendar, asked.start, worked)
    assert there == clock.previous_working(case.calendar, asked.end)
    assert clock.add(case.calendar, there, -worked) == clock.next_working(case.calendar, asked.start)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.integers(0, len(CASES) - 1), st.integers(0, 2**32), st.floats(0, 1))
def test_time_worked_adds_up(number: int, seed: int, part: float) -> None:
    """Up to any instant between and from there on is the whole."""
    case = CASES[number]
    asked = random_asked(case, Random(seed))
    middle = asked.start + (asked.end - asked.start) * part
    parts = ((asked.start, middle), (middle, asked.end))
    several = [clock.worked(case.calendar, one, other, pauses=asked.pauses) for one, other in parts]
    assert sum(several, timedelta(0)) == clock.worked(case.calendar, asked.start, asked.end, pauses=asked.pauses)


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_random_spans_are_those_of_the_slow_clock(capsys: pytest.CaptureFixture[str]) -> None:
    """Not one of eight questions about any of them is answered differently."""
    rng, began, found = Random(20261), time.monotonic(), []
    for number in range(SPANS):
        case = CASES[number % len(CASES)]
        found += differences(case, random_asked(case, rng))
    with capsys.disabled():
        print(f"\n{SPANS} spans: {len(found)} differences, {time.monotonic() - began:.0f} s")
    assert found[:5] == []
