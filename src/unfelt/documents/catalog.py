"""The catalog: what customers meet, whose it is, and how many customers come by."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema

from unfelt.conf.language import InBoth, Message
from unfelt.documents.moments import Moment
from unfelt.documents.refusal import RefusalError
from unfelt.documents.values import Line, Name, Part, is_empty

_PER = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_TRAFFIC = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(?:customers?|位客户|个客户)\s*/\s*(s|min|h|d)")


def parse_traffic(text: object) -> str:
    """`120 customers/min`, spelled in one way.

    >>> parse_traffic("120  customers / min")
    '120 customers/min'
    """
    match = _TRAFFIC.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise RefusalError(
            Message("a flow of customers is due"),
            Message("Allowed: customers per s, min, h or d, such as 120 customers/min."),
        )
    return f"{Decimal(match[1]).normalize():f} customers/{match[2]}"


def per_second(traffic: str) -> float:
    """Customers per second.

    >>> per_second("120 customers/min")
    2.0
    """
    match = _TRAFFIC.fullmatch(traffic)
    if match is None:
        raise ValueError(traffic)
    return float(match[1]) / _PER[match[2]].total_seconds()


Traffic = Annotated[
    str,
    BeforeValidator(parse_traffic),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(customers?|位客户|个客户)\s*/\s*(s|min|h|d)\s*$",
            "examples": ["120 customers/min"],
        }
    ),
]


class Title(Part):
    """A name for people, in both languages."""

    en: Line
    """In English."""
    zh: Line
    """In Chinese."""

    def __str__(self) -> str:
        """In the reader's language."""
        return str(InBoth(self.en, self.zh))


class Touchpoint(Part):
    """Something that a customer meets."""

    name: Name
    """What plans call it in `touches`."""
    title: Title
    """What people call it."""
    kind: Literal["page", "api", "job", "address", "account", "document", "message", "place"]
    """What sort of thing it is."""
    paths: tuple[Annotated[str, Field(pattern=r"^/\S*$")], ...] = ()
    """Where it is reached: paths of requests, `*` for any run of characters."""
    owner: Line
    """Who answers for it."""
    traffic: Traffic | None = None
    """How many customers meet it: `120 customers/min`."""


class Freeze(Part):
    """A time in which nothing is changed."""

    name: Line
    """What people call it: `Sale of 11 November`."""
    start: Moment = Field(alias="from")
    """From when on."""
    end: Moment = Field(alias="to")
    """Until when."""
    touches: tuple[Name, ...] = ()
    """What it is about; everything if left out."""


class Catalog(Part):
    """What an organisation's customers meet."""

    unfelt: Literal[1]
    """The version of this form of document."""
    touchpoints: tuple[Touchpoint, ...] = Field(min_length=1)
    """Everything that customers meet, one entry each."""
    freezes: tuple[Freeze, ...] = Field(default=(), exclude_if=is_empty)
    """Times in which nothing is changed."""
