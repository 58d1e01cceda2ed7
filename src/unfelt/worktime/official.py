"""Official days: those that a region has off, and those of a weekend that it works in exchange.

China is taken from `chinesecalendar`, which holds the notices of the State Council; every other country from
`holidays`. Both know nothing of years that no government has settled, and answer for them all the same or fail in
their own ways; here such a year is unknown, in one way: `UnknownYearError`.
"""

import inspect
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, Protocol

from unfelt.conf.language import Message
from unfelt.conf.refusal import RefusalError

REACH = 25
"""From this day of December on, the decree for the year after may move days: the weekend before New Year begins
on it at the earliest. In China it has reached back to the 29th so far (for 2008 and 2019)."""


class UnknownYearError(LookupError):
    """An answer depends on a day of which nobody can say yet whether it is off: `what`, and the `remedy`.

    It is raised, not returned, and no kind of refusal: an answer that needs such a day cannot be had by mistake.
    """

    def __init__(self, *, calendar: str, region: str, day: date, year: int) -> None:
        self.calendar, self.region, self.day, self.year = calendar, region, day, year
        self.what = Message(
            "calendar {calendar}: whether {day} is a day off in {region} is unknown, because the official days of "
            "{year} are not published as far as unfelt knows",
            calendar=calendar,
            day=day.isoformat(),
            region=region,
            year=year,
        )
        self.remedy = Message(
            "Ask for something before {day}; update unfelt once they are published; or enter them in the calendar "
            "(days_off, working_days) and then {year} in confirmed_years.",
            day=day.isoformat(),
            year=year,
        )
        super().__init__(self.what, self.remedy)

    def __str__(self) -> str:
        return f"{self.what}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class OfficialDays:
    """The days of a year that are off, and those of its weekends that are worked in exchange."""

    off: frozenset[date]
    worked: frozenset[date]


class Source(Protocol):
    """Where the official days of a region are from."""

    @property
    def swaps(self) -> bool:
        """Whether days are swapped by a decree for each year."""
        ...

    def is_published(self, year: int) -> bool:
        """Whether the official days of that year are settled."""
        ...

    def days(self, year: int) -> OfficialDays:
        """The official days of that year, as far as there are any."""
        ...


@lru_cache(maxsize=64)
def source(region: str) -> Source:
    """Where the days of `CN`, `GB` or `DE-BY` are from (ISO 3166, with its subdivision where there is one)."""
    country, _, subdivision = region.partition("-")
    if country == "CN":
        return _china(region)
    return _Country(_entity(country, region), _subdivision(country, subdivision, region))


def unsettled(region: str, day: date) -> int | None:
    """The year that has to be published before it is known what the day is, if it is not."""
    if not _is_published(region, day.year):
        return day.year
    reaches = source(region).swaps and (day.month, day.day) >= (12, REACH)
    return day.year + 1 if reaches and not _is_published(region, day.year + 1) else None


@lru_cache(maxsize=1024)
def _is_published(region: str, year: int) -> bool:
    return source(region).is_published(year)


@lru_cache(maxsize=1024)
def official_days(region: str, year: int) -> OfficialDays:
    """The official days of that year, as far as there are any."""
    return source(region).days(year)


class _China:
    """Every year for which the State Council has given its notice, from 2004 on."""

    swaps = True

    def __init__(self) -> None:
        from chinese_calendar.constants import holidays, workdays

        self._off, self._worked = frozenset(holidays), frozenset(workdays)

    def is_published(self, year: int) -> bool:
        """Its National Day is in the table: a first of January could stand in the notice of the year before."""
        return date(year, 10, 1) in self._off

    def days(self, year: int) -> OfficialDays:
        """As the notice has them."""
        return OfficialDays(_of_year(self._off, year), _of_year(self._worked, year))


def _china(region: str) -> Source:
    if region != "CN":
        raise _no_region(region, Message("Write CN: the State Council's notice holds for all of it."))
    return _China()


class _Country:
    """What follows from the country's law, for the years in which it does.

    Unknown are years outside the library's, years with a holiday that the library marks as estimated (it depends
    on the moon being seen), and years after the last for which it lists swapped days, where a country has any.
    Days off that a government may yet give once are not foreseen: they stand in the calendar's days_off.
    """

    def __init__(self, entity: Any, subdivision: str | None) -> None:  # noqa: ANN401  (made at run time)
        self._entity, self._subdivision = entity, subdivision
        one = self._of()
        self._first, self._end, self._last = one.start_year, one.end_year, _last_swapped(one)
        self._estimated = str(getattr(one, "estimated_label", "")).replace("%s", "").strip(" ()（）")
        self.swaps = bool(one.has_substituted_holidays)

    def _of(self, *years: int) -> Any:  # noqa: ANN401
        """The library's days, in the country's own language: it would otherwise ask the environment."""
        options: dict[str, Any] = {
            "subdiv": self._subdivision,
            "language": self._entity.default_language or "en_US",
        }
        if "islamic_show_estimated" in inspect.signature(self._entity.__init__).parameters:
            options["islamic_show_estimated"] = True
        return self._entity(years=years, **options)

    def is_published(self, year: int) -> bool:
        """Nothing in it waits for a decree or for the moon."""
        if not self._first <= year <= min(self._end, self._last):
            return False
        names = (name for day, name in self._of(year).items() if day.year == year)
        return not (self._estimated and any(self._estimated in name for name in names))

    def days(self, year: int) -> OfficialDays:
        """With what the years beside it move into it; those by rule also where swapped ones are not settled."""
        found = self._of(*range(max(year - 1, self._first), min(year + 1, self._end) + 1))
        return OfficialDays(_of_year(found, year), _of_year(found.weekend_workdays, year))


def _of_year(days: Any, year: int) -> frozenset[date]:  # noqa: ANN401  (a set or the library's mapping)
    return frozenset(day for day in days if day.year == year)


def _last_swapped(entity: Any) -> int:  # noqa: ANN401
    """The last year with a swapped day: in the library's table an entry of more than month, day and name."""
    if not entity.has_substituted_holidays:
        return int(entity.end_year)
    days_of = entity.special_public_holidays.items()
    return max(int(year) for year, days in days_of if any(map(_is_swap, _several(days))))


def _several(days: Any) -> tuple[Any, ...]:  # noqa: ANN401
    return days if days and isinstance(days[0], tuple) else (days,)


def _is_swap(entry: tuple[Any, ...]) -> bool:
    return len(entry) > 3


@cache
def _entity(country: str, region: str) -> Any:  # noqa: ANN401
    import holidays
    from holidays.registry import COUNTRIES

    if country not in {names[1] for names in COUNTRIES.values()}:
        raise _no_region(region, Message("Write a country (ISO 3166) such as CN, GB, US, or a part of it: DE-BY."))
    return getattr(holidays, country).get_entity()


def _subdivision(country: str, subdivision: str, region: str) -> str | None:
    if not subdivision and region == country:
        return None
    known = _entity(country, country).subdivisions
    if subdivision not in known:
        allowed = ", ".join([country, *(f"{country}-{one}" for one in known)])
        raise _no_region(region, Message("Allowed: {known}.", known=allowed))
    return subdivision


def _no_region(region: str, remedy: Message) -> RefusalError:
    return RefusalError(Message("there are no official days of {value}", value=repr(region)), remedy)
