"""Official days: as published, and unknown where they are not."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from notices import NOTICES, days_off, days_worked

from unfelt.conf.language import in_language
from unfelt.conf.refusal import RefusalError
from unfelt.worktime.calendar import Calendar
from unfelt.worktime.clock import add, due, intervals, next_working, worked
from unfelt.worktime.days import (
    add_working_days,
    first_unknown,
    is_working_day,
    next_working_day,
    working_days_after,
)
from unfelt.worktime.hours import parse_hours, parse_week
from unfelt.worktime.official import UnknownYearError, official_days, source
from unfelt.worktime.pauses import Pause

OFFICE = parse_week({"mon-fri": [parse_hours("09:00-18:00")]})
SHANGHAI = Calendar("shanghai", "Asia/Shanghai", OFFICE, "CN")
LAST_KNOWN = date(2026, 12, 24)


def year_of(year: int) -> list[date]:
    """Its days."""
    return [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


@pytest.mark.parametrize("year", NOTICES)
def test_china_is_as_the_state_council_has_it(year: int) -> None:
    """Every day off, and every Saturday and Sunday worked in exchange; other days go by the week."""
    off, swapped = days_off(year), days_worked(year)
    days = [day for day in year_of(year) if day <= LAST_KNOWN]
    due = [day in swapped or (day.weekday() < 5 and day not in off) for day in days]
    assert [is_working_day(SHANGHAI, day) for day in days] == due


def test_a_sunday_worked_in_exchange_has_the_hours_of_the_other_days() -> None:
    """20 September 2026 is worked for National Day."""
    found = intervals(SHANGHAI, datetime(2026, 9, 19, tzinfo=UTC), datetime(2026, 9, 21, tzinfo=UTC))
    assert found == [(datetime(2026, 9, 20, 1, tzinfo=UTC), datetime(2026, 9, 20, 10, tzinfo=UTC))]


def test_it_has_its_own_hours_where_they_are_told() -> None:
    """make_up_hours go before those of the week's days."""
    own = Calendar("own", "Asia/Shanghai", OFFICE, "CN", make_up_hours=(parse_hours("10:00-16:00"),))
    assert [str(hours) for hours in own.shifts(date(2026, 9, 20))] == ["10:00-16:00"]
    assert [str(hours) for hours in own.shifts(date(2026, 9, 21))] == ["09:00-18:00"]


def test_the_hours_of_a_week_that_has_several_are_not_guessed() -> None:
    """They are asked for, where a day may be worked in exchange."""
    week = parse_week({"mon-thu": [parse_hours("09:00-18:00")], "fri": [parse_hours("09:00-15:00")]})
    with pytest.raises(RefusalError, match="calendar short: the hours of days worked in exchange are not told"):
        Calendar("short", "Asia/Shanghai", week, "CN")
    assert Calendar("short", "Europe/London", week, "GB").make_up_hours == ()


@pytest.mark.parametrize("day", [date(2027, 1, 4), date(2027, 7, 1), date(2030, 5, 6), date(2003, 12, 24)])
def test_a_year_that_is_not_published_is_unknown(day: date) -> None:
    """From 2027 on, and before 2004: no weekday of it is taken for a working day."""
    with pytest.raises(UnknownYearError) as refused:
        is_working_day(SHANGHAI, day)
    assert (refused.value.day, refused.value.year, refused.value.region) == (day, day.year, "CN")


def test_the_end_of_december_waits_for_the_notice_of_the_year_after() -> None:
    """That of 2019 made 29 December 2018 a working Saturday; before it was given, nobody could know."""
    assert (is_working_day(SHANGHAI, date(2018, 12, 29)), is_working_day(SHANGHAI, date(2018, 12, 31))) == (
        True,
        False,
    )
    assert is_working_day(SHANGHAI, LAST_KNOWN)
    with pytest.raises(UnknownYearError, match=r"the official days of 2027 are not published"):
        is_working_day(SHANGHAI, LAST_KNOWN + timedelta(days=1))
    assert first_unknown(SHANGHAI, date(2026, 1, 1), date(2028, 1, 1)) == date(2026, 12, 25)


