"""Values that carry their unit: `60s`, `0.2%`, `1.5x`, `150 customers`."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


class UnitError(ValueError):
    """A value without a unit, or with one that is not allowed here."""


@dataclass(frozen=True, slots=True)
class Margin:
    """How much worse still counts as unfelt: a difference of rates (`0.5%`) or their ratio (`1.5x`)."""

    kind: Literal["difference", "ratio"]
    value: float

    def __str__(self) -> str:
        return f"{self.value:g}x" if self.kind == "ratio" else f"{100 * self.value:g}%"


def parse_duration(text: str) -> timedelta:
    """`90s`, `1h 30m`, `500ms`: a length of time."""
    parts = _DURATION.findall(text)
    if not parts or _DURATION.sub("", text).strip():
        raise UnitError(text)
    return timedelta(seconds=sum(float(number) * _SECONDS[unit] for number, unit in parts))


def parse_fraction(text: str) -> float:
    """`0.2%`: a fraction."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", text.strip())
    if match is None:
        raise UnitError(text)
    return float(match[1]) / 100


def parse_margin(text: str) -> Margin:
    """`0.5%` or `1.5x`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*x", text.strip())
    return Margin("ratio", float(match[1])) if match else Margin("difference", parse_fraction(text))


def parse_customers(text: str) -> int:
    """`150 customers`, `1 customer`, `150 位客户`."""
    match = re.fullmatch(r"(\d+)\s*(?:customers?|位客户|个客户)", text.strip())
    if match is None:
        raise UnitError(text)
    return int(match[1])
