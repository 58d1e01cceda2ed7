"""A working calendar as an organisation declares it."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from unfelt.documents.moments import Day
from unfelt.documents.values import Name, Part, Zone, is_empty, is_none
from unfelt.worktime.calendar import Calendar
from unfelt.worktime.hours import Hours, apart, parse_hours, parse_week, weekdays
from unfelt.worktime.official import source

_HOURS = r"^\s*([01][0-9]|2[0-3]):[0-5][0-9]\s*-\s*(24:00|([01][0-9]|2[0-3]):[0-5][0-9])\s*$"


def _hours(value: object) -> Hours:
    return value if isinstance(value, Hours) else parse_hours(value)


def _days(text: str) -> str:
    weekdays(text)
    return text


def _region(text: str) -> str:
    source(text)
    return text


HoursOfDay = Annotated[
    Hours,
    BeforeValidator(_hours),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _HOURS, "examples": ["09:00-12:30", "22:00-06:00"]}),
]
Shifts = Annotated[tuple[HoursOfDay, ...], AfterValidator(apart)]
"""The hours that begin on a day, apart from each other."""
Weekdays = Annotated[
    str, AfterValidator(_days), WithJsonSchema({"type": "string", "examples": ["mon", "mon-fri", "sat-sun"]})
]
Region = Annotated[str, AfterValidator(_region), WithJsonSchema({"type": "string", "examples": ["CN", "DE-BY"]})]
Year = Annotated[int, Field(ge=1900, le=2199, strict=True)]


class WorkingCalendar(Part):
    """When an organisation or a team works."""

    id: Name
    """What other parts call it."""
    zone: Zone
    """The time zone of its hours: `Asia/Shanghai`."""
    hours: dict[Weekdays, Shifts] = Field(min_length=1, max_length=7)
    """Hours by day or run of days: `{mon-fri: ["09:00-12:00", "13:00-18:00"]}`; over midnight: `22:00-06:00`."""
    region: Region | None = Field(default=None, exclude_if=is_none)
    """Whose official days are off: `CN`, `GB`, `DE-BY`; left out, none."""
    days_off: tuple[Day, ...] = Field(default=(), max_length=1000, exclude_if=is_empty)
    """More days off."""
    working_days: tuple[Day, ...] = Field(default=(), max_length=1000, exclude_if=is_empty)
    """Days that are worked although they would be off."""
    make_up_hours: Shifts = Field(default=(), exclude_if=is_empty)
    """Hours of a worked day that has none in the week; left out, those of the other days if all are alike."""
    confirmed_years: tuple[Year, ...] = Field(default=(), max_length=100, exclude_if=is_empty)
    """Years whose official days are entered here, where they are not known otherwise."""

    @model_validator(mode="after")
    def _holds(self) -> "WorkingCalendar":
        self.value()
        return self

    def value(self) -> Calendar:
        """The calendar that answers questions."""
        return Calendar(
            name=self.id,
            zone=self.zone,
            week=parse_week(self.hours),
            region=self.region,
            days_off=frozenset(self.days_off),
            working_days=frozenset(self.working_days),
            confirmed_years=frozenset(self.confirmed_years),
            make_up_hours=self.make_up_hours,
        )
