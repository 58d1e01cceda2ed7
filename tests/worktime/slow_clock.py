"""Business time minute by minute: every minute (UTC) asks the wall clock of the zone.

It shares no reckoning with unfelt. Minutes are asked once and kept by day; all edges of hours and of pauses lie on
whole minutes, spans need not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from notices import NOTICES, days_off, days_worked

from unfelt.worktime.calendar import Calendar
from unfelt.worktime.hours import parse_hours, parse_week
from unfelt.worktime.pauses import Pause

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Spans = list[tuple[datetime, datetime]]


@dataclass
class SlowClock:
    """Hours by weekday in minutes since midnight, more than 1440 on the day after; days that differ."""

    zone: str
    week: dict[int, list[tuple[int, int]]]
    off: set[date] = field(default_factory=set)
    worked: dict[date, list[tuple[int, int]]] = field(default_factory=dict)
    kept: dict[date, bytes] = field(default_factory=dict, repr=False)

    def hours(self, day: date) -> list[tuple[int, int]]:
        """What begins on the day."""
        if day in self.off:
            return []
        return self.worked.get(day) or self.week.get(day.weekday(), [])

    def shows(self, at: datetime) -> bool:
        """Whether the wall clock shows working time."""
        local = at.astimezone(ZoneInfo(self.zone))
        day, minute = local.date(), 60 * local.hour + local.minute
        today = any(start <= minute < end for start, end in self.hours(day))
        return today or any(start <= minute + 1440 < end for start, end in self.hours(day - DAY))

    def minutes(self, day: date) -> bytes:
        """A byte for each minute of that day (UTC)."""
        if day not in self.kept:
            begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
            self.kept[day] = bytes(self.shows(begin + n * MINUTE) for n in range(1440))
        return self.kept[day]

    def is_running(self, at: datetime, pauses: list[Pause]) -> bool:
        """Working time, and no pause; `at` is a whole minute."""
        if not self.minutes(at.date())[60 * at.hour + at.minute]:
            return False
        return not any(pause.start <= at and (pause.end is None or at < pause.end) for pause in pauses)

    def walk(self, start: datetime, end: datetime, pauses: list[Pause]) -> Iterator[tuple[datetime, datetime]]:
        """The parts of minutes that are working time, one after the other."""
        at = start.replace(second=0, microsecond=0)
        while start < end and at < end:
            if self.is_running(at, pauses):
                yield max(at, start), min(at + MINUTE, end)
            at += MINUTE

    def walk_back(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The same from the end, without pauses."""
        at = end.replace(second=0, microsecond=0)
        while start < end and at + MINUTE > start:
            if at < end and self.is_running(at, []):
                yield max(at, start), min(at + MINUTE, end)
            at -= MINUTE


def joined(parts: Iterator[tuple[datetime, datetime]]) -> Spans:
    """Parts that touch are one."""
    found: Spans = []
    for start, end in parts:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


@dataclass(frozen=True)
class Case:
    """A calendar, the slow clock that says what it should, the time that both know, and moments worth a look."""

    name: str
    calendar: Calendar
    slow: SlowClock
    first: date
    last: date
    near: tuple[str, ...] = ()


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = dict.fromkeys(range(5), ("09:00-12:00", "13:00-18:00"))
NIGHTS = {0: ("22:00-06:00",), 2: ("20:15-04:45", "09:00-11:00"), 4: ("22:30-07:00",), 5: ("05:00-08:00",)}
SMALL = dict.fromkeys(range(7), ("00:00-03:00", "23:15-24:00"))
ALWAYS = dict.fromkeys(range(7), ("00:00-24:00",))
CLOCK_CHANGES = {
    "Europe/London": ("2019-03-31", "2019-10-27", "2020-03-29", "2020-10-25"),
    "America/New_York": ("2019-03-10", "2019-11-03", "2020-03-08", "2020-11-01"),
    "Australia/Lord_Howe": ("2019-04-06", "2019-10-05", "2020-04-04", "2020-10-03"),
    "America/Sao_Paulo": ("2016-10-16", "2017-02-19", "2017-10-15", "2018-02-18", "2018-11-04", "2019-02-17"),
    "Asia/Shanghai": ("1986-05-03", "1986-09-13", "1987-04-11", "1987-09-12", "1991-04-13", "1991-09-14"),
    "America/St_Johns": ("2009-03-08", "2009-11-01", "2010-03-14", "2010-11-07"),
    "Pacific/Apia": ("2011-09-24", "2011-12-29", "2011-12-30", "2012-04-01"),
    "Asia/Kathmandu": ("1985-12-31", "1986-01-01"),
}
"""Days on or beside which the wall clock changes."""


