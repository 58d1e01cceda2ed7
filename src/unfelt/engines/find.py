"""What search finds: `PARTS["find"]` of an engine names a module with `FINDERS`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.engines.people.rights import Reader


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was found: where it lies, what it is called, what else is said of it.

    plain: what the API says of it; its name or a few members.
    """

    address: str
    label: str
    detail: str = ""
    plain: Any = None


@dataclass(frozen=True, slots=True)
class Found:
    """The first of what was found, how many there are, and where all of them are."""

    lines: Sequence[Line]
    all: int
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds one kind of thing by words, of what the reader may see: at most so many lines."""

    name: str
    title: Message
    find: Callable[[Reader, str, int], Found]
    order: int = 9
    """Among the kinds, from the top."""


def everything_with(known: Reader, wanted: str, *, most: int) -> list[tuple[Finder, Found]]:
    """What holds the words, kind by kind; kinds of which nothing does are left out."""
    finders = sorted(plugins.registered("find", "FINDERS").values(), key=lambda one: (one.order, one.name))
    found = [(one, one.find(known, wanted, most)) for one in finders]
    return [(one, some) for one, some in found if some.lines]
