"""What actions take, whoever asks: `asked.py` of an engine has one model for each, and it is validated once.

Form, API and command give the same names and keep to the same limits. A `Message` beside the type of a field says
what is due in it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, time
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError, RefusalError

Number = Annotated[int, Field(ge=0, le=2**62)]
"""Of a row."""

Words = Annotated[str, StringConstraints(max_length=200)]
"""A line that may be empty, or what is searched for: no database is given a pattern without end."""

Short = Annotated[str, StringConstraints(min_length=1, max_length=400)]

Long = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]

Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000_000, strip_whitespace=False)]
"""A document, as it was written."""

FARTHEST = 9999
"""A year after whose end there is no day."""

MOST_SHOWN = 80
"""Characters of what was typed in a sentence about it."""


def _day(given: object) -> object:
    if isinstance(given, str) and (given := given.strip()).isdecimal():
        raise PydanticCustomError("date_parsing", "a day is due, such as 2027-01-31")  # It would count seconds.
    return given


def _within_reach(day: date) -> date:
    if day.year >= FARTHEST:
        raise PydanticCustomError("date_parsing", "a day before the year 9999 is due")
    return day


def _clock(given: object) -> object:
    try:
        return time.fromisoformat(given.strip()) if isinstance(given, str) else given
    except ValueError:
        raise PydanticCustomError("time_parsing", "a time of day is due, such as 22:00") from None


Day = Annotated[date, BeforeValidator(_day), AfterValidator(_within_reach)]
Clock = Annotated[time, BeforeValidator(_clock)]


class AskedError(NotDoneError):
    """What an action does not take: `message` says what is due, `field` where."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message)
        self.field = field


class Asked(BaseModel):
    """What an action takes: a name that is not known is an error, not ignored."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _is_text(cls, given: object) -> object:
        for one in _texts(given if isinstance(given, dict) else getattr(given, "_obj", given)):
            if is_no_text(one):
                raise ValueError("it holds a character that no text has: NUL, or half of one")
        return given

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Self:
        """As it was given; AskedError, of the first that is wrong, where the action does not take it."""
        try:
            return cls.model_validate(dict(given))
        except ValidationError as error:
            raise _fault(cls, error.errors(include_url=False)[0]) from None


class NumberAsked(Asked):
    """Which row of a list."""

    number: Number


def is_no_text(text: str) -> bool:
    """It holds what neither a file nor a database takes as text."""
    return any(one == "\0" or "\ud800" <= one <= "\udfff" for one in text)


def _texts(given: object) -> Iterator[str]:
    """Every text in what was sent, names of members too."""
    rest = [given]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            rest += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple):
            rest += one


def _fault(shape: type[Asked], error: ErrorDetails) -> AskedError:
    """What is wrong, at the field of the form that it was typed into."""
    where = [one for one in error["loc"] if isinstance(one, str)]
    about = shape.model_fields.get(where[0]) if where else None
    due = next((one for one in about.metadata if isinstance(one, Message)), None) if about else None
    return AskedError(":".join(where), _too_long(error) or due or _said(error))


def _too_long(error: ErrorDetails) -> Message | None:
    most = error.get("ctx", {}).get("max_length")
    if error["type"] == "string_too_long":
        return Message("At most {most} characters are allowed; given: {n}.", most=most, n=len(error["input"]))
    if error["type"] == "too_long":
        return Message("At most {most} entries are allowed; given: {n}.", most=most, n=len(error["input"]))
    return None


def _said(error: ErrorDetails) -> Message:
    """By the first word of the kind of error; one that no field here can have raises."""
    return _SENTENCES[error["type"].partition("_")[0]](str(error["input"])[:MOST_SHOWN], error.get("ctx", {}))


def _allowed(_given: str, context: Mapping[str, Any]) -> Message:
    return Message("Allowed: {choices}.", choices=str(context["expected"]).replace("'", "").replace(" or ", ", "))


def _refused(_given: str, context: Mapping[str, Any]) -> Message:
    error = context["error"]
    if isinstance(error, RefusalError):
        return Message("{what} {remedy}", what=error.what, remedy=error.remedy)
    return Message("This request holds a character that no text has (NUL, or half of one).")


def _whole(given: str, _context: Mapping[str, Any]) -> Message:
    return Message("A whole number within the limits is due; given: {text}", text=given)


_SENTENCES: Mapping[str, Callable[[str, Mapping[str, Any]], Message]] = {
    "missing": lambda _given, _context: Message("Fill in this field."),
    "string": lambda _given, _context: Message("Fill in this field."),
    "too": lambda _given, _context: Message("Choose at least one."),
    "date": lambda given, _context: Message("A day is due, such as 2027-01-31; given: {text}", text=given),
    "time": lambda given, _context: Message("A time of day is due, such as 22:00; given: {text}", text=given),
    "bool": lambda given, _context: Message("Answer yes or no; given: {text}", text=given),
    "int": _whole,
    "greater": _whole,
    "less": _whole,
    "literal": _allowed,
    "value": _refused,
}
