"""Points in time, days and money: values that carry their zone or their currency."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError

_MONEY = re.compile(r"([A-Z]{3})\s*([0-9]{1,12}(?:\.[0-9]{1,2})?)")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency (ISO 4217)."""

    currency: str
    amount: float

    def __str__(self) -> str:
        return f"{self.currency} {self.amount:.2f}".removesuffix(".00")


def parse_money(text: object) -> Money:
    """`CNY 12000`, `USD 99.50`.

    >>> str(parse_money("CNY 12000"))
    'CNY 12000'
    """
    match = _MONEY.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise RefusalError(
            Message("an amount of money is due"),
            Message("Write the currency and the amount, such as CNY 12000 or USD 99.50."),
        )
    return Money(match[1], float(Decimal(match[2])))


def parse_moment(text: object) -> datetime:
    """`2026-12-01T02:00+08:00`: a point in time with its zone, kept as UTC.

    >>> parse_moment("2026-12-01T02:00+08:00")
    datetime.datetime(2026, 11, 30, 18, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
        moment = None if found is None or found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise RefusalError(
            Message("a point in time with its zone is due"),
            Message("Write it such as 2026-12-01T02:00+08:00 or 2026-12-01T02:00Z."),
        )
    return moment


def parse_day(text: object) -> date:
    """`2026-12-31`.

    >>> parse_day("2026-12-31")
    datetime.date(2026, 12, 31)
    """
    try:
        found = date.fromisoformat(text) if isinstance(text, str) and len(text) == 10 else None
    except ValueError:
        found = None
    if found is None:
        raise RefusalError(Message("a day is due"), Message("Write it such as 2026-12-31."))
    return found


def _moment(value: object) -> datetime:
    return value if isinstance(value, datetime) and value.tzinfo is not None else parse_moment(value)


def _spelled(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


MoneyValue = Annotated[
    Money,
    BeforeValidator(lambda value: value if isinstance(value, Money) else parse_money(value)),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[A-Z]{3}\s*[0-9]+(\.[0-9]{1,2})?$", "examples": ["CNY 12000"]}
    ),
]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    PlainSerializer(_spelled, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-12-01T02:00+08:00"]}),
]
Day = Annotated[
    date,
    BeforeValidator(lambda value: value if type(value) is date else parse_day(value)),
    PlainSerializer(date.isoformat, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-31"]}),
]
