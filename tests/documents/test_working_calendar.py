"""A working calendar inside a document: its schema, and what is wrong with it, each with its place."""

import json
import re
from datetime import date
from typing import Literal

import pytest
from pydantic import ValidationError

from unfelt.documents.load import Kind, load_text
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.schema import fields_at, json_schema
from unfelt.documents.values import Part
from unfelt.documents.working_calendar import WorkingCalendar


class House(Part):
    """A document that has calendars."""

    unfelt: Literal[1]
    """The version of this form of document."""
    calendars: tuple[WorkingCalendar, ...]
    """Them."""


HOUSE = Kind("house", House, lambda _data: iter(()))
GOOD = """\
unfelt: 1
calendars:
  - id: shanghai
    zone: Asia/Shanghai
    region: CN
    hours: {mon-thu: ["09:00-12:00", "13:00-18:00"], fri: ["09:00-15:00"]}
    make_up_hours: ["09:00-17:00"]
    days_off: [2026-12-24]
    working_days: [2026-10-18]
"""


def problems(text: str) -> list[str]:
    """What is wrong, as people read it."""
    try:
        load_text(text, HOUSE, file="house.yaml")
    except DocumentErrors as errors:
        return [str(problem) for problem in errors.problems]
    return []


def test_a_calendar_of_a_document_answers() -> None:
    """By its hours, its region and its own days."""
    calendar = load_text(GOOD, HOUSE, file="house.yaml").document.calendars[0].value()
    days = [date(2026, 12, 24), date(2026, 10, 18), date(2026, 10, 1), date(2026, 8, 7)]
    found = [" ".join(map(str, calendar.shifts(day))) for day in days]
    assert found == ["", "09:00-17:00", "", "09:00-15:00"]


def test_it_is_written_as_it_was_read() -> None:
    """Without what was left out."""
    document = load_text(GOOD, HOUSE, file="house.yaml").document.calendars[0]
    text = json.dumps(document.model_dump(mode="json"))
    assert WorkingCalendar.model_validate_json(text) == document
    assert "confirmed_years" not in text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("09:00-15:00", "9-15", r"6:\d+: calendars\[0\]\.hours\.fri\[0\] = \"9-15\": '9-15' is no hours of a day"),
        ("12:00", "13:30", r"6:\d+: calendars\[0\]\.hours\.mon-thu.*09:00-13:30 and 13:00-18:00 overlap"),
        ("fri:", "wed:", r"calendars\[0\].*wed is named twice, the second time in wed"),
        ("fri:", "friday:", r"6:\d+: calendars\[0\]\.hours.*'friday' names no days of the week"),
        ("CN", "DE-XX", r"5:\d+: calendars\[0\]\.region = \"DE-XX\": there are no official days of 'DE-XX'"),
        ("Asia/Shanghai", "Asia/Shangai", r"4:\d+: calendars\[0\]\.zone.*this time zone is not known"),
        ("2026-12-24", "2026-10-18", r"calendars\[0\].*2026-10-18 is both off and worked"),
        ('    make_up_hours: ["09:00-17:00"]\n', "", r"calendars\[0\].*the hours of days worked in exchange"),
        ("region: CN", "confirmed_years: [27]", r"calendars\[0\]\.confirmed_years\[0\] = 27: the value is out"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(old: str, new: str, said: str) -> None:
    """Line, path, value, and what is allowed."""
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert len(found) == 1, found
    assert re.search(said, found[0]), found


def test_its_form_is_there_for_editors() -> None:
    """Fields, patterns and examples."""
    schema = json_schema(House)
    hours = schema["$defs"]["WorkingCalendar"]["properties"]["hours"]
    one = hours["additionalProperties"]["items"]
    assert re.fullmatch(one["pattern"], one["examples"][1])
    assert "region" in fields_at(House, ("calendars", 0, "region"))


def test_code_that_makes_one_is_checked_too() -> None:
    """Not only what is read."""
    with pytest.raises(ValidationError):
        WorkingCalendar(id="c", zone="UTC", hours={})