def _case(zone: str, week: dict[int, tuple[str, ...]], first: str, last: str, **days: set[date]) -> Case:
    off, more = days.get("off", set()), days.get("worked", set())
    hours = {DAYS[day]: [parse_hours(text) for text in texts] for day, texts in week.items()}
    make_up = ("10:00-16:30",)
    calendar = Calendar(
        f"{zone} {len(week)}",
        zone,
        parse_week(hours),
        days_off=frozenset(off),
        working_days=frozenset(more),
        make_up_hours=tuple(parse_hours(text) for text in make_up),
    )
    minutes = {day: [_minutes(text) for text in texts] for day, texts in week.items()}
    worked = {day: minutes.get(day.weekday()) or [_minutes(text) for text in make_up] for day in more}
    slow = SlowClock(zone, minutes, off, worked)
    return Case(
        calendar.name, calendar, slow, date.fromisoformat(first), date.fromisoformat(last), CLOCK_CHANGES[zone]
    )


def _minutes(text: str) -> tuple[int, int]:
    start, end = (int(one[:2]) * 60 + int(one[3:]) for one in text.split("-"))
    return start, end if end > start else end + 1440


def _china() -> Case:
    years = range(2024, 2027)
    office = {day: [(540, 720), (780, 1080)] for day in range(5)}
    worked = {day: office[0] for year in years for day in days_worked(year)}
    slow = SlowClock("Asia/Shanghai", office, {day for year in years for day in days_off(year)}, worked)
    week = parse_week({"mon-fri": [parse_hours("09:00-12:00"), parse_hours("13:00-18:00")]})
    near = tuple(f"{year}-{day}" for year in NOTICES for day in NOTICES[year][1].split())
    calendar = Calendar("Shanghai office", "Asia/Shanghai", week, "CN")
    return Case(calendar.name, calendar, slow, date(2024, 2, 1), date(2026, 11, 1), near)


def _random_days(zone: str, first: str, last: str, seed: int) -> dict[str, set[date]]:
    """Days off and days worked of an organisation, and some of them where the clock changes."""
    rng, begin = Random(seed), date.fromisoformat(first)
    length = (date.fromisoformat(last) - begin).days
    some = [begin + rng.randrange(length) * DAY for _each in range(length // 8)]
    some += [date.fromisoformat(day) for day in CLOCK_CHANGES[zone]]
    return {"off": set(some[::2]), "worked": set(some[1::2]) - set(some[::2])}


def cases() -> list[Case]:
    """Zones with and without summer time, hours over midnight and all day, official days."""
    asked = [
        ("Europe/London", OFFICE, "2019-01-01", "2021-01-01"),
        ("Europe/London", SMALL, "2019-01-01", "2021-01-01"),
        ("America/New_York", NIGHTS, "2019-01-01", "2021-01-01"),
        ("America/New_York", ALWAYS, "2019-01-01", "2021-01-01"),
        ("Australia/Lord_Howe", SMALL, "2019-01-01", "2021-01-01"),
        ("Australia/Lord_Howe", NIGHTS, "2019-01-01", "2021-01-01"),
        ("America/Sao_Paulo", SMALL, "2016-07-01", "2019-07-01"),
        ("America/Sao_Paulo", NIGHTS, "2016-07-01", "2019-07-01"),
        ("Asia/Shanghai", NIGHTS, "1986-01-01", "1992-01-01"),
        ("America/St_Johns", SMALL, "2009-01-01", "2011-01-01"),
        ("Pacific/Apia", OFFICE, "2011-06-01", "2012-06-01"),
        ("Asia/Kathmandu", OFFICE, "1985-06-01", "1986-06-01"),
    ]
    plain = [_case(*one) for one in asked]
    own = [
        _case(zone, week, first, last, **_random_days(zone, first, last, seed))
        for seed, (zone, week, first, last) in enumerate(asked)
    ]
    return [_china(), *plain, *own]


@dataclass(frozen=True)
class Asked:
    """A span of time, the pauses in and around it, and a part of its working time."""

    start: datetime
    end: datetime
    pauses: list[Pause]
    part: float


def random_asked(case: Case, rng: Random) -> Asked:
    """Half of the spans begin near a moment worth a look; most last days, some seconds."""
    if case.near and rng.random() < 0.5:
        day = date.fromisoformat(rng.choice(case.near)) - rng.randrange(3) * DAY
    else:
        day = case.first + rng.randrange((case.last - case.first).days) * DAY
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) + _some(rng, DAY)
    length = _some(rng, rng.choice((MINUTE, DAY, 2 * DAY, 7 * DAY)))
    return Asked(start, start + length, _some_pauses(rng, start, length), rng.choice((0.0, rng.random(), 1.0)))


def _some(rng: Random, most: timedelta) -> timedelta:
    """Whole minutes, or not."""
    found = most * rng.random()
    return found // MINUTE * MINUTE if rng.random() < 0.5 else found


def _some_pauses(rng: Random, start: datetime, length: timedelta) -> list[Pause]:
    found = []
    for _each in range(rng.choice((0, 0, 1, 3))):
        at = (start + length * rng.uniform(-0.2, 1.1)).replace(second=0, microsecond=0)
        long = length * rng.random() * 0.5 // MINUTE * MINUTE
        found.append(Pause(at, None if rng.random() < 0.1 else at + long))
    return found
