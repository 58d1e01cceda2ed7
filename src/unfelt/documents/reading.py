"""Text to data: YAML 1.2 or JSON, every value with its place, nothing that could harm the reader."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from yaml import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from unfelt.conf.language import Message
from unfelt.documents.composing import DEEPEST, MOST_ALIASES, LimitError, UnknownAliasError, composed
from unfelt.documents.composing import MOST_NODES as MOST_VALUES
from unfelt.documents.composing import TAG as _TAG
from unfelt.documents.problems import NO_VALUE, DocumentErrors, Path, Place, Problem

LARGEST = 1_000_000
MOST_PROBLEMS = 200
"""So many problems of one document are said; a text of nothing else is not looked through to its end."""
_TEXTS = {_TAG + kind for kind in ("str", "timestamp", "value")}


@dataclass(frozen=True, slots=True)
class Raw:
    """A document as it was written: plain data, and the place of every key and value."""

    file: str
    data: Mapping[str, Any]
    values: Mapping[Path, Place]
    keys: Mapping[Path, Place]

    def place(self, path: Path) -> Place:
        """Where the path stands; where it is missing, the nearest part around it that is there."""
        for length in range(len(path), -1, -1):
            found = self.keys.get(path[:length]) or self.values.get(path[:length])
            if found:
                return found
        return Place(1, 1)

    def value(self, path: Path) -> Any:  # noqa: ANN401  (whatever stands there)
        """What stands at the path; NO_VALUE where nothing does."""
        here: Any = self.data
        for part in path:
            in_list = isinstance(here, list) and isinstance(part, int) and part < len(here)
            if not in_list and not (isinstance(here, dict) and part in here):
                return NO_VALUE
            here = here[part]
        return here


def read(path: FilePath) -> Raw:
    """The document in the file; OSError where the file cannot be read."""
    return read_bytes(path.read_bytes(), file=str(path))


def read_bytes(content: bytes, *, file: str) -> Raw:
    """The document in the bytes, or DocumentErrors."""
    start = Place(1, 1)
    if len(content) > LARGEST:
        raise _one(file, start, Message("the file is too large"), Message("Allowed: {n} bytes.", n=LARGEST))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(content[: error.start].count(b"\n") + 1, 1)
        raise _one(file, place, Message("the text is not UTF-8"), Message("Save the file as UTF-8.")) from None
    return _from_json(text, file) if file.endswith(".json") else _from_yaml(text, file)


def _from_json(text: str, file: str) -> Raw:
    """JSON is checked as JSON; then it is read as YAML, which knows places (tabs stand only between values)."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        place = Place(error.lineno, error.colno)
        raise _one(
            file, place, Message("this is not JSON: {problem}", problem=error.msg), Message("Correct it here.")
        ) from None
    except RecursionError:
        raise _too_deep(file, Place(1, 1)) from None
    return _from_yaml(_STRING.sub(_whole_characters, text.replace("\t", " ")), file)


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_PAIR = re.compile(
    r"(\\\\)|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def _whole_characters(string: re.Match[str]) -> str:
    """Two halves of a character, as JSON spells one, in YAML's spelling; as long as before: places stay."""
    spelled = _PAIR.sub(_character, string[0])
    return spelled + " " * (len(string[0]) - len(spelled))


def _character(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    if found[2]:
        return f"\\U{0x10000 + ((int(found[2], 16) - 0xD800) << 10) + int(found[3], 16) - 0xDC00:08x}"
    return "\\ufffd"


def _from_yaml(text: str, file: str) -> Raw:
    try:
        documents = composed(text)
    except LimitError as error:
        raise _too_much(file, error) from None
    except UnknownAliasError as error:
        what = Message("this is not YAML: {problem}", problem=f"*{error.name}")
        remedy = Message("Nothing before is named &{name}.", name=error.name)
        raise _one(file, Place(error.line + 1, error.column + 1), what, remedy) from None
    except MarkedYAMLError as error:
        raise _unreadable(file, error, text.split("\n")) from None
    except YAMLError as error:
        what = Message("this is not YAML: {problem}", problem=_first_line(error))
        raise _one(file, Place(1, 1), what, Message("Use UTF-8 text without control characters.")) from None
    if len(documents) != 1:
        what = Message("the file holds {n} documents", n=len(documents))
        raise _one(file, Place(1, 1), what, Message("Allowed: one, without `---` between parts."))
    return _Build(file).raw(documents[0])


def _too_much(file: str, error: LimitError) -> DocumentErrors:
    place = Place(error.line + 1, error.column + 1)
    if error.kind == "depth":
        return _too_deep(file, place)
    if error.kind == "aliases":
        what = Message("the document holds too many aliases")
        return _one(file, place, what, Message("Allowed: {n}.", n=MOST_ALIASES))
    if error.kind == "time":
        return _one(file, place, Message("the document takes too long to be read"), Message("Make it smaller."))
    return _too_many(file, place)


def _too_many(file: str, place: Place) -> DocumentErrors:
    what = Message("the document holds too many values")
    return _one(file, place, what, Message("Allowed: {n}, aliases counted.", n=MOST_VALUES))


def _unreadable(file: str, error: MarkedYAMLError, lines: list[str]) -> DocumentErrors:
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    if place.line > len(lines):  # Behind the end: what is missing is missing there.
        place = Place(len(lines), len(lines[-1]) + 1)
    problem = ", ".join(part for part in (error.problem, error.context) if part) or type(error).__name__
    what = Message("this is not YAML: {problem}", problem=problem)
    remedy = Message(
        "Look here and on the line before: brackets and quotes in pairs, two spaces a level, no tabs, a space "
        "after `:`, quotes around text that begins with a sign or holds `: ` or ` #`."
    )
    return _one(file, place, what, remedy)


@dataclass(slots=True)
class _Build:
    """Nodes to data, with all problems of the whole document."""

    file: str
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def raw(self, node: Node | None) -> Raw:
        data = self.build(node, ()) if node is not None else None
        if not self.problems and not isinstance(data, dict):
            self.wrong((), Message("a mapping is due"), Message("Begin with `unfelt: 1`; see `unfelt new`."))
        if self.problems or not isinstance(data, dict):
            raise DocumentErrors(self.problems)
        return Raw(self.file, data, self.values, self.keys)

    def build(self, node: Node, path: Path) -> Any:  # noqa: ANN401  (plain data)
        if len(path) > DEEPEST:
            raise _too_deep(self.file, _place(node))
        if len(self.values) > MOST_VALUES:
            raise _too_many(self.file, _place(node))
        self.values[path] = _place(node)
        if isinstance(node, MappingNode) and node.tag == _TAG + "map":
            return self.mapping(node, path)
        if isinstance(node, SequenceNode) and node.tag == _TAG + "seq":
            return [self.build(item, (*path, number)) for number, item in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            here = (*path, str(key.value)) if isinstance(key, ScalarNode) else path
            if not isinstance(key, ScalarNode) or key.tag not in {*_TEXTS, _TAG + "int"}:
                self.wrong(
                    path, Message("a key here is not a text"), Message("Put it in quotes."), place=_place(key)
                )
            elif here[-1] in found:
                first = self.keys[here].line
                remedy = Message("It stands on line {first} already. Delete one of the two.", first=first)
                self.wrong(here, Message("the key is there twice"), remedy, place=_place(key))
            else:
                self.keys[here] = _place(key)
                found[str(key.value)] = self.build(value, here)
        return found

    def scalar(self, node: Node, path: Path) -> Any:  # noqa: ANN401  (plain data)
        kind = str(node.tag).removeprefix(_TAG)
        if not isinstance(node, ScalarNode) or (
            kind not in {"int", "float", "bool", "null"} and node.tag not in _TEXTS
        ):
            tag = f"!!{kind}" if kind != node.tag else node.tag
            self.wrong(path, Message("the tag {tag} is not allowed", tag=tag), Message("Delete the tag."))
            return None
        return _scalar(kind, str(node.value))

    def wrong(self, path: Path, what: Message, remedy: Message, *, place: Place | None = None) -> None:
        place = place or self.values.get(path, Place(1, 1))
        self.problems.append(Problem(self.file, place, path, what, remedy))
        if len(self.problems) >= MOST_PROBLEMS:
            raise DocumentErrors(self.problems)


def _scalar(kind: str, text: str) -> str | int | float | bool | None:
    """A plain value as YAML 1.2 means it; numbers that no field could hold stay text."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int" and text.lstrip("+-").isdigit() and len(text) < 16:
        return int(text)
    if kind == "float" and _is_number(text):
        return float(text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _place(node: Node) -> Place:
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _too_deep(file: str, place: Place) -> DocumentErrors:
    return _one(
        file, place, Message("the document is nested too deeply"), Message("Allowed: {n} levels.", n=DEEPEST)
    )


def _one(file: str, place: Place, what: Message, remedy: Message) -> DocumentErrors:
    return DocumentErrors([Problem(file, place, (), what, remedy)])
