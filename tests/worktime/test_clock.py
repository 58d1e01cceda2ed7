"""Instants: summer time, hours over midnight, pauses, and what is refused."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from unfelt.conf.refusal import RefusalError
from unfelt.worktime.calendar import WEEKDAYS_UTC, Calendar
from unfelt.worktime.clock import add, due, intervals, is_working, next_working, previous_working, worked
from unfelt.worktime.hours import ALWAYS, parse_hours, parse_week
from unfelt.worktime.pauses import Pause

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def calendar(zone: str, *hours: str, days: str = "mon-fri") -> Calendar:
    """The same hours on each of the days."""
    return Calendar(zone, zone, parse_week({days: [parse_hours(one) for one in hours]}))


LONDON = calendar("Europe/London", "09:00-18:00")
EARLY = calendar("Europe/London", "00:30-01:30", days="mon-sun")
NIGHT = calendar("Asia/Shanghai", "22:00-06:00")


def at(text: str) -> datetime:
    """An instant, in UTC where it does not say."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def local(day: str, hour: int, zone: str = "Europe/London", *, minute: int = 0, fold: int = 0) -> datetime:
    """A time of a wall clock."""
    return datetime.fromisoformat(day).replace(hour=hour, minute=minute, tzinfo=ZoneInfo(zone), fold=fold)


def hours(calendar: Calendar, start: str, end: str) -> float:
    """Working hours of a span."""
    return worked(calendar, at(start), at(end)) / HOUR


def test_a_day_has_as_many_hours_as_its_clock_shows() -> None:
    """23 when it is put forward, 25 when it is put back."""
    all_day = Calendar("always", "Europe/London", ALWAYS)
    days = [local(day, 0) for day in ("2026-03-28", "2026-03-29", "2026-03-30", "2026-10-25", "2026-10-26")]
    spans = [(days[0], days[1]), (days[1], days[2]), (days[3], days[4])]
    assert [worked(all_day, *span) / HOUR for span in spans] == [24, 23, 25]


def test_the_same_hours_of_the_wall_clock_hold_in_summer_and_winter() -> None:
    """09:00 in London is 09:00 UTC in winter, 08:00 in summer."""
    assert [next_working(LONDON, at(day)) for day in ("2026-03-27", "2026-03-30", "2026-10-26")] == [
        at("2026-03-27T09:00"),
        at("2026-03-30T08:00"),
        at("2026-10-26T09:00"),
    ]


def test_hours_that_the_clock_skips_are_not_there_and_those_shown_twice_count_twice() -> None:
    """00:30 to 01:30 has 30 minutes when 01:00 becomes 02:00, and 90 when 02:00 becomes 01:00, in two parts."""
    assert hours(EARLY, "2026-03-29T00:00", "2026-03-29T12:00") == 0.5
    assert hours(EARLY, "2026-10-24T23:00", "2026-10-25T12:00") == 1.5
    assert intervals(EARLY, at("2026-10-24T23:00"), at("2026-10-25T12:00")) == [
        (at("2026-10-24T23:30"), at("2026-10-25T00:30")),
        (at("2026-10-25T01:00"), at("2026-10-25T01:30")),
    ]


def test_fold_says_which_of_two_times_is_meant() -> None:
    """01:15 in London comes twice on 25 October 2026; both are working time, an hour apart."""
    times = [local("2026-10-25", 1, minute=15, fold=fold) for fold in (0, 1)]
    assert [is_working(EARLY, one) for one in times] == [True, True]
    assert worked(EARLY, *times) == timedelta(minutes=30)


def test_lord_howe_is_put_back_by_half_an_hour() -> None:
    """Its day then has 24.5 hours."""
    all_day = Calendar("always", "Australia/Lord_Howe", ALWAYS)
    start, end = (local(day, 0, "Australia/Lord_Howe") for day in ("2026-04-05", "2026-04-06"))
    assert worked(all_day, start, end) == timedelta(hours=24, minutes=30)


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    """Friday's lasts until Saturday 06:00; none begins on Saturday."""
    friday = local("2026-08-07", 23, "Asia/Shanghai")
    assert add(NIGHT, friday, 7 * HOUR) == friday + 7 * HOUR
    assert add(NIGHT, friday, 8 * HOUR) == local("2026-08-10", 23, "Asia/Shanghai")


def test_a_night_shift_of_a_day_off_does_not_take_place() -> None:
    """Nor its hours after midnight."""
    off = Calendar("off", "Asia/Shanghai", NIGHT.week, days_off=frozenset({local("2026-08-06", 0).date()}))
    start, end = local("2026-08-06", 12, "Asia/Shanghai"), local("2026-08-07", 12, "Asia/Shanghai")
    assert worked(off, start, end) == timedelta(0)


def test_hours_that_touch_are_one_interval_also_over_midnight() -> None:
    """All day, Monday to Friday, is one."""
    assert intervals(WEEKDAYS_UTC, at("2026-08-01"), at("2026-08-09")) == [(at("2026-08-03"), at("2026-08-08"))]


def test_ends_are_no_working_time_and_starts_are() -> None:
    """Going on from an end is going to the next start; going back from a start, to the end before."""
    start, end = at("2026-08-07T08:00"), at("2026-08-07T17:00")
    assert [is_working(LONDON, one) for one in (start, end)] == [True, False]
    assert next_working(LONDON, end) == at("2026-08-10T08:00")
    assert previous_working(LONDON, end) == end
    assert previous_working(LONDON, start) == at("2026-08-06T17:00")


