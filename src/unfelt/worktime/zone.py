"""Wall clocks and instants: both as whole microseconds since the first midnight of year 1."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from unfelt.conf.language import Message
from unfelt.conf.refusal import RefusalError

MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
FIRST, LAST = 1900, 2199
"""The first and the last year of instants that are taken."""
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_WIDEST = 27 * 3600 * SECOND
"""No wall clock has ever been further from UTC than this."""

Piece = tuple[int, int, int]
"""A span of instants, and the offset of the wall clock through all of it."""


def check_zone(name: str) -> None:
    """The name of a time zone (IANA)."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RefusalError(
            Message("there is no time zone {value}", value=repr(name)),
            Message("Write an IANA name such as Asia/Shanghai, Europe/London or UTC."),
        ) from None


def micros(instant: datetime) -> int:
    """The instant as a number; one without a zone, or far away, is refused.

    >>> micros(datetime(1970, 1, 2, tzinfo=UTC)) == 719163 * DAY
    True
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise RefusalError(
            Message("{value} has no time zone", value=instant.isoformat()),
            Message("Give an instant with its zone, such as 2026-12-01T09:00+08:00."),
        )
    check_year(instant.year)
    return (instant.astimezone(UTC) - _EPOCH) // MICROSECOND


def check_year(year: int) -> None:
    """A year in which business time is reckoned."""
    if not FIRST <= year <= LAST:
        raise RefusalError(
            Message("the year {year} is out of range", year=year),
            Message("Allowed: {first} to {last}.", first=FIRST, last=LAST),
        )


def check_day(day: date) -> None:
    """A day that some zone has in such a year, or one that is looked at beside it."""
    if not FIRST - 1 <= day.year <= LAST + 1:
        check_year(day.year)


def instant(number: int) -> datetime:
    """The instant of that number, in UTC.

    >>> instant(719162 * DAY)
    datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    return _EPOCH + timedelta(microseconds=number)


def pieces(zone: str, start: int, end: int, *, backwards: bool = False) -> Iterator[Piece]:
    """The span, cut where the wall clock of the zone is put forward or back."""
    if start >= end:
        return
    years = range(_year(start), _year(end - 1) + 1)
    for year in reversed(years) if backwards else years:
        table = _table(zone, year)
        for one, other, offset in reversed(table) if backwards else table:
            if one < end and other > start:
                yield max(one, start), min(other, end), offset


def first_at(zone: str, wall: int) -> int:
    """The first instant at which the wall clock shows that time; where it skips it, the first one after."""
    for start, end, offset in pieces(zone, wall - _WIDEST, wall + _WIDEST):
        if wall - offset < end:
            return max(start, wall - offset)
    raise AssertionError(zone, wall)


def end_before(zone: str, wall: int) -> int:
    """The first instant from which on the wall clock never again shows a time before that one."""
    for start, end, offset in pieces(zone, wall - _WIDEST, wall + _WIDEST, backwards=True):
        if wall - offset > start:
            return min(end, wall - offset)
    raise AssertionError(zone, wall)


def wall(zone: str, number: int) -> int:
    """What the wall clock shows at the instant of that number."""
    return number + next(pieces(zone, number, number + 1))[2]


def midnight(day: date) -> int:
    """The wall time with which the day begins."""
    return (day.toordinal() - 1) * DAY


def day_of(number: int) -> date:
    """The day on which that wall time lies."""
    return date.fromordinal(number // DAY + 1)


def _year(number: int) -> int:
    return day_of(number).year


@lru_cache(maxsize=4096)
def _table(zone: str, year: int) -> tuple[Piece, ...]:
    """The pieces of a year (UTC).

    It is looked at once a day: no two changes of any zone of the IANA database lie within two days.
    """
    info = ZoneInfo(zone)
    edges = [midnight(date(year, 1, 1)), midnight(date(year, 12, 31)) + DAY]
    for day in range(edges[0], edges[-1], DAY):
        if _offset(info, day) != _offset(info, day + DAY):
            edges.insert(-1, _change(info, day, day + DAY))
    return tuple((one, other, _offset(info, one)) for one, other in pairwise(edges) if one < other)


def _change(info: ZoneInfo, before: int, after: int) -> int:
    """The second at which the offset becomes another."""
    old = _offset(info, before)
    while after - before > SECOND:
        middle = before + (after - before) // SECOND // 2 * SECOND
        before, after = (middle, after) if _offset(info, middle) == old else (before, middle)
    return after


def _offset(info: ZoneInfo, number: int) -> int:
    found = instant(number).astimezone(info).utcoffset()
    if found is None:
        raise AssertionError(info)
    return found // MICROSECOND
