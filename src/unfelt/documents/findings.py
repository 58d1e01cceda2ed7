"""What does not fit together in a document, and small questions about data as written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.problems import Path
from unfelt.documents.refusal import RefusalError


@dataclass(frozen=True, slots=True)
class Finding:
    """Two parts of the document that do not fit together."""

    path: Path
    what: Message
    remedy: Message


def unique(items: object, path: Path, key: str) -> Iterator[Finding]:
    """Names that are there twice."""
    seen: dict[str, int] = {}
    for number, text in texts(items, key).items():
        if text in seen:
            yield Finding(
                (*path, number, key),
                Message("this name is there twice"),
                Message("The other is item {n} of the list. Rename one of them.", n=seen[text] + 1),
            )
        seen.setdefault(text, number)


def unique_texts(items: object, path: Path) -> Iterator[Finding]:
    """Texts that are there twice."""
    some = listed(items)
    for number, text in enumerate(some):
        if text in some[:number]:
            yield Finding((*path, number), Message("this is there twice"), Message("Delete one of the two."))


def ascending(items: object, path: Path, parse: Any) -> Iterator[Finding]:  # noqa: ANN401  (any parser of units)
    """Values that are not above the one before."""
    values = [attempt(parse, item) for item in listed(items)]
    for number, (before, value) in enumerate(pairwise(values), 1):
        if before is not None and value is not None and value <= before:
            yield Finding(
                (*path, number),
                Message("it is not above the item before it"),
                Message("Write them from small to large."),
            )


def unknown(path: Path, name: str, known: Sequence[str], what: Message) -> Finding:
    """A name that is not known, with the ones that are near."""
    near = get_close_matches(name, known, n=3)
    if near:
        return Finding(path, what, Message("Did you mean {near}?", near=", ".join(near)))
    return Finding(path, what, Message("There are: {known}.", known=", ".join(known) or "–"))


def attempt(parse: Any, text: object) -> Any:  # noqa: ANN401  (what the parser gives)
    """The value, or None where the field's own check has already complained."""
    try:
        return parse(text) if isinstance(text, str) else None
    except RefusalError:
        return None


def texts(items: object, key: str) -> dict[int, str]:
    """The texts under the key, by the number of their item."""
    found = {number: mapping(item).get(key) for number, item in enumerate(listed(items))}
    return {number: text for number, text in found.items() if isinstance(text, str)}


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