def test_time_is_over_at_the_end_of_hours_and_not_at_the_next_start() -> None:
    """Nine hours from Friday 09:00 are over on Friday 18:00; nine hours back from Monday 18:00 is Monday 09:00."""
    assert add(LONDON, at("2026-08-07T08:00"), 9 * HOUR) == at("2026-08-07T17:00")
    assert add(LONDON, at("2026-08-10T17:00"), -9 * HOUR) == at("2026-08-10T08:00")
    assert add(LONDON, at("2026-08-08T12:00"), timedelta(0)) == at("2026-08-08T12:00")


def test_time_is_exact_to_the_microsecond() -> None:
    """Nothing is rounded."""
    tick = timedelta(microseconds=1)
    assert add(LONDON, at("2026-08-07T16:59:59.999999"), 2 * tick) == at("2026-08-10T08:00:00.000001")
    assert worked(LONDON, at("2026-08-07T16:59:59.999999"), at("2026-08-10T08:00:00.000001")) == 2 * tick


def test_back_in_time_is_negative() -> None:
    """From the later instant to the earlier."""
    assert hours(LONDON, "2026-08-07T12:00", "2026-08-07T10:00") == -2


def test_answers_are_in_utc_whatever_zone_was_asked_in() -> None:
    """And the same for the same instant."""
    asked = [at("2026-08-07T09:00"), at("2026-08-07T17:00+08:00"), local("2026-08-07", 10)]
    found = [add(LONDON, one, HOUR) for one in asked]
    assert found == [at("2026-08-07T10:00")] * 3
    assert {one.tzinfo for one in found} == {UTC}


def test_a_pause_is_no_working_time_and_pauses_that_overlap_count_once() -> None:
    """Nor does the part of a pause outside hours."""
    one = Pause(at("2026-08-07T10:00"), at("2026-08-07T12:00"))
    several = [
        one,
        Pause(at("2026-08-07T11:00"), at("2026-08-07T13:00")),
        Pause(at("2026-08-08"), at("2026-08-09")),
    ]
    assert worked(LONDON, at("2026-08-07T08:00"), at("2026-08-10"), pauses=several) == 6 * HOUR
    assert due(LONDON, at("2026-08-07T08:00"), 6 * HOUR, pauses=several) == at("2026-08-07T17:00")
    assert due(LONDON, at("2026-08-07T08:00"), 7 * HOUR, pauses=several) == at("2026-08-10T09:00")
    assert not is_working(LONDON, at("2026-08-07T11:00"), pauses=several)
    assert next_working(LONDON, at("2026-08-07T10:00"), pauses=several) == at("2026-08-07T13:00")


def test_while_a_pause_has_not_ended_nothing_is_due_but_what_was_before() -> None:
    """The clock of the case stands."""
    waiting = [Pause(at("2026-08-07T10:00"))]
    assert due(LONDON, at("2026-08-07T08:00"), 2 * HOUR, pauses=waiting) == at("2026-08-07T10:00")
    assert due(LONDON, at("2026-08-07T08:00"), 3 * HOUR, pauses=waiting) is None
    assert next_working(LONDON, at("2026-08-07T10:00"), pauses=waiting) is None
    assert worked(LONDON, at("2026-08-07T08:00"), at("2026-09-01"), pauses=waiting) == 2 * HOUR


def test_ten_years_of_working_time_are_added_and_taken_away() -> None:
    """And it is the same instant again."""
    start = at("2016-01-04T09:00")
    end = add(LONDON, start, 20_000 * HOUR)
    assert (worked(LONDON, start, end), add(LONDON, end, -20_000 * HOUR)) == (20_000 * HOUR, start)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda: is_working(LONDON, at("2026-08-07").replace(tzinfo=None)),
            "2026-08-07T00:00:00 has no time zone",
        ),
        (lambda: is_working(LONDON, at("1899-12-31")), "the year 1899 is out of range Allowed: 1900 to 2199."),
        (lambda: is_working(LONDON, at("2200-01-01")), "the year 2200 is out of range"),
        (lambda: add(LONDON, at("2199-12-01"), 1000 * HOUR), "calendar Europe/London: the answer is out of range"),
        (
            lambda: add(LONDON, at("1900-01-02"), -1000 * HOUR),
            "calendar Europe/London: the answer is out of range",
        ),
        (lambda: due(LONDON, at("2026-08-07"), -HOUR), "a duration of -1 day, 23:00:00 is negative"),
        (lambda: Pause(at("2026-08-07"), at("2026-08-06")), "a pause ends at 2026-08-06 00:00:00"),
        (lambda: Pause(at("2026-08-07").replace(tzinfo=None)), "has no time zone"),
    ],
)
def test_what_cannot_be_answered_is_refused(ask, said: str) -> None:
    """With the value, and what is allowed."""
    with pytest.raises(RefusalError) as refused:
        ask()
    assert said in str(refused.value)


def test_instants_at_the_edges_of_what_is_allowed_are_answered() -> None:
    """In zones on both sides of UTC."""
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"):
        all_day = Calendar("always", zone, ALWAYS)
        assert is_working(all_day, datetime(1900, 1, 1, tzinfo=UTC))
        assert is_working(all_day, datetime(2199, 12, 31, 23, 59, tzinfo=UTC))
    assert is_working(WEEKDAYS_UTC, datetime(2026, 8, 7, 23, tzinfo=timezone(timedelta(hours=-1)))) is False
