"""The kinds of value that documents are made of: each knows its text, its check and its JSON Schema."""

import re
from collections.abc import Callable, Sized
from datetime import timedelta
from difflib import get_close_matches
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
)

from unfelt.conf.language import Message
from unfelt.documents.expressions import parse_amount, parse_bad
from unfelt.documents.refusal import RefusalError
from unfelt.documents.units import (
    Margin,
    format_customers,
    format_duration,
    format_fraction,
    parse_customers,
    parse_duration,
    parse_fraction,
    parse_margin,
)

_DURATION = r"^\s*([0-9]+(\.[0-9]+)?\s*(ms|min|s|m|h|d)\s*)+$"
FRACTION = r"^\s*[0-9]+(\.[0-9]+)?\s*%\s*$"
_MARGIN = r"^\s*[0-9]+(\.[0-9]+)?\s*(%|x)\s*$"
_CUSTOMERS = r"^\s*[0-9]+\s*(customers?|位客户|个客户)\s*$"


class Part(BaseModel):
    """A part of a document: immutable, and nothing in it that is not known."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        extra="forbid",
        allow_inf_nan=False,
        arbitrary_types_allowed=True,
    )


READING = {"reading": True}
ON_RECORD = {**READING, "on_record": True}
"""The context of validation in which a bare number is refused: everything read from a document."""


def _parsed(parse: Callable[[object], object], kind: type) -> BeforeValidator:
    """Code may hand over the value itself, a document must write it with its unit."""

    def validate(value: object, info: ValidationInfo) -> object:
        is_value = isinstance(value, kind) and not isinstance(value, bool)
        return value if is_value and not (info.context or {}).get("reading") else parse(value)

    return BeforeValidator(validate)


def _text(pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": list(examples)})


def is_none(value: object) -> bool:
    """What came after the first version is left out where it is not given, so that a plan keeps its digest."""
    return value is None


def is_empty(value: Sized) -> bool:
    """The same for lists and mappings."""
    return not value


def checked_by(check: Callable[[str], object]) -> AfterValidator:
    """A text that the check does not refuse."""

    def keep(text: str) -> str:
        check(text)
        return text

    return AfterValidator(keep)


Duration = Annotated[
    timedelta,
    _parsed(parse_duration, timedelta),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    _text(_DURATION, "60s", "1h 30m"),
]
Fraction = Annotated[
    float,
    _parsed(parse_fraction, float),
    PlainSerializer(format_fraction, return_type=str, when_used="json"),
    _text(FRACTION, "1%", "0.5%"),
]
MarginValue = Annotated[
    Margin,
    _parsed(parse_margin, Margin),
    PlainSerializer(str, return_type=str, when_used="json"),
    _text(_MARGIN, "0.5%", "1.5x"),
]
Customers = Annotated[
    int,
    _parsed(parse_customers, int),
    PlainSerializer(format_customers, return_type=str, when_used="json"),
    _text(_CUSTOMERS, "150 customers"),
]


def _spell_fact(value: object) -> object:
    """`false` in YAML and "false" in quotes are the same fact."""
    return str(value).lower() if isinstance(value, bool) else value


Fact = Annotated[str, BeforeValidator(_spell_fact), Field(min_length=1, max_length=100)]
"""A word for what is true: `none`, `true`, `false`."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=64)]
Line = Annotated[str, Field(min_length=1, max_length=400)]
"""A short text that says something."""


Role = Literal["requester", "owner", "change_manager", "operator", "approver", "auditor", "agent", "handler"]
"""What somebody answers for."""


def _positive(duration: timedelta) -> timedelta:
    if not duration:
        raise RefusalError(Message("the length of time is zero"), Message("Allowed: more than 0s."))
    return duration


PositiveDuration = Annotated[Duration, AfterValidator(_positive)]


def _slow_enough(tick: timedelta) -> timedelta:
    if tick < timedelta(milliseconds=100):
        raise RefusalError(Message("the guard cannot look that often"), Message("Allowed: 100ms or more."))
    return tick


Tick = Annotated[Duration, AfterValidator(_slow_enough)]


def _bad_level(level: float) -> float:
    if not 0 < level <= 0.5:
        raise RefusalError(
            Message("the chance of a wrong answer is out of range"), Message("Allowed: above 0% up to 50%.")
        )
    return level


Level = Annotated[Fraction, AfterValidator(_bad_level)]
"""How often an answer may be wrong."""


def _check_url(text: str) -> None:
    try:
        parts = urlsplit(text)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_good = None, False
    if (
        parts is None
        or not port_is_good
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.username is not None
        or parts.path not in ("", "/")
        or parts.query
        or parts.fragment
        or re.search(r"\s", text)
    ):
        raise RefusalError(
            Message("the address of a version is due"),
            Message("Allowed: http:// or https://, a host and a port, nothing after it: http://127.0.0.1:9001."),
        )


