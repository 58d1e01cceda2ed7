"""Questions about instants: exact answers, in UTC.

Each takes the pauses of a case: while one lasts it is no working time. An answer that depends on a day of which
nobody can say yet whether it is off raises `UnknownYearError`; one that does not is given.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from unfelt.conf.language import Message
from unfelt.conf.refusal import RefusalError
from unfelt.worktime.calendar import Calendar, Span
from unfelt.worktime.pauses import Pause, Stops, between, stops
from unfelt.worktime.zone import DAY, FIRST, LAST, MICROSECOND, day_of, instant, micros, midnight, pieces

_START, _END = midnight(date(FIRST, 1, 1)), midnight(date(LAST, 12, 31))


def is_working(calendar: Calendar, at: datetime, *, pauses: Iterable[Pause] = ()) -> bool:
    """Whether it is working time at that instant; an end is not part of it.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> is_working(WEEKDAYS_UTC, datetime(2026, 8, 7, 23, 59, tzinfo=UTC))
    True
    """
    start = micros(at)
    return any(True for _span in _running(calendar, start, start + 1, stops(pauses)))


def next_working(calendar: Calendar, at: datetime, *, pauses: Iterable[Pause] = ()) -> datetime | None:
    """The first instant of working time from that one on; none while a pause has not ended.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(next_working(WEEKDAYS_UTC, datetime(2026, 8, 8, 12, tzinfo=UTC)))
    '2026-08-10 00:00:00+00:00'
    """
    stopped = stops(pauses)
    for start, _end in _running(calendar, micros(at), _END, stopped):
        return instant(start)
    if stopped.open_from is None:
        raise _too_far(calendar)
    return None


def previous_working(calendar: Calendar, at: datetime, *, pauses: Iterable[Pause] = ()) -> datetime:
    """The last instant up to that one before which it was working time: itself, or an end such as Friday 18:00.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(previous_working(WEEKDAYS_UTC, datetime(2026, 8, 9, 12, tzinfo=UTC)))
    '2026-08-08 00:00:00+00:00'
    """
    for _start, end in _running(calendar, _START, micros(at), stops(pauses), backwards=True):
        return instant(end)
    raise _too_far(calendar)


def add(calendar: Calendar, at: datetime, time: timedelta) -> datetime:
    """The instant when so much working time has passed: the earliest, so an end of hours rather than a start.

    Negative time goes back, to the latest instant from which so much working time passes: a start of hours.
    No time is no step: the instant itself.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(add(WEEKDAYS_UTC, datetime(2026, 8, 7, 12, tzinfo=UTC), timedelta(hours=13)))
    '2026-08-10 01:00:00+00:00'
    """
    if time >= timedelta(0):
        found = due(calendar, at, time)
        if found is None:
            raise AssertionError(calendar.name)
        return found
    left = -time // MICROSECOND
    for start, end in _running(calendar, _START, micros(at), stops(()), backwards=True):
        if left <= end - start:
            return instant(end - left)
        left -= end - start
    raise _too_far(calendar)


def due(calendar: Calendar, since: datetime, time: timedelta, *, pauses: Iterable[Pause] = ()) -> datetime | None:
    """When a duration that began then has passed, by the pauses so far; none while the clock stands before that.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> monday, noon = datetime(2026, 8, 3, tzinfo=UTC), datetime(2026, 8, 3, 12, tzinfo=UTC)
    >>> str(due(WEEKDAYS_UTC, monday, timedelta(hours=20), pauses=[Pause(noon, noon + timedelta(hours=6))]))
    '2026-08-04 02:00:00+00:00'
    >>> due(WEEKDAYS_UTC, monday, timedelta(hours=20), pauses=[Pause(noon)]) is None
    True
    """
    if time < timedelta(0):
        raise RefusalError(
            Message("a duration of {time} is negative", time=str(time)),
            Message("Give zero or more; for earlier instants ask `add`."),
        )
    start, left, stopped = micros(since), time // MICROSECOND, stops(pauses)
    if not left:
        return instant(start)
    for one, other in _running(calendar, start, _END, stopped):
        if left <= other - one:
            return instant(one + left)
        left -= other - one
    if stopped.open_from is None:
        raise _too_far(calendar)
    return None


def worked(calendar: Calendar, start: datetime, end: datetime, *, pauses: Iterable[Pause] = ()) -> timedelta:
    """The working time from one instant to the other; negative where the other is earlier.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> str(worked(WEEKDAYS_UTC, datetime(2026, 8, 7, 12, tzinfo=UTC), datetime(2026, 8, 10, 1, tzinfo=UTC)))
    '13:00:00'
    """
    one, other = micros(start), micros(end)
    spans = _running(calendar, min(one, other), max(one, other), stops(pauses))
    total = sum(end - start for start, end in spans)
    return (total if one <= other else -total) * MICROSECOND


def intervals(
    calendar: Calendar, start: datetime, end: datetime, *, pauses: Iterable[Pause] = ()
) -> list[tuple[datetime, datetime]]:
    """The working time within the span, in order; intervals that touch are one.

    >>> from datetime import UTC
    >>> from unfelt.worktime.calendar import WEEKDAYS_UTC
    >>> found = intervals(WEEKDAYS_UTC, datetime(2026, 8, 7, tzinfo=UTC), datetime(2026, 8, 11, tzinfo=UTC))
    >>> [f"{one:%a %H}-{other:%a %H}" for one, other in found]
    ['Fri 00-Sat 00', 'Mon 00-Tue 00']
    """
    joined: list[Span] = []
    for span in _running(calendar, micros(start), micros(end), stops(pauses)):
        if joined and joined[-1][1] == span[0]:
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return [(instant(one), instant(other)) for one, other in joined]


def _running(
    calendar: Calendar, start: int, end: int, stopped: Stops, *, backwards: bool = False
) -> Iterator[Span]:
    """Working time without the pauses, day after day: no day is asked before it is needed."""
    if stopped.open_from is not None:
        end = min(end, stopped.open_from)
    for one, other in between(stopped.spans, start, end, backwards=backwards) if start < end else ():
        for first, last, offset in pieces(calendar.zone, one, other, backwards=backwards):
            for shown, until in _on_the_wall(calendar, first + offset, last + offset, backwards=backwards):
                yield shown - offset, until - offset


def _on_the_wall(calendar: Calendar, start: int, end: int, *, backwards: bool) -> Iterator[Span]:
    """Working time between two times of a wall clock that nobody touches meanwhile."""
    days = range(start // DAY, (end - 1) // DAY + 1)
    for day in reversed(days) if backwards else days:
        begin = day * DAY
        spans = calendar.spans(day_of(begin))
        for one, other in reversed(spans) if backwards else spans:
            first, last = max(begin + one, start), min(begin + other, end)
            if first < last:
                yield first, last


def _too_far(calendar: Calendar) -> RefusalError:
    return RefusalError(
        Message("calendar {calendar}: the answer is out of range", calendar=calendar.name),
        Message("Allowed: what lies in the years {first} to {last}.", first=FIRST, last=LAST),
    )
