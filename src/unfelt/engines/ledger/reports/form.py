"""What a reader gives, and small questions about foreign data."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from unfelt.conf.refusal import NotDoneError


class ReportError(NotDoneError):
    """A report that cannot be read: `message` says which and why."""


@dataclass(frozen=True, slots=True)
class Report:
    """Numbers by name (counts, parts as fractions, seconds), and the bad findings by a name that lasts.

    bad: what is held against another report of the same program, so that only new findings count.
    """

    format: str
    numbers: Mapping[str, float]
    tool: str = ""
    bad: Set[str] = field(default_factory=frozenset)


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def number(value: object) -> float | None:
    """The value if it is a finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:  # A whole number of hundreds of digits.
        return None
    return found if isfinite(found) else None


def _is_name(text: str) -> bool:
    return 0 < len(text) <= 200 and text.isprintable()


def numbers(value: object) -> dict[str, float]:
    """Every name with a finite number; a name is short and can be printed."""
    found = {str(name): number(one) for name, one in mapping(value).items() if _is_name(str(name))}
    return {name: one for name, one in found.items() if one is not None}