Url = Annotated[str, checked_by(_check_url), _text(r"^https?://[^/?#\s]+/?$", "http://127.0.0.1:9001")]


def _check_listen(text: str) -> None:
    match = re.fullmatch(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})", text)
    if match is None or not 1 <= int(match[1]) <= 65535:
        raise RefusalError(
            Message("an address to listen on is due"), Message("Allowed: HOST:PORT, such as 127.0.0.1:8080.")
        )


Listen = Annotated[str, checked_by(_check_listen), _text(r"^\S+:[0-9]{1,5}$", "127.0.0.1:8080")]

_CUSTOMER_KINDS = ("cookie", "header", "claim", "column")
_COLUMN_KINDS = ("header", "response", "cookie", "query")


def _named(text: object, kinds: tuple[str, ...]) -> bool:
    kind, _, name = text.partition(":") if isinstance(text, str) else ("", "", "")
    return kind in kinds and re.fullmatch(r"[^\s:\x00-\x1f]+", name) is not None


def _customer(value: object) -> object:
    several = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not several or not all(_named(one, _CUSTOMER_KINDS) for one in several):
        raise RefusalError(
            Message("it does not say who is one customer"),
            Message(
                "Allowed: cookie:NAME, header:NAME, claim:NAME, or column:NAME in a plan used only for judging; "
                "or a list of them, tried in order. Write for example cookie:uid."
            ),
        )
    return value if isinstance(value, str) else several


_ONE_CUSTOMER = {"type": "string", "pattern": r"^(cookie|header|claim|column):\S+$", "examples": ["cookie:uid"]}
Customer = Annotated[
    str | tuple[str, ...],
    BeforeValidator(_customer),
    WithJsonSchema({"anyOf": [_ONE_CUSTOMER, {"type": "array", "items": _ONE_CUSTOMER, "minItems": 1}]}),
]


def _check_column(text: str) -> None:
    if not _named(text, _COLUMN_KINDS):
        raise RefusalError(
            Message("it does not say where the column comes from"),
            Message(
                "Allowed: header:NAME, cookie:NAME, query:NAME of the request, response:NAME of a header "
                "answered. Write for example header:x-region."
            ),
        )


ColumnSource = Annotated[
    str, checked_by(_check_column), _text(r"^(header|response|cookie|query):\S+$", "header:x-region")
]
Bad = Annotated[str, checked_by(parse_bad), _text(r"\S", "status >= 500")]
Amount = Annotated[str, checked_by(parse_amount), _text(r"\S", "duration_ms")]


def _check_time(text: str) -> None:
    if not re.fullmatch(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", text):
        raise RefusalError(Message("a time of day is due"), Message('Allowed: "00:00" to "23:59", in quotes.'))


TimeOfDay = Annotated[str, checked_by(_check_time), _text(r"^([01][0-9]|2[0-3]):[0-5][0-9]$", "18:00")]


def _check_zone(text: str) -> None:
    zones = available_timezones()
    if text not in zones:
        near = get_close_matches(text, zones, n=3) or ["UTC", "Asia/Shanghai"]
        raise RefusalError(
            Message("this time zone is not known"), Message("Write one such as {near}.", near=", ".join(near))
        )


Zone = Annotated[str, checked_by(_check_zone), _text(r"^[A-Za-z0-9_+/-]+$", "Asia/Shanghai")]


def _check_step(text: str) -> None:
    if not re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?%", text):
        raise RefusalError(
            Message("how far the metric is to move is due"), Message("Allowed: a signed percentage, such as -30%.")
        )


Step = Annotated[str, checked_by(_check_step), _text(r"^[+-]?[0-9]+(\.[0-9]+)?%$", "-30%")]


def _check_database(text: str) -> None:
    if not re.fullmatch(r"(sqlite:///|postgres(ql)?://)\S+", text):
        raise RefusalError(
            Message("the address of a store is due"),
            Message("Allowed: sqlite:///PATH or postgresql://USER@HOST/NAME. It is opened read-only."),
        )
    if re.match(r"[a-z]+://[^/@:]*:[^/@]*@", text) or re.search(r"[?&]password=", text):
        raise RefusalError(
            Message("there is a password in the address, and a plan is kept for ever"),
            Message(
                "Leave it out: postgresql://USER@HOST/NAME. The password is taken from PGPASSFILE (~/.pgpass)."
            ),
        )


Database = Annotated[
    str, checked_by(_check_database), _text(r"^(sqlite:///|postgres(ql)?://)\S+$", "sqlite:///orders.db")
]
