"""What actions take is validated once: limits, and a sentence at the field for whatever is wrong."""

from datetime import date, time
from typing import Annotated, Literal

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from pydantic import Field

from unfelt.conf.language import Message, in_language
from unfelt.engines.asked import Asked, AskedError, Clock, Day, Number, Short, Words
from unfelt.web.frame.forms import asked_in


class Tried(Asked):
    """One of each kind of field."""

    name: Short
    title: Words = ""
    roles: list[Short] = Field(default=[], max_length=2)
    scopes: Annotated[list[Short], Field(min_length=1), Message("Choose how often.")] = ["read"]  # noqa: RUF012
    due: Day | None = None
    at: Clock | None = None
    number: Number = 0
    sure: bool = False
    every: Literal["0", "60"] = "0"
    team: dict[str, Annotated[list[Short], Field(max_length=2)]] = Field(default={})
    way: dict[str, Words] = Field(default={})


def sent(form: str) -> Tried:
    """As the page of an action takes the form."""
    request = RequestFactory().post("/", {})
    request.POST = QueryDict(form)
    return asked_in(request, Tried)


def test_a_form_is_read_as_the_action_takes_it():
    """Lists, days, times, boxes and mappings; what stands around a text is no part of it."""
    form = "name=+lin+&roles=owner&roles=operator&due=2027-01-31&at=22:00&number=7&sure=on&scopes=write"
    form += "&team:shop=owner&team:shop=agent&way:chat=x&csrfmiddlewaretoken=y&title="
    assert sent(form).model_dump() == {
        "name": "lin",
        "title": "",
        "roles": ["owner", "operator"],
        "scopes": ["write"],
        "due": date(2027, 1, 31),
        "at": time(22),
        "number": 7,
        "sure": True,
        "every": "0",
        "team": {"shop": ["owner", "agent"]},
        "way": {"chat": "x"},
    }


WRONG = [
    ("name=+", "name", "Fill in this field."),
    (f"name=lin&title={'x' * 201}", "title", "At most 200 characters are allowed; given: 201."),
    ("name=lin&scopes=read&roles=a&roles=b&roles=c", "roles", "At most 2 entries are allowed; given: 3."),
    ("name=lin", "scopes", "Choose how often."),
    ("name=lin&scopes=a&due=soon", "due", "A day is due, such as 2027-01-31; given: soon"),
    ("name=lin&scopes=a&due=12", "due", "A day is due, such as 2027-01-31; given: 12"),
    ("name=lin&scopes=a&due=9999-12-31", "due", "A day is due, such as 2027-01-31; given: 9999-12-31"),
    ("name=lin&scopes=a&at=25:00", "at", "A time of day is due, such as 22:00; given: 25:00"),
    ("name=lin&scopes=a&number=-1", "number", "A whole number within the limits is due; given: -1"),
    (f"name=lin&scopes=a&number={2**80}", "number", f"A whole number within the limits is due; given: {2**80}"),
    ("name=lin&scopes=a&sure=perhaps", "sure", "Answer yes or no; given: perhaps"),
    ("name=lin&scopes=a&every=5", "every", "Allowed: 0, 60."),
    (f"name=lin&scopes=a&way:chat={'x' * 201}", "way:chat", "At most 200 characters are allowed; given: 201."),
]


@pytest.mark.parametrize(("form", "field", "said"), WRONG)
def test_what_is_wrong_is_said_at_its_field(form, field, said):
    """The first thing, in words; the field's own where it has some."""
    with pytest.raises(AskedError) as caught:
        sent(form)
    assert (caught.value.field, str(caught.value)) == (field, said)


def test_it_is_said_in_the_readers_language():
    """Whatever the language was when it was validated."""
    with pytest.raises(AskedError) as caught:
        sent("")
    with in_language("zh-hans"):
        assert str(caught.value) == "请填写此项。"


def test_a_text_holds_text():
    """What neither a file nor a database takes is refused from a command too."""
    with pytest.raises(AskedError) as caught:
        Tried.of({"name": "lin\0"})
    assert str(caught.value) == "This request holds a character that no text has (NUL, or half of one)."