THURSDAY = datetime(2026, 12, 24, 1, tzinfo=UTC)
"""09:00 of the last day that is known."""
HOUR = timedelta(hours=1)


def test_an_answer_that_needs_an_unknown_day_is_not_given_and_one_that_does_not_is() -> None:
    """Up to the last minute of what is known."""
    assert add(SHANGHAI, THURSDAY, 9 * HOUR) == THURSDAY + 9 * HOUR
    assert worked(SHANGHAI, THURSDAY, datetime(2026, 12, 24, 16, tzinfo=UTC)) == 9 * HOUR
    asked = [
        lambda: add(SHANGHAI, THURSDAY, 9 * HOUR + timedelta(microseconds=1)),
        lambda: worked(SHANGHAI, THURSDAY, datetime(2026, 12, 24, 16, 0, 1, tzinfo=UTC)),
        lambda: next_working(SHANGHAI, THURSDAY + 9 * HOUR),
        lambda: add_working_days(SHANGHAI, date(2026, 12, 24), 1),
        lambda: working_days_after(SHANGHAI, datetime(2026, 12, 21, tzinfo=UTC), 4),
    ]
    for ask in asked:
        with pytest.raises(UnknownYearError):
            ask()


def test_a_pause_over_the_unknown_days_makes_them_not_matter() -> None:
    """Only the time beside it is asked."""
    over = Pause(datetime(2026, 12, 24, 16, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
    assert worked(SHANGHAI, THURSDAY, datetime(2027, 6, 1, tzinfo=UTC), pauses=[over]) == 9 * HOUR
    assert due(SHANGHAI, THURSDAY, 10 * HOUR, pauses=[Pause(over.start)]) is None


def test_what_the_organisation_says_of_a_day_makes_it_known() -> None:
    """A day off or worked, and a year whose notice it has entered by itself."""
    own = Calendar("own", "Asia/Shanghai", OFFICE, "CN", days_off=frozenset({date(2027, 1, 1)}))
    assert not is_working_day(own, date(2027, 1, 1))
    with pytest.raises(UnknownYearError):
        is_working_day(own, date(2027, 1, 4))
    entered = Calendar(
        "entered",
        "Asia/Shanghai",
        OFFICE,
        "CN",
        days_off=frozenset({date(2027, 1, 1)}),
        working_days=frozenset({date(2027, 1, 3)}),
        confirmed_years=frozenset({2027}),
    )
    days = [date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3), date(2027, 1, 4)]
    assert [is_working_day(entered, day) for day in days] == [True, False, False, True, True]


def test_an_unknown_year_is_told_in_both_languages_with_what_to_do() -> None:
    """Which calendar, which day, which year."""
    with pytest.raises(UnknownYearError) as refused:
        SHANGHAI.shifts(date(2027, 3, 1))
    assert str(refused.value) == (
        "calendar shanghai: whether 2027-03-01 is a day off in CN is unknown, because the official days of 2027 "
        "are not published as far as unfelt knows. Ask for something before 2027-03-01; update unfelt once they "
        "are published; or enter them in the calendar (days_off, working_days) and then 2027 in confirmed_years."
    )
    with in_language("zh"):
        assert "unfelt 尚无 2027 年的官方放假安排，无法确定 2027-03-01 在 CN 是否放假" in str(refused.value)


@pytest.mark.parametrize(
    ("region", "off", "worked_"),
    [
        ("GB-ENG", date(2027, 12, 27), date(2028, 1, 4)),
        ("GB-SCT", date(2028, 1, 4), date(2028, 4, 17)),
        ("US", date(2027, 12, 31), date(2027, 7, 6)),
        ("DE-BY", date(2030, 1, 6), date(2030, 1, 7)),
        ("DE", date(2030, 10, 3), date(2031, 1, 6)),
        ("FR", date(2029, 7, 14), date(2029, 7, 16)),
    ],
)
def test_days_that_follow_from_law_are_known(region: str, off: date, worked_: date) -> None:
    """New Year 2028 is a Saturday: the United States are off on the Friday before, Scotland on Tuesday."""
    days = official_days(region, off.year).off
    assert (off in days, worked_ in official_days(region, worked_.year).off) == (True, False)


def test_a_country_that_swaps_days_by_decree_is_known_as_far_as_they_are_listed() -> None:
    """Hungary worked on 3 August 2024 for Monday the 19th; of years to come nothing is listed."""
    budapest = Calendar("budapest", "Europe/Budapest", OFFICE, "HU")
    assert [is_working_day(budapest, date(2024, 8, day)) for day in (3, 17, 19, 20)] == [True, False, False, False]
    assert [is_working_day(budapest, day) for day in (date(2024, 12, 7), date(2024, 12, 24))] == [True, False]
    assert not budapest.is_known(date(2050, 3, 1))


def test_a_year_that_the_organisation_confirms_has_the_days_that_follow_from_law() -> None:
    """The 15th of March in Hungary, whether or not days are swapped in that year."""
    own = Calendar("own", "Europe/Budapest", OFFICE, "HU", confirmed_years=frozenset({2050}))
    assert [is_working_day(own, date(2050, month, day)) for month, day in ((3, 14), (3, 15), (8, 22))] == [
        True,
        False,
        True,
    ]


def test_a_holiday_that_waits_for_the_moon_makes_its_year_unknown() -> None:
    """Hari Raya Puasa in Singapore is announced for some years; later ones are estimates."""
    assert source("SG").is_published(2024)
    assert not source("SG").is_published(2035)
    assert not source("SA").is_published(2035)


def test_a_year_that_the_library_does_not_reach_is_unknown() -> None:
    """It would have no holidays at all."""
    assert [source("GB").is_published(year) for year in (1800, 2026, 2101)] == [False, True, False]


@pytest.mark.parametrize(
    ("region", "remedy"),
    [
        ("XX", "Write a country"),
        ("GBR", "Write a country"),
        ("", "Write a country"),
        ("cn", "Write a country"),
        ("CN-SH", "Write CN"),
        ("DE-XX", "Allowed: DE, DE-BB"),
        ("DE-", "Allowed: DE, DE-BB"),
    ],
)
def test_a_region_that_is_not_known_is_refused(region: str, remedy: str) -> None:
    """With what is allowed."""
    with pytest.raises(RefusalError, match=f"there are no official days of {region!r}.*{remedy}"):
        Calendar("x", "UTC", OFFICE, region)


TAX = {
    2024: "01-15 02-23 03-15 04-18 05-22 06-19 07-15 08-15 09-18 10-24 11-15 12-16",
    2026: "01-20 02-24 03-16 04-20 05-22 06-15 07-15 08-17 09-15 10-26 11-16 12-15",
}
"""The last day of each month for declaring taxes, by the tax administration's notices (for 2026: 2025 No. 64)."""


@pytest.mark.parametrize("year", TAX)
def test_the_tax_deadlines_follow_from_the_calendar(year: int) -> None:
    """The 15th; as many working days later as days off in a row, from three, came by then; never a day off."""

    def deadline(month: int) -> date:
        day, run, longest = date(year, month, 15), 0, 0
        for number in range(1, 16):
            run = 0 if is_working_day(SHANGHAI, date(year, month, number)) else run + 1
            longest = max(longest, run)
        if longest >= 3:
            return add_working_days(SHANGHAI, day, longest)
        return next_working_day(SHANGHAI, day)

    assert " ".join(f"{deadline(month):%m-%d}" for month in range(1, 13)) == TAX[year]


def test_the_libraries_are_loaded_when_a_region_is_asked_for() -> None:
    """Help, and a calendar without a region, do without."""
    code = (
        "import sys, unfelt.cli, unfelt.worktime.clock, unfelt.worktime.days, unfelt.documents.working_calendar\n"
        "loaded = {'holidays', 'chinese_calendar'} & set(sys.modules)\n"
        "sys.exit(str(loaded) if loaded else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
