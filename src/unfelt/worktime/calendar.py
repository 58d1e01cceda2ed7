"""A working calendar: when it is working time, on the wall clocks of one zone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from unfelt.conf.language import Message
from unfelt.conf.refusal import RefusalError
from unfelt.worktime.hours import MICROSECONDS_A_MINUTE, MINUTES_A_DAY, Hours, Week, apart, parse_week
from unfelt.worktime.official import UnknownYearError, official_days, source, unsettled
from unfelt.worktime.zone import check_day, check_zone

Span = tuple[int, int]
Value = TypeVar("Value")
_KEPT = 20_000
"""So many days of a calendar are kept: more than fifty years."""


@dataclass(frozen=True)
class Calendar:
    """Weekly hours in a zone, less days off, more days worked in exchange.

    Hours belong to the day on which they begin: where a Friday is off, so is its night shift until Saturday 06:00.
    What the organisation says of a day goes before what is official. On a working day that has no hours in the
    week, such as a Sunday worked in exchange, `make_up_hours` hold.
    """

    name: str
    zone: str
    week: Week
    region: str | None = None
    """Whose official days hold: `CN`, `GB`, `DE-BY`; none where it is left out."""
    days_off: frozenset[date] = frozenset()
    """Days off of the organisation."""
    working_days: frozenset[date] = frozenset()
    """Days that the organisation works although they would be off."""
    confirmed_years: frozenset[int] = frozenset()
    """Years that count as known: the organisation has entered what is not in the official days here."""
    make_up_hours: tuple[Hours, ...] = ()
    """Hours of working days that have none in the week; left out, those of the others if they are all alike."""
    _shifts: dict[date, tuple[Hours, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _spans: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_zone(self.zone)
        swaps = self.region is not None and source(self.region).swaps
        object.__setattr__(self, "make_up_hours", apart(self.make_up_hours or _only(self.week)))
        self._check_days(swaps)

    def _check_days(self, swaps: bool) -> None:
        for day in sorted(self.days_off & self.working_days):
            raise RefusalError(
                Message("calendar {calendar}: {day} is both off and worked", calendar=self.name, day=str(day)),
                Message("Leave it in one of days_off and working_days."),
            )
        if not self.make_up_hours and (swaps or self.working_days):
            raise RefusalError(
                Message(
                    "calendar {calendar}: the hours of days worked in exchange are not told", calendar=self.name
                ),
                Message("Its days have different hours: write make_up_hours, such as [09:00-18:00]."),
            )

    def is_known(self, day: date) -> bool:
        """Whether it can be said if the day is off."""
        return self._unsettled(day) is None

    def shifts(self, day: date) -> tuple[Hours, ...]:
        """The hours that begin on the day; none where it is off.

        >>> WEEKDAYS_UTC.shifts(date(2026, 8, 1)), WEEKDAYS_UTC.shifts(date(2026, 8, 3))
        ((), (Hours(start=0, end=1440),))
        """
        found = self._shifts.get(day)
        if found is None:
            found = self._shifts_of(day)
            _keep(self._shifts, day, found)
        return found

    def _shifts_of(self, day: date) -> tuple[Hours, ...]:
        check_day(day)
        weekly = self.week.days[day.weekday()]
        if day in self.days_off:
            return ()
        if day in self.working_days:
            return weekly or self.make_up_hours
        if self.region is None:
            return weekly
        year = self._unsettled(day)
        if year is not None:
            raise UnknownYearError(calendar=self.name, region=self.region, day=day, year=year)
        official = official_days(self.region, day.year)
        if day in official.worked:
            return weekly or self.make_up_hours
        return () if day in official.off else weekly

    def _unsettled(self, day: date) -> int | None:
        if self.region is None or day in self.days_off or day in self.working_days:
            return None
        year = unsettled(self.region, day)
        return None if year in self.confirmed_years else year

    def spans(self, day: date) -> tuple[Span, ...]:
        """Working time between the midnights of the day, in microseconds since the first: in order and apart."""
        found = self._spans.get(day)
        if found is None:
            found = tuple(_joined(self._minutes(day)))
            _keep(self._spans, day, found)
        return found

    def _minutes(self, day: date) -> Iterator[Span]:
        """What is left of the night before, and what begins on the day."""
        if self._passes_midnight:
            for hours in self.shifts(day - timedelta(days=1)):
                if hours.end > MINUTES_A_DAY:
                    yield 0, hours.end - MINUTES_A_DAY
        for hours in self.shifts(day):
            yield hours.start, min(hours.end, MINUTES_A_DAY)

    @property
    def _passes_midnight(self) -> bool:
        """Only then a day depends on the one before."""
        several = (*self.week.days, self.make_up_hours)
        return any(hours.end > MINUTES_A_DAY for one in several for hours in one)


def _only(week: Week) -> tuple[Hours, ...]:
    kinds = week.kinds
    return next(iter(kinds)) if len(kinds) == 1 else ()


def _keep(kept: dict[date, Value], day: date, value: Value) -> None:
    if len(kept) >= _KEPT:
        kept.clear()
    kept[day] = value


def _joined(minutes: Iterator[Span]) -> Iterator[Span]:
    """The spans in order, in microseconds, those that touch or overlap as one."""
    open_: Span | None = None
    for start, end in sorted(minutes):
        if open_ is not None and start <= open_[1]:
            open_ = (open_[0], max(open_[1], end))
            continue
        if open_ is not None:
            yield _exact(open_)
        open_ = (start, end)
    if open_ is not None:
        yield _exact(open_)


def _exact(span: Span) -> Span:
    return span[0] * MICROSECONDS_A_MINUTE, span[1] * MICROSECONDS_A_MINUTE


WEEKDAYS_UTC = Calendar("weekdays-utc", "UTC", parse_week({"mon-fri": [Hours(0, MINUTES_A_DAY)]}))
"""Monday to Friday in UTC, without holidays: what holds where no calendar is named."""
