"""Formats in which a line is a text: each is a pattern, made of its server's own notation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from unfelt.adapters.sources.logs.advice import Advise
from unfelt.adapters.sources.logs.form import Columns, Sample, Wants
from unfelt.adapters.sources.logs.pattern import Pattern, match
from unfelt.adapters.sources.logs.pieces import KINDS
from unfelt.conf.language import Message

_TIMES = ("clf", "iso", "epoch", "epoch_ms", "epoch_us", "haproxy")
_KEY = re.compile(r"(?:^|\s)([a-z][a-z0-9_-]*)=")


@dataclass(frozen=True)
class TextForm:
    """A format of lines of text. ends: it is the end of the request that is dated."""

    name: str
    pattern: Pattern
    ends: bool = False
    advise: Advise | None = None
    sums: tuple[str, ...] = ()
    """Fields that are seconds, and together how long the request took; below 0 it had no answer."""

    def knows(self, line: str) -> bool:
        """Whether the line is of this format."""
        return self.pattern.matches(line)

    def columns(self, sample: Sample, wants: Wants) -> Columns:
        """The fields that tell what is wanted, and `key=value` after them."""
        tells = {**self._told(wants.columns), **self._added(wants.added)}
        rest = self._rest()
        keys = self._keys(sample) if rest is not None else frozenset()
        asked = (*wants.columns, *wants.added)
        by_key = {name: key for name in asked if (key := _key(name, keys)) and name not in tells}
        numbers = {number for number, _sql in tells.values()} | ({rest} if by_key and rest is not None else set())
        summed = self._summed() if "duration_ms" in wants.columns else ()
        numbers |= set(summed)
        found = match(self.pattern, sorted(numbers), mark=self._mark())
        values = {name: spell.replace("{}", found.values[number]) for name, (number, spell) in tells.items()}
        for name, key in by_key.items():
            values[name] = _from_key(found.values[rest or 0], key)
        if summed:
            parts = [f"try_cast({found.values[number]} AS DOUBLE)" for number in summed]
            values["duration_ms"] = (
                f"CASE WHEN least({', '.join(parts)}) >= 0 THEN 1000 * ({' + '.join(parts)}) END"
            )
        ends = self.ends and not ("us" in keys and "rt" not in keys)
        return Columns(found.stages, values, found.is_match, ends=ends)

    def advice(self, missing: Mapping[str, str]) -> Message | None:
        """The line of configuration that writes it."""
        return self.advise(missing) if self.advise else None

    def _told(self, columns: frozenset[str]) -> dict[str, tuple[int, str]]:
        found: dict[str, tuple[int, str]] = {}
        for number, field in enumerate(self.pattern.fields):
            for column, spell in KINDS[field.kind].tells.items():
                if column in columns or column == "time":
                    found.setdefault(column, (number, spell))
        return found

    def _added(self, added: Mapping[str, str]) -> dict[str, tuple[int, str]]:
        names = {field.name: number for number, field in enumerate(self.pattern.fields) if field.kind != "rest"}
        plain = {name: origin.removeprefix("column:").lower() for name, origin in added.items()}
        return {name: (names[origin], "{}") for name, origin in plain.items() if origin in names}

    def _summed(self) -> tuple[int, ...]:
        return tuple(number for number, field in enumerate(self.pattern.fields) if field.name in self.sums)

    def _mark(self) -> int:
        return next(
            number
            for number, field in enumerate(self.pattern.fields)
            if field.kind in _TIMES or field.kind == "status"
        )

    def _rest(self) -> int | None:
        return next((n for n, field in enumerate(self.pattern.fields) if field.kind == "rest"), None)

    def _keys(self, sample: Sample) -> frozenset[str]:
        """The keys that lines end with."""
        number = self._rest()
        strict = re.compile(self.pattern.strict((number,) if number is not None else ()))
        found = (strict.match(line) for line in sample.lines)
        return frozenset(key for one in found if one for key in _KEY.findall(one[1] or ""))


def _key(name: str, keys: frozenset[str]) -> str | None:
    if name == "duration_ms":
        return next((key for key in ("rt", "us") if key in keys), None)
    wanted = "customer" if name == "who" else name
    return wanted if wanted in keys else None


def _from_key(rest: str, key: str) -> str:
    """SQL: the value of a `key=value` field after the format itself; NULL where there is none."""
    told = f"split_part({rest}, ' {key}=', 2)"
    plain = (
        f"CASE WHEN starts_with({told}, '\"') THEN split_part({told}, '\"', 2) ELSE split_part({told}, ' ', 1) END"
    )
    value = f"nullif(nullif({plain}, ''), '-')"
    factor = {"rt": " * 1000", "us": " / 1000"}.get(key)
    return f"try_cast({value} AS DOUBLE){factor}" if factor else value
