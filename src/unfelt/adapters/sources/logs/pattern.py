"""From pieces to patterns of RE2 and SQL.

RE2 is several times as fast where each character alone says which piece it belongs to, and where no more than four
groups are asked for at once. So a line is matched strictly first, a few groups at a time; one that does not match
is tried once more, slowly, with values that may hold anything.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from unfelt.adapters.sources import sql
from unfelt.adapters.sources.logs.pieces import FIRM, KINDS, Field, Piece, Raw

GROUPS = 4
LONGEST_KNOWN = 10_000
"""Longer lines are not looked at to know their format."""
_QUOTED = r'(?:[^"\\]|\\.)*'
_SPECIAL = re.compile(r"([^\w\s\"'/:,<>=@;!%&#~`-])", re.ASCII)


@dataclass(frozen=True)
class Pattern:
    """The pieces of a line, in order. A field of kind `rest` is all that follows, and may be nothing."""

    pieces: tuple[Piece, ...]
    before: str = ""
    """RE2 of what a line may begin with besides, such as the mark of a system log."""
    before_loose: str = ""
    """The same where the line is tried once more."""

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The fields, in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Field))

    def strict(self, wanted: Sequence[int]) -> str:
        """The pattern with these fields as groups."""
        return self._spelled(wanted, loose=False)

    def beginning(self, wanted: Sequence[int]) -> str:
        """The strict pattern up to the last of these fields, for lines that are known to match."""
        return self._spelled(wanted, loose=False, to=max(wanted))

    def loose(self, wanted: Sequence[int]) -> str:
        """The same; values may hold what else ends them, and the line may be cut within its last one."""
        return self._spelled(wanted, loose=True)

    def matches(self, line: str) -> bool:
        """Whether the line is strictly one of these; the loose pattern is for RE2, which never goes back."""
        return self._strict_alone.match(line[:LONGEST_KNOWN]) is not None

    @cached_property
    def _strict_alone(self) -> re.Pattern[str]:
        return re.compile(self.strict(()))

    def _spelled(self, wanted: Sequence[int], *, loose: bool, to: int | None = None) -> str:
        number, parts = 0, ["^", self.before_loose if loose else self.before]
        last = max((place for place, piece in enumerate(self.pieces) if isinstance(piece, str)), default=-1)
        for place, piece in enumerate(self.pieces):
            if isinstance(piece, str):
                told = _SPECIAL.sub(r"\\\1", piece)
                parts.append(f"(?:{told}|$)" if loose and place == last else told)
                continue
            if isinstance(piece, Raw):
                parts.append(piece.pattern)
                continue
            value = self._value(place, piece, loose=loose)
            parts.append(f"({value})" if number in wanted else f"(?:{value})")
            if number == to:
                return "".join(parts)
            number += 1
        return "".join(parts) + "$"

    def _value(self, place: int, field: Field, *, loose: bool) -> str:
        after = self.pieces[place + 1] if place + 1 < len(self.pieces) else ""
        before = self.pieces[place - 1] if place else ""
        if field.kind == "rest":
            return "(?: .*)?" if not loose else ".*"
        if KINDS[field.kind].pattern:
            return KINDS[field.kind].pattern
        if loose and field.kind not in FIRM:
            return ".*?"
        if not isinstance(after, str) or not after:
            return "[^ ]*"
        if isinstance(before, str) and before.endswith('"') and after.startswith('"'):
            return _QUOTED
        return f"[^{_in_class(after[0])}]*"


def _in_class(character: str) -> str:
    return "\\" + character if character in "\\]^-[" else character


@dataclass(frozen=True)
class Matched:
    """SQL that matches a column `line`: stages to compute one after the other, and what each field then is.

    A field that holds nothing, or `-`, is NULL.
    """

    stages: tuple[str, ...]
    is_match: str
    values: Mapping[int, str]


def match(pattern: Pattern, wanted: Iterable[int], *, mark: int) -> Matched:
    """The wanted fields of each line; `mark` is a field that no line leaves empty, and says that it matched."""
    others = sorted((number for number in wanted if number != mark), reverse=True)
    groups = [sorted(one) for one in _grouped([mark, *others])]
    strict: list[str] = []
    either: list[str] = []
    values: dict[int, str] = {}
    for stage, numbers in enumerate(groups):
        names = sql.each(numbers, lambda number: f"'g{number}'")
        told = pattern.strict(numbers) if not stage else pattern.beginning(numbers)
        strict.append(f"regexp_extract(line, {sql.text(told)}, [{names}]) AS x{stage}")
        loose = f"regexp_extract(line, {sql.text(pattern.loose(numbers))}, [{names}])"
        either.append(f"CASE WHEN x0.g{mark} <> '' THEN x{stage} ELSE {loose} END AS m{stage}")
        values |= {number: f"m{stage}.g{number}" for number in numbers}
    given = [f"nullif(nullif({value}, ''), '-') AS f{number}" for number, value in values.items()]
    stages = tuple(", ".join(one) for one in (strict, either, given))
    return Matched(stages, f"m0.g{mark} <> ''", {number: f"f{number}" for number in values})


def _grouped(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for at in range(0, len(numbers), GROUPS):
        yield numbers[at : at + GROUPS]
