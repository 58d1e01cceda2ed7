"""What a calendar takes and what it refuses, and the examples of the module."""

import doctest
from datetime import date
from importlib import import_module

import pytest

from unfelt.conf.refusal import RefusalError
from unfelt.worktime.calendar import Calendar
from unfelt.worktime.hours import Hours, Week, parse_hours, parse_week

OFFICE = parse_week({"mon-fri": [parse_hours("09:00-18:00")]})
SHORT = parse_week({"mon-thu": [parse_hours("09:00-18:00")], "fri": [parse_hours("09:00-15:00")]})
SUNDAY = frozenset({date(2026, 8, 9)})


@pytest.mark.parametrize("name", ["hours", "zone", "calendar", "pauses", "clock", "days"])
def test_examples_run(name: str) -> None:
    """The examples print what they say."""
    found = doctest.testmod(import_module(f"unfelt.worktime.{name}"))
    assert (found.failed, found.attempted > 0) == (0, True)


@pytest.mark.parametrize("text", ["09:00-18:00", "22:00-06:00", "00:00-24:00", "23:59-00:00", "00:01-00:00"])
def test_hours_are_written_as_they_are_read(text: str) -> None:
    """An end at midnight is 24:00."""
    assert str(parse_hours(text)) == text.replace("-00:00", "-24:00")


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: parse_hours("9-18"), "'9-18' is no hours of a day"),
        (lambda: parse_hours("09:00-24:30"), "'09:00-24:30' is no hours of a day"),
        (lambda: parse_hours("24:00-06:00"), "'24:00-06:00' is no hours of a day"),
        (lambda: parse_hours(900), "900 is no hours of a day"),
        (lambda: parse_hours("09:00-09:00"), "'09:00-09:00' begins and ends at the same time"),
        (lambda: Hours(60, 60), "minutes 60 to 60 are no hours of a day"),
        (lambda: Hours(0, 1441), "minutes 0 to 1441 are no hours of a day"),
        (lambda: parse_week({}), "no day of the week has hours"),
        (lambda: parse_week({"monday": []}), "'monday' names no days of the week"),
        (lambda: parse_week({"fri-mon": []}), "'fri-mon' names no days of the week"),
        (lambda: parse_week({"mon-": []}), "'mon-' names no days of the week"),
        (lambda: parse_week({"mon-fri": [], "wed": []}), "wed is named twice, the second time in wed"),
        (lambda: Week(((),)), "a week of 1 days was given"),
        (
            lambda: parse_week({"mon": [parse_hours("09:00-12:00"), parse_hours("11:00-18:00")]}),
            "09:00-12:00 and 11:00-18:00 overlap",
        ),
        (lambda: Calendar("c", "Mars/Olympus", OFFICE), "there is no time zone 'Mars/Olympus'"),
        (lambda: Calendar("c", "../etc/passwd", OFFICE), "there is no time zone '../etc/passwd'"),
        (lambda: Calendar("c", "", OFFICE), "there is no time zone ''"),
        (
            lambda: Calendar("c", "UTC", OFFICE, days_off=SUNDAY, working_days=SUNDAY),
            "calendar c: 2026-08-09 is both off and worked",
        ),
        (
            lambda: Calendar("c", "UTC", SHORT, working_days=SUNDAY),
            "calendar c: the hours of days worked in exchange are not told",
        ),
    ],
)
def test_what_no_calendar_can_be_made_of_is_refused(ask, said: str) -> None:
    """With the value, and what is allowed."""
    with pytest.raises(RefusalError) as refused:
        ask()
    assert said in str(refused.value)


def test_what_the_organisation_says_of_a_day_goes_before_what_is_official() -> None:
    """1 October is worked, 8 October is off; a Sunday that is worked has the hours of the other days."""
    own = Calendar(
        "own",
        "Asia/Shanghai",
        OFFICE,
        "CN",
        days_off=frozenset({date(2026, 10, 8)}),
        working_days=frozenset({date(2026, 10, 1), date(2026, 10, 18)}),
    )
    days = [date(2026, 10, day) for day in (1, 2, 8, 9, 18)]
    assert [bool(own.shifts(day)) for day in days] == [True, False, False, True, True]


def test_calendars_are_equal_by_what_they_say() -> None:
    """Not by what they were asked."""
    one, other = (Calendar("c", "UTC", OFFICE) for _each in range(2))
    one.spans(date(2026, 8, 7))
    assert (one == other, hash(one) == hash(other)) == (True, True)
