"""Plans as text that people edit: fields are set in it without losing a comment, and two edits are joined."""

import difflib
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import yaml
from merge3 import Merge3
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from unfelt.documents.bilingual import is_pair, paired
from unfelt.documents.change import Change
from unfelt.documents.composing import LimitError, UnknownAliasError, composed
from unfelt.documents.model import OTHER, in_field, other_in_field, shown_in_field, steps

WIDTH = 115
LARGEST_FORM = 200_000
"""Characters of a plan that is edited by fields; a longer one is edited as text."""
MOST_IN_FORM = 5_000
MOST_COMPARED = 25_000_000
"""Pairs of lines: finding the fewest differences takes time in proportion to them at worst."""


def text_of(change: Change) -> str:
    """The plan as YAML, without what is so anyway: what it says, no more."""
    plain = change.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return _dumped({"unfelt": 1, **plain})


class FormError(ValueError):
    """The text is no plan that a form could show: no YAML, no mapping, or too large to be edited by fields."""


def _loaded(text: str) -> CommentedMap:
    """The text with its comments. The parser that keeps them is slow: a faster one has counted before."""
    if len(text) > LARGEST_FORM:
        raise FormError
    try:
        composed(text, most=MOST_IN_FORM)
        data = _yaml().load(text)
    except (LimitError, UnknownAliasError, yaml.YAMLError, YAMLError, RecursionError, ValueError) as error:
        raise FormError from error
    if data is not None and not isinstance(data, CommentedMap):
        raise FormError
    return data if data is not None else CommentedMap()


def answers_in(text: str, fields: Iterator[str]) -> dict[str, str]:
    """What stands in these fields (JSON Pointers), as a form shows it; empty where nothing does.

    A field after which `OTHER` stands is the same in the language that is not the reader's.
    """
    data = _loaded(text)
    return {field: _answer_in(data, field) for field in fields}


def _answer_in(data: object, field: str) -> str:
    if field.endswith(OTHER):
        return other_in_field(_at(data, steps(field.removesuffix(OTHER))))
    return shown_in_field(steps(field)[-1], _at(data, steps(field)))


def with_answers(text: str, answers: Mapping[str, str]) -> str:
    """The text with these fields set; one that was emptied is gone, and every comment stays.

    >>> print(with_answers("change:  # a word\\n  id: a\\n", {"/change/owner": "lin", "/change/id": ""}))
    change:  # a word
      owner: lin
    <BLANKLINE>
    """
    data = _loaded(text)
    for field, answer in answers.items():
        if field.endswith(OTHER):
            continue  # It is set with the field before it.
        *parents, last = steps(field)
        here = data
        for name in parents:
            if not isinstance(here.get(name), dict):
                here[name] = CommentedMap()
            here = here[name]
        other = answers.get(field + OTHER)
        if answer.strip() or (other or "").strip():
            _set(here, last, answer.strip(), other if other is None else other.strip())
        elif last in here:
            del here[last]
    return _dumped(data)


def _set(node: Any, name: str, answer: str, other: str | None) -> None:  # noqa: ANN401
    """other: the same in the other language; None keeps what there is of it."""
    was = node.get(name)
    before = other_in_field(was)
    other = before if other is None else other
    if (shown_in_field(name, was), before) == (answer, other):
        return  # What was not touched keeps its spelling.
    if name == "needs" and isinstance(was, list) and was and isinstance(was[0], dict):
        was[0]["because"] = _spelled(paired(answer, other))
    else:
        node[name] = _spelled(in_field(name, answer, other=other))


def _spelled(value: Any) -> Any:  # noqa: ANN401
    """A pair of languages stands on a line of its own each, in braces where it is short."""
    if not is_pair(value):
        return value
    made = CommentedMap(value)
    if sum(map(len, map(str, value.values()))) < WIDTH // 2:
        made.fa.set_flow_style()
    return made


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """The lines that differ with three around them: `-`, `+`, ` ` or `@`, and the line."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) * len(after) > MOST_COMPARED:
        return [("-", line) for line in before] + [("+", line) for line in after] if before != after else []
    lines = difflib.unified_diff(before, after, lineterm="", n=3)
    return [(line[0], line[1:]) for line in list(lines)[2:]]


def joined(base: str, mine: str, theirs: str) -> str | None:
    """Both edits of the base in one text; None where they touch the same lines, or are too long to be compared."""
    if max(len(text.splitlines()) for text in (base, mine, theirs)) ** 2 > MOST_COMPARED:
        return None
    merge = Merge3(base.splitlines(True), mine.splitlines(True), theirs.splitlines(True))
    if any(region[0] == "conflict" for region in merge.merge_regions()):
        return None
    return "".join(merge.merge_lines())


def _yaml() -> YAML:
    keeping = YAML(typ="rt")
    keeping.preserve_quotes = True
    keeping.width = WIDTH
    keeping.allow_duplicate_keys = False
    keeping.indent(mapping=2, sequence=4, offset=2)
    return keeping


def _dumped(data: object) -> str:
    out = StringIO()
    _yaml().dump(data, out)
    return out.getvalue()


def _at(node: object, path: tuple[str, ...]) -> object:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node
