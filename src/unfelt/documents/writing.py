"""Plans as text that people edit: fields are set in it without losing a comment, and two edits are joined."""

import difflib
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

from merge3 import Merge3
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from unfelt.documents.change import Change
from unfelt.documents.model import in_field, shown_in_field, steps

WIDTH = 115


def text_of(change: Change) -> str:
    """The plan as YAML, without what is so anyway: what it says, no more."""
    plain = change.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return _dumped({"unfelt": 1, **plain})


def answers_in(text: str, fields: Iterator[str]) -> dict[str, str]:
    """What stands in these fields (JSON Pointers), as a form shows it; empty where nothing does."""
    data = _yaml().load(text)
    return {field: shown_in_field(steps(field)[-1], _at(data, steps(field))) for field in fields}


def with_answers(text: str, answers: Mapping[str, str]) -> str:
    """The text with these fields set; one that was emptied is gone, and every comment stays.

    >>> print(with_answers("change:  # a word\\n  id: a\\n", {"/change/owner": "lin", "/change/id": ""}))
    change:  # a word
      owner: lin
    <BLANKLINE>
    """
    data = _yaml().load(text) or CommentedMap()
    for field, answer in answers.items():
        *parents, last = steps(field)
        here = data
        for name in parents:
            if not isinstance(here.get(name), dict):
                here[name] = CommentedMap()
            here = here[name]
        if answer.strip():
            _set(here, last, answer.strip())
        elif last in here:
            del here[last]
    return _dumped(data)


def _set(node: Any, name: str, answer: str) -> None:  # noqa: ANN401
    if shown_in_field(name, node.get(name)) != answer:  # What was not touched keeps its spelling.
        node[name] = in_field(name, answer)


def difference(old: str, new: str) -> list[tuple[str, str]]:
    """The lines that differ with three around them: `-`, `+`, ` ` or `@`, and the line."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)
    return [(line[0], line[1:]) for line in list(lines)[2:]]


def joined(base: str, mine: str, theirs: str) -> str | None:
    """Both edits of the base in one text; None where they touch the same lines."""
    merge = Merge3(base.splitlines(True), mine.splitlines(True), theirs.splitlines(True))
    if any(region[0] == "conflict" for region in merge.merge_regions()):
        return None
    return "".join(merge.merge_lines())


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.allow_duplicate_keys = False
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _dumped(data: object) -> str:
    out = StringIO()
    _yaml().dump(data, out)
    return out.getvalue()


def _at(node: object, path: tuple[str, ...]) -> object:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node
