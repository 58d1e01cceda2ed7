"""The hours of a day and of a week, as a wall clock shows them."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from unfelt.conf.language import Message
from unfelt.conf.refusal import RefusalError

MICROSECONDS_A_MINUTE = 60_000_000
MINUTES_A_DAY = 1440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"\s*([01][0-9]|2[0-3]):([0-5][0-9])\s*-\s*(?:(24):(00)|([01][0-9]|2[0-3]):([0-5][0-9]))\s*")
_EXAMPLE = Message('Allowed: "HH:MM-HH:MM", such as "09:00-12:30", "22:00-06:00" (over midnight), "00:00-24:00".')


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From a minute of the day to before another; beyond 1440 it is one of the day after.

    >>> str(Hours(1320, 1800))
    '22:00-06:00'
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if not (0 <= self.start < MINUTES_A_DAY and self.start < self.end <= self.start + MINUTES_A_DAY):
            raise RefusalError(
                Message("minutes {start} to {end} are no hours of a day", start=self.start, end=self.end), _EXAMPLE
            )

    def __str__(self) -> str:
        end = self.end if self.end <= MINUTES_A_DAY else self.end - MINUTES_A_DAY
        return f"{self.start // 60:02}:{self.start % 60:02}-{end // 60:02}:{end % 60:02}"


def parse_hours(text: object) -> Hours:
    """`09:00-12:30`; an end before the start lies on the day after.

    >>> parse_hours("22:00-06:00")
    Hours(start=1320, end=1800)
    """
    match = _HOURS.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise RefusalError(Message("{value} is no hours of a day", value=repr(text)), _EXAMPLE)
    start, end = (60 * int(hour) + int(minute) for hour, minute in (match.group(1, 2), _end(match)))
    if start == end:
        raise RefusalError(
            Message("{value} begins and ends at the same time", value=repr(text)),
            Message('Write "00:00-24:00" for a whole day, and leave out the day for none.'),
        )
    return Hours(start, end if end > start else end + MINUTES_A_DAY)


def _end(match: re.Match[str]) -> tuple[str, str]:
    return (match[3], match[4]) if match[3] else (match[5], match[6])


def apart(hours: Iterable[Hours]) -> tuple[Hours, ...]:
    """The hours of one day in order; two that overlap are refused."""
    found = tuple(sorted(hours))
    for one, after in pairwise(found):
        if after.start < one.end:
            raise RefusalError(
                Message("{one} and {other} overlap", one=str(one), other=str(after)),
                Message("Hours of one day lie apart: join these into one."),
            )
    return found


@dataclass(frozen=True, slots=True)
class Week:
    """The hours that begin on each day, Monday first: at least some on one of them."""

    days: tuple[tuple[Hours, ...], ...]

    def __post_init__(self) -> None:
        if len(self.days) != len(WEEKDAYS):
            raise RefusalError(
                Message("a week of {n} days was given", n=len(self.days)),
                Message("Give the hours of seven days, Monday first; () for none."),
            )
        if not any(self.days):
            raise RefusalError(
                Message("no day of the week has hours"),
                Message("Write at least one, such as mon-fri: [09:00-18:00]."),
            )
        object.__setattr__(self, "days", tuple(apart(day) for day in self.days))

    @property
    def kinds(self) -> frozenset[tuple[Hours, ...]]:
        """The different hours that its days have."""
        return frozenset(day for day in self.days if day)


def parse_week(hours: Mapping[str, Iterable[Hours]]) -> Week:
    """Hours by day or run of days; days that are not named have none.

    >>> [len(day) for day in parse_week({"mon-fri": [Hours(540, 1080)]}).days]
    [1, 1, 1, 1, 1, 0, 0]
    """
    found: dict[int, tuple[Hours, ...]] = {}
    for named, several in hours.items():
        for day in weekdays(named):
            if day in found:
                raise RefusalError(
                    Message("{day} is named twice, the second time in {value}", day=WEEKDAYS[day], value=named),
                    Message("Write all hours of a day in one place."),
                )
            found[day] = tuple(several)
    return Week(tuple(found.get(day, ()) for day in range(len(WEEKDAYS))))


def weekdays(named: str) -> range:
    """The days that `mon` or `mon-fri` names, Monday is 0.

    >>> list(weekdays("fri-sun"))
    [4, 5, 6]
    """
    first, _, last = named.partition("-")
    if first in WEEKDAYS and (last or first) in WEEKDAYS:
        days = range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
        if days and not named.endswith("-"):
            return days
    raise RefusalError(
        Message("{value} names no days of the week", value=repr(named)),
        Message("Allowed: mon, tue, wed, thu, fri, sat, sun, or a run of them in that order, such as mon-fri."),
    )


ALWAYS = parse_week({"mon-sun": [Hours(0, MINUTES_A_DAY)]})
"""Every minute of every day."""
