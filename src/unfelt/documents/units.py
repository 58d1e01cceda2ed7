"""Values that carry their unit: `60s`, `0.2%`, `1.5x`, `150 customers`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Literal

from unfelt.conf.language import Message
from unfelt.documents.refusal import RefusalError

_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"
_PART = re.compile(rf"({_NUMBER})\s*(ms|min|s|m|h|d)\s*")
_MILLISECONDS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_LONGEST = timedelta(days=3660)


class UnitError(RefusalError):
    """A value without a unit, or with one that is not allowed here."""


@dataclass(frozen=True, slots=True)
class Margin:
    """How much worse still counts as unfelt: a difference of rates (`0.5%`) or their ratio (`1.5x`)."""

    kind: Literal["difference", "ratio"]
    value: float

    def __str__(self) -> str:
        return f"{_plain(Decimal(repr(self.value)))}x" if self.kind == "ratio" else format_fraction(self.value)


def parse_duration(text: object) -> timedelta:
    """`90s`, `1h 30m`, `500ms`: a length of time, in whole milliseconds.

    >>> parse_duration("1h 30min")
    datetime.timedelta(seconds=5400)
    """
    if not isinstance(text, str):
        raise _no_duration(text)
    parts = [(Decimal(number), "m" if unit == "min" else unit) for number, unit in _PART.findall(text.strip())]
    order = [list(_MILLISECONDS).index(unit) for _, unit in parts]
    if not parts or _PART.sub("", text.strip()) or order != sorted(set(order)):
        raise _no_duration(text)
    total = sum(number * _MILLISECONDS[unit] for number, unit in parts)
    if total != int(total) or total > _LONGEST / timedelta(milliseconds=1):
        raise _no_duration(text)
    return timedelta(milliseconds=int(total))


def format_duration(duration: timedelta) -> str:
    """The duration in the largest unit that says it in a whole number.

    >>> format_duration(timedelta(minutes=90)), format_duration(timedelta(0))
    ('90m', '0s')
    """
    total = duration // timedelta(milliseconds=1)
    unit = next(unit for unit, size in _MILLISECONDS.items() if total % size == 0) if total else "s"
    return f"{total // _MILLISECONDS[unit]}{unit}"


def parse_fraction(text: object) -> float:
    """`0.2%`: a fraction from 0 to 1.

    >>> parse_fraction("0.2%")
    0.002
    """
    match = re.fullmatch(rf"({_NUMBER})\s*%", text.strip()) if isinstance(text, str) else None
    if match is None or Decimal(match[1]) > 100:
        raise UnitError(
            Message("a percentage from 0% to 100% is due"),
            Message("Write it with its unit: {example}.", example=_percent(text)),
        )
    return float(Decimal(match[1]) / 100)


def format_fraction(fraction: float) -> str:
    """The fraction as a percentage, exactly.

    >>> format_fraction(0.002)
    '0.2%'
    """
    return f"{_plain(Decimal(repr(fraction)) * 100)}%"


def format_confidence(confidence: float) -> str:
    """The confidence as a percentage, rounded down to as many digits as tell it from certainty.

    >>> [format_confidence(c) for c in (0.99, 0.998125, 0.95)]
    ['99%', '99.8%', '95%']
    """
    miss = 1 - Decimal(repr(confidence))
    digits = max(0, -miss.adjusted() - 2) if 0 < miss < 1 else 0
    return f"{_plain((Decimal(repr(confidence)) * 100).quantize(Decimal(1).scaleb(-digits), ROUND_DOWN))}%"


def parse_margin(text: object) -> Margin:
    """`0.5%` or `1.5x`.

    >>> parse_margin("1.5x")
    Margin(kind='ratio', value=1.5)
    """
    match = re.fullmatch(rf"({_NUMBER})\s*(%|x)", text.strip()) if isinstance(text, str) else None
    if match is None or not _is_margin(Decimal(match[1]), match[2]):
        raise UnitError(
            Message("a margin is due: how much worse still counts as unfelt"),
            Message(
                "Allowed: a difference of rates above 0% up to 100%, such as {example}, or a ratio "
                "above 1x, such as 1.5x.",
                example=_percent(text),
            ),
        )
    return Margin("ratio", float(match[1])) if match[2] == "x" else Margin("difference", parse_fraction(text))


def _is_margin(number: Decimal, unit: str) -> bool:
    return float(number) > 1 if unit == "x" else 0 < number <= 100


def parse_customers(text: object) -> int:
    """`150 customers`, `1 customer`, `150 位客户`.

    >>> parse_customers("150 customers")
    150
    """
    match = (
        re.fullmatch(r"([0-9]{1,12})\s*(?:customers?|位客户|个客户)", text.strip())
        if isinstance(text, str)
        else None
    )
    if match is None:
        raise UnitError(
            Message("a number of customers is due"),
            Message("Write it with its unit: {example}.", example=f"{_whole(text, 150)} customers"),
        )
    return int(match[1])


def format_customers(customers: int) -> str:
    """The number with its unit, the same for one and many.

    >>> format_customers(1)
    '1 customers'
    """
    return f"{customers} customers"


def _no_duration(text: object) -> UnitError:
    return UnitError(
        Message("a length of time is due"),
        Message(
            "Allowed units: ms, s, m or min, h, d, largest first, in whole milliseconds, at most 3660d. "
            "Write for example {example}.",
            example=f"{_whole(text, 60)}s",
        ),
    )


def _whole(value: object, otherwise: int) -> int:
    """The number that was written without a unit, for an example; something usual where there is none."""
    digits = re.fullmatch(r"\s*([0-9]{1,9})(?:\.[0-9]*)?\s*", str(value))
    return int(digits[1]) if digits and not isinstance(value, bool) else otherwise


def _percent(value: object) -> str:
    if isinstance(value, bool) or not re.fullmatch(rf"\s*{_NUMBER}\s*", str(value)):
        return "0.5%"
    number = Decimal(str(value).strip())
    return f"{_plain(number * 100 if number < 1 else number)}%" if 0 < number <= 100 else "0.5%"


def _plain(number: Decimal) -> str:
    """The number without exponent and without idle zeros."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
