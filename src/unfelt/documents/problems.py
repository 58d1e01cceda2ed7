"""What is wrong with a document: every problem with its place, its value and what to do."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from unfelt.conf.language import Message, ngettext

Path = tuple[str | int, ...]
NO_VALUE = object()
_PASSWORD = re.compile(r"://[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, both counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where, with which value, and what is allowed instead."""

    file: str
    place: Place
    path: Path
    what: Message
    remedy: Message
    value: Any = NO_VALUE

    @property
    def field(self) -> str:
        """The field as people write it: `experience.metrics[1].margin`."""
        return dotted(self.path)

    @property
    def shown(self) -> str:
        """The value in short, without passwords; empty where there is none."""
        return "" if self.value is NO_VALUE else show(self.value)

    @property
    def sentence(self) -> Message:
        """What is wrong and what to do."""
        return Message("{what}. {remedy}", what=self.what, remedy=self.remedy)

    def __str__(self) -> str:
        where = f"{self.file}:{self.place.line}:{self.place.column}:"
        field = " ".join(part for part in (self.field, self.shown and f"= {self.shown}") if part)
        return " ".join(part for part in (where, field and f"{field}:", str(self.sentence)) if part)

    def plain(self) -> dict[str, Any]:
        """The problem as JSON-ready data, its sentences in the language in force."""
        return {
            "file": self.file,
            "line": self.place.line,
            "column": self.place.column,
            "field": self.field,
            "value": self.shown or None,
            "what": str(self.what),
            "remedy": str(self.remedy),
        }


class DocumentErrors(Exception):  # noqa: N818  (it holds several)
    """A document that does not hold, with all its problems in the order of files and lines."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(problems, key=lambda one: (one.file, one.place.line, one.place.column, one.field))
        )
        super().__init__(self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = ngettext("{n} error", "{n} errors", count).format(n=count)
        return "\n".join([*(str(problem) for problem in self.problems), head])


def dotted(path: Path) -> str:
    """The path as people write it.

    >>> dotted(("experience", "metrics", 1, "margin"))
    'experience.metrics[1].margin'
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (
                part if re.fullmatch(r"[\w-]+", part) else json.dumps(part, ensure_ascii=False)
            )
    return text


def show(value: object) -> str:
    """A value on one short line, without passwords."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = _PASSWORD.sub("://…@", text)
    return text if len(text) <= 80 else text[:79] + "…"
