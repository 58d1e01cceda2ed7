"""Questions about days: working days, and the instants at which days begin and end."""

from datetime import date, datetime, timedelta

from unfelt.worktime.calendar import Calendar
from unfelt.worktime.zone import DAY, day_of, end_before, first_at, instant, micros, midnight, wall

_DAY = timedelta(days=1)


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether hours begin on the day, and there is such a day: a zone that crosses the date line skips one.

    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> is_working_day(WEEKDAYS_UTC, date(2026, 8, 8))
    False
    """
    return bool(calendar.shifts(day)) and start_of_day(calendar, day) < end_of_day(calendar, day)


def next_working_day(calendar: Calendar, day: date) -> date:
    """The day itself or the first working day after it.

    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(next_working_day(WEEKDAYS_UTC, date(2026, 8, 8)))
    '2026-08-10'
    """
    return _onwards(calendar, day, _DAY)


def previous_working_day(calendar: Calendar, day: date) -> date:
    """The day itself or the last working day before it.

    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(previous_working_day(WEEKDAYS_UTC, date(2026, 8, 8)))
    '2026-08-07'
    """
    return _onwards(calendar, day, -_DAY)


def add_working_days(calendar: Calendar, day: date, days: int) -> date:
    """The day that is the so-manieth working day after that one, which does not count itself; before, if negative.

    So laws count: five working days from a Saturday end on a Friday. No days are no step: the day itself.

    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> [str(add_working_days(WEEKDAYS_UTC, date(2026, 8, 8), n)) for n in (5, 0, -1)]
    ['2026-08-14', '2026-08-08', '2026-08-07']
    """
    step = _DAY if days > 0 else -_DAY
    for _each in range(abs(days)):
        day = _onwards(calendar, day + step, step)
    return day


def add_days(calendar: Calendar, at: datetime, days: int) -> datetime:
    """The same time of the wall clock so many working days later, or earlier.

    A time that the clock skips on that day is the instant at which it does; of one that it shows twice, the first.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(add_days(WEEKDAYS_UTC, datetime(2026, 8, 7, 9, 30, tzinfo=UTC), 1))
    '2026-08-10 09:30:00+00:00'
    """
    shown = wall(calendar.zone, micros(at))
    if not days:
        return instant(micros(at))
    day = add_working_days(calendar, day_of(shown), days)
    return instant(first_at(calendar.zone, midnight(day) + shown % DAY))


def working_days_after(calendar: Calendar, at: datetime, days: int) -> datetime:
    """The end of the day that lies so many working days after the one of that instant.

    An instant on a day off counts as one of the working day after it, so that whoever begins on a Saturday has as
    long as whoever begins on the Monday.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(working_days_after(WEEKDAYS_UTC, datetime(2026, 11, 27, 9, tzinfo=UTC), 5))
    '2026-12-05 00:00:00+00:00'
    """
    first = next_working_day(calendar, day_in(calendar, at))
    return end_of_day(calendar, add_working_days(calendar, first, days))


def day_in(calendar: Calendar, at: datetime) -> date:
    """The day that the calendar's zone has at that instant.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(day_in(WEEKDAYS_UTC, datetime(2026, 8, 7, 23, tzinfo=UTC)))
    '2026-08-07'
    """
    return day_of(wall(calendar.zone, micros(at)))


def start_of_day(calendar: Calendar, day: date) -> datetime:
    """The first instant of the day: not midnight where the clock skips it.

    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(start_of_day(WEEKDAYS_UTC, date(2026, 8, 7)))
    '2026-08-07 00:00:00+00:00'
    """
    return instant(first_at(calendar.zone, midnight(day)))


def end_of_day(calendar: Calendar, day: date) -> datetime:
    """The instant at which the day is over for good: a clock put back at midnight gives it another hour.

    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(end_of_day(WEEKDAYS_UTC, date(2026, 8, 7)))
    '2026-08-08 00:00:00+00:00'
    """
    return instant(end_before(calendar.zone, midnight(day) + DAY))


def first_unknown(calendar: Calendar, start: date, end: date) -> date | None:
    """The first day from start to before end of which nobody can say yet whether it is off.

    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> first_unknown(WEEKDAYS_UTC, date(2026, 1, 1), date(2028, 1, 1)) is None
    True
    """
    days = (start + n * _DAY for n in range((end - start).days))
    return next((day for day in days if not calendar.is_known(day)), None)


def _onwards(calendar: Calendar, day: date, step: timedelta) -> date:
    while not is_working_day(calendar, day):
        day += step
    return day
