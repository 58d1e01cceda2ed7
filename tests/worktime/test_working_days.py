"""Working days, and where days begin and end."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from unfelt.conf.refusal import RefusalError
from unfelt.worktime.calendar import WEEKDAYS_UTC, Calendar
from unfelt.worktime.days import (
    add_days,
    add_working_days,
    day_in,
    end_of_day,
    is_working_day,
    next_working_day,
    previous_working_day,
    start_of_day,
    working_days_after,
)
from unfelt.worktime.hours import ALWAYS, parse_hours, parse_week

OFFICE = parse_week({"mon-fri": [parse_hours("09:00-18:00")]})


def always(zone: str) -> Calendar:
    """Every minute of the zone's days."""
    return Calendar(zone, zone, ALWAYS)


def test_where_no_calendar_is_named_it_is_as_it_was() -> None:
    """Monday to Friday in UTC, by numpy's count: what was decided on record by it is decided the same."""
    rng, start = Random(7), datetime(2000, 1, 1, tzinfo=UTC)
    for _each in range(2000):
        at, days = start + timedelta(seconds=rng.randrange(40 * 366 * 86_400)), rng.randrange(91)
        zoned = at.astimezone(ZoneInfo(rng.choice(("Asia/Shanghai", "America/New_York", "UTC"))))
        last = np.busday_offset(np.datetime64(at.date()), days, roll="forward").astype(date)
        due = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
        found = working_days_after(WEEKDAYS_UTC, zoned, days)
        assert (found, found.isoformat()) == (due, due.isoformat())


@pytest.mark.parametrize("days", [-300, -7, -1, 1, 2, 30, 500])
def test_working_days_are_numpys_with_a_list_of_days_off(days: int) -> None:
    """Forwards and backwards, the day itself not counted."""
    rng, begin = Random(days), date(2020, 1, 1)
    off = frozenset(begin + timedelta(days=rng.randrange(3000)) for _each in range(200))
    own = Calendar("own", "UTC", OFFICE, days_off=off)
    for _each in range(50):
        day = begin + timedelta(days=1000 + rng.randrange(1000))
        roll = "backward" if days > 0 else "forward"
        due = np.busday_offset(np.datetime64(day), days, roll=roll, holidays=sorted(off)).astype(date)
        assert add_working_days(own, day, days) == due


def test_a_day_off_counts_as_the_working_day_beside_it() -> None:
    """Saturday as Monday going on, as Friday going back; a working day as itself."""
    saturday, monday = date(2026, 8, 8), date(2026, 8, 10)
    assert [next_working_day(WEEKDAYS_UTC, day) for day in (saturday, monday)] == [monday, monday]
    assert [previous_working_day(WEEKDAYS_UTC, day) for day in (saturday, monday)] == [date(2026, 8, 7), monday]


def test_the_national_holiday_is_stepped_over() -> None:
    """Three working days from 30 September 2026 in China: 8, 9 and, worked in exchange, Saturday 10 October."""
    china = Calendar("china", "Asia/Shanghai", OFFICE, "CN")
    assert add_working_days(china, date(2026, 9, 30), 3) == date(2026, 10, 10)
    ends = working_days_after(china, datetime(2026, 9, 30, 4, tzinfo=UTC), 3)
    assert ends == datetime(2026, 10, 11, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_an_instant_is_of_the_day_that_its_zone_has() -> None:
    """Friday evening in London is Saturday in Shanghai."""
    friday = datetime(2026, 8, 7, 20, tzinfo=UTC)
    days = [day_in(always(zone), friday) for zone in ("Europe/London", "Asia/Shanghai")]
    assert days == [date(2026, 8, 7), date(2026, 8, 8)]


def test_a_time_of_day_stays_over_a_change_of_the_clock() -> None:
    """09:30 on Friday is 09:30 on Monday, an hour earlier in UTC."""
    london = Calendar("london", "Europe/London", OFFICE)
    friday = datetime(2026, 3, 27, 9, 30, tzinfo=ZoneInfo("Europe/London"))
    assert add_days(london, friday, 1) == datetime(2026, 3, 30, 8, 30, tzinfo=UTC)
    assert add_days(london, datetime(2026, 3, 30, 8, 30, tzinfo=UTC), -1) == friday
    assert add_days(london, friday, 0) == friday


def test_a_time_that_the_clock_skips_is_when_it_does_and_of_two_it_is_the_first() -> None:
    """02:30 in New York on 8 March 2026 is 03:00; 01:30 on 1 November is that of summer."""
    zone = ZoneInfo("America/New_York")
    own = always("America/New_York")
    assert add_days(own, datetime(2026, 3, 7, 2, 30, tzinfo=zone), 1) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert add_days(own, datetime(2026, 10, 31, 1, 30, tzinfo=zone), 1) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "start", "end"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04T03:00", "2018-11-05T02:00"),
        ("America/Sao_Paulo", date(2019, 2, 16), "2019-02-16T02:00", "2019-02-17T03:00"),
        ("America/St_Johns", date(2009, 10, 31), "2009-10-31T02:30", "2009-11-01T03:30"),
        ("Australia/Lord_Howe", date(2026, 10, 4), "2026-10-03T13:30", "2026-10-04T13:00"),
        ("Asia/Kathmandu", date(1986, 1, 1), "1985-12-31T18:30", "1986-01-01T18:15"),
        ("Europe/London", date(2026, 6, 1), "2026-05-31T23:00", "2026-06-01T23:00"),
    ],
)
def test_days_begin_and_end_where_their_clock_does(zone: str, day: date, start: str, end: str) -> None:
    """Midnight that is skipped, midnight that comes twice, a minute of the next day between two parts of a day."""
    found = (start_of_day(always(zone), day), end_of_day(always(zone), day))
    assert [f"{one:%Y-%m-%dT%H:%M}" for one in found] == [start, end]


def test_a_day_that_never_was_is_no_working_day() -> None:
    """Apia went from Thursday 29 to Saturday 31 December 2011."""
    apia = Calendar("apia", "Pacific/Apia", OFFICE)
    assert [is_working_day(apia, date(2011, 12, day)) for day in (29, 30, 31)] == [True, False, False]
    assert add_working_days(apia, date(2011, 12, 29), 1) == date(2012, 1, 2)


def test_days_beyond_what_is_reckoned_are_refused() -> None:
    """Before the search runs off the end of the calendar."""
    with pytest.raises(RefusalError, match=r"the year 2201 is out of range"):
        add_working_days(WEEKDAYS_UTC, date(2199, 12, 1), 1000)
