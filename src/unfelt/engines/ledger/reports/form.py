"""What a reader gives, and small questions about foreign data."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError

State = Literal["ran", "nothing", "failed", "little", "broken"]
"""What a report is of: a run; nothing that ran; a tool that failed; too short a run; a run in which all failed."""


class ReportError(NotDoneError):
    """A report that cannot be read: `message` says which and why."""


@dataclass(frozen=True, slots=True)
class Ran:
    """Whether what the report is of ran at all, and why it is no ground for a verdict where it did not."""

    state: State = "ran"
    why: Message | None = None


RAN = Ran()


@dataclass(frozen=True, slots=True)
class Report:
    """Numbers by name (counts, parts as fractions, seconds), and the bad findings by a name that lasts.

    bad: of each bad finding the places where it is, held against another report of the same program, so that only
    new findings count. unrated: the same of those that nobody rated. unnamed: bad ones that have no name that
    lasts: they are new in every report. ran: what the numbers are worth.
    """

    format: str
    numbers: Mapping[str, float]
    tool: str = ""
    bad: Mapping[str, Set[str]] = field(default_factory=dict)
    unrated: Mapping[str, Set[str]] = field(default_factory=dict)
    unnamed: int = 0
    ran: Ran = RAN


def counted(findings: Iterable[str]) -> dict[str, Set[str]]:
    """Each finding in its only place; the second of the same name is another one than the first.

    >>> list(counted(["a", "b", "a"]))
    ['a', 'b', 'a (2)']
    """
    times: dict[str, int] = {}
    found: dict[str, Set[str]] = {}
    for name in findings:
        times[name] = times.get(name, 0) + 1
        found[name if times[name] == 1 else f"{name} ({times[name]})"] = frozenset()
    return found


def shown(value: object, *, most: int = 200) -> str:
    """The value as a text that can be printed and kept: no signs that steer, no halves of characters, not long."""
    return "".join(one if one.isprintable() else " " for one in str(value)[:most]).strip()


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> Iterator[Mapping[str, Any]]:
    """Each of the list as a mapping."""
    return map(mapping, listed(value))


def must_list(data: Mapping[str, Any], name: str) -> list[Any]:
    """The list of that name, empty where there is none; ReportError where it is something else."""
    found = data.get(name)
    if found is not None and not isinstance(found, list):
        raise ReportError(Message("{name} in it is no list", name=name))
    return found or []


def number(value: object) -> float | None:
    """The value if it is a finite number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        found = float(value)
    except OverflowError:  # A whole number of hundreds of digits.
        return None
    return found if isfinite(found) else None


def written(value: object) -> float | None:
    """The value if it is a finite number, or a text that is one."""
    if not isinstance(value, str):
        return number(value)
    try:
        return number(float(value.strip()))
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    return 0 < len(text) <= 200 and text.isprintable()


def numbers(value: object) -> dict[str, float]:
    """Every name with a finite number; a name is short and can be printed."""
    found = {str(name): number(one) for name, one in mapping(value).items() if _is_name(str(name))}
    return {name: one for name, one in found.items() if one is not None}
