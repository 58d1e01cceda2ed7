"""Text to nodes by libyaml, event by event: whatever a text holds, no more is read than a plan may hold.

The parser in C takes time in proportion to the text; nesting, values and aliases are counted as they come, before
anything is resolved. Plain words are what YAML 1.2 says they are.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

TAG = "tag:yaml.org,2002:"
MOST_NODES = 50_000
MOST_ALIASES = 1_000
DEEPEST = 40
WITHIN = 10.0
"""Seconds, on a machine that is busy with other things; what the limits let through takes half a second."""
_PLAIN: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("null", re.compile(r"~|null|Null|NULL|")),
    ("bool", re.compile(r"true|True|TRUE|false|False|FALSE")),
    ("int", re.compile(r"[-+]?[0-9]+")),
    ("float", re.compile(r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*|[0-9][0-9_]*(?=[eE])|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?")),
    ("merge", re.compile(r"<<")),
)
LONGEST_WORD = 400
"""A plain word that is longer is a text: no pattern is tried on it."""


class LimitError(Exception):
    """The text holds more than a document may; `kind` says of what, `line` and `column` where, both from 0."""

    def __init__(self, kind: str, event: Event) -> None:
        super().__init__(kind)
        self.kind, self.line, self.column = kind, event.start_mark.line, event.start_mark.column


class UnknownAliasError(Exception):
    """An alias of a value that is nowhere named so."""

    def __init__(self, event: AliasEvent) -> None:
        super().__init__(event.anchor)
        self.name, self.line, self.column = event.anchor, event.start_mark.line, event.start_mark.column


@dataclass(slots=True)
class _Composer:
    """Nodes as events come."""

    clock: Callable[[], float]
    end: float
    most: int
    documents: list[Node | None] = field(default_factory=list)
    open: list[MappingNode | SequenceNode] = field(default_factory=list)
    keys: list[Node | None] = field(default_factory=list)
    """Of each open mapping the key whose value is due."""
    named: dict[str, Node] = field(default_factory=dict)
    last: MappingNode | SequenceNode | None = None
    """The list or mapping that was met last."""
    nodes: int = 0
    aliases: int = 0

    def take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self.count(event)
            self.documents.append(None)
            self.named = {}
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.open.pop()
            self.keys.pop()
        elif isinstance(event, NodeEvent):
            self.count(event)
            self.place(self.node(event))
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                self.begin(event)

    def count(self, event: Event) -> None:
        self.nodes += 1
        if self.nodes > self.most:
            raise LimitError("values", event)
        if self.nodes % 1000 == 0 and self.clock() > self.end:
            raise LimitError("time", event)

    def begin(self, event: Event) -> None:
        if len(self.open) >= DEEPEST + 1:
            raise LimitError("depth", event)
        if self.last is not None:
            self.open.append(self.last)
        self.keys.append(None)

    def node(self, event: NodeEvent) -> Node:
        if isinstance(event, AliasEvent):
            self.aliases += 1
            if self.aliases > MOST_ALIASES:
                raise LimitError("aliases", event)
            if event.anchor not in self.named:
                raise UnknownAliasError(event)
            return self.named[event.anchor]
        made = _node(event)
        if event.anchor is not None:
            self.named[event.anchor] = made
        if isinstance(made, MappingNode | SequenceNode):
            self.last = made
        return made

    def place(self, node: Node) -> None:
        if not self.open:
            self.documents[-1] = node
            return
        here = self.open[-1]
        if isinstance(here, SequenceNode):
            here.value.append(node)
            return
        key = self.keys[-1]
        if key is None:
            self.keys[-1] = node
        else:
            here.value.append((key, node))
            self.keys[-1] = None


def _node(event: NodeEvent) -> Node:
    marks = (event.start_mark, event.end_mark)
    if isinstance(event, ScalarEvent):
        tag = event.tag if event.tag not in (None, "!") else TAG + _kind(event)
        return ScalarNode(tag, event.value, *marks, style=event.style)
    kind, form = ("map", MappingNode) if isinstance(event, MappingStartEvent) else ("seq", SequenceNode)
    return form(event.tag if event.tag not in (None, "!") else TAG + kind, [], *marks)


def _kind(event: ScalarEvent) -> str:
    if not event.implicit[0] or event.tag == "!" or len(event.value) > LONGEST_WORD:
        return "str"
    return next((kind for kind, words in _PLAIN if words.fullmatch(event.value)), "str")


def composed(
    text: str, *, most: int = MOST_NODES, clock: Callable[[], float] = time.monotonic
) -> list[Node | None]:
    """Every document of the text; LimitError, UnknownAliasError or YAMLError where it cannot be taken."""
    parser = yaml.CBaseLoader(text)
    made = _Composer(clock, clock() + WITHIN, most)
    try:
        while not isinstance(event := parser.get_event(), StreamEndEvent):
            made.take(event)
    finally:
        parser.dispose()
    return made.documents
