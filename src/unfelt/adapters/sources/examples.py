"""Lines that did not parse, made fit to be shown."""

import json
import re
from collections.abc import Callable, Iterable

MOST = 3
LONGEST = 120
_WORD = re.compile(r"[^\W\d_]+|\d+")


def masked(line: str, known: Iterable[str] = ()) -> str:
    """The line shortened, with every word that is no field name as x and every number as 0."""
    names = frozenset(known)
    short = line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"
    return _WORD.sub(lambda match: _mask(match[0], names), short)


def _mask(word: str, names: frozenset[str]) -> str:
    if word in names:
        return word
    return "0" * len(word) if word.isdigit() else "x" * len(word)


def is_json_line(line: str) -> bool:
    """The line is one JSON object with a time."""
    try:
        return isinstance(json.loads(line).get("time"), str)
    except (ValueError, AttributeError, RecursionError):
        return False


def unparsed_examples(
    lines: Iterable[str], parses: Callable[[str], bool], known: Iterable[str]
) -> tuple[str, ...]:
    """Up to three of the lines that do not parse, masked."""
    found: list[str] = []
    for line in lines:
        if line.strip() and not parses(line):
            found.append(masked(line.rstrip("\n"), known))
        if len(found) == MOST:
            break
    return tuple(found)
