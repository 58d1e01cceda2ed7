"""How long an answer may take, and when it is late: in working time."""

from datetime import datetime, timedelta

from unfelt.worktime.calendar import WEEKDAYS_UTC
from unfelt.worktime.clock import worked
from unfelt.worktime.days import add_days

ANSWER_WITHIN = 1
"""Working days within which a hand-over or a task is accepted, or it is overdue: the same time of the next one."""
CALENDAR = WEEKDAYS_UTC
"""By which calendar: Monday to Friday in UTC, as everything that names none."""


def answer_due(asked_at: datetime) -> datetime:
    """By when an answer is due.

    >>> from datetime import UTC
    >>> str(answer_due(datetime(2026, 11, 27, 9, tzinfo=UTC)))
    '2026-11-30 09:00:00+00:00'
    """
    return add_days(CALENDAR, asked_at, ANSWER_WITHIN)


def working_time(start: datetime, end: datetime) -> timedelta:
    """The working time between the two.

    >>> from datetime import UTC
    >>> str(working_time(datetime(2026, 11, 27, 9, tzinfo=UTC), datetime(2026, 11, 30, 9, tzinfo=UTC)))
    '1 day, 0:00:00'
    """
    return worked(CALENDAR, start, end)
