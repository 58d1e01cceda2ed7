"""XML as a stream: no document types, no entities of its own, and no more of it than a report holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from xml.parsers import expat

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, ReportError

MOST_ELEMENTS = 400_000
DEEPEST = 50
LONGEST_TAG = 1_000_000
"""Bytes."""
PIECE = 1 << 16


class Reader(Protocol):
    """It is told of each element by its name without prefix, and of its text."""

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def text(self, piece: str) -> None:
        """Some of the text of the element that is open."""

    def end(self, tag: str) -> None:
        """It ends."""

    def report(self) -> Report:
        """What the whole was, once its end was met."""


Choose = Callable[[str, Mapping[str, str]], Reader]
"""The reader for a document that begins with that element; ReportError where there is none."""


@dataclass(slots=True)
class _Walk:
    """How far the document was read, and who reads it."""

    choose: Choose
    parser: expat.XMLParserType
    depth: int = 0
    elements: int = 0
    readers: list[Reader] = field(default_factory=list)

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise ReportError(Message("it has more than {n} elements: split it", n=MOST_ELEMENTS))
        if self.depth >= DEEPEST:
            raise ReportError(Message("it is nested more than {n} deep", n=DEEPEST))
        self.depth += 1
        if not self.readers:
            self.readers.append(self.choose(tag, attributes))
            self.parser.CharacterDataHandler = self.readers[0].text
        self.readers[0].begin(tag.rpartition(":")[2], attributes)

    def end(self, tag: str) -> None:
        self.depth -= 1
        self.readers[0].end(tag.rpartition(":")[2])


def read_xml(text: str, choose: Choose) -> Report:
    """What the reader made of it; ReportError for what is no XML or holds too much."""
    parser = expat.ParserCreate("utf-8")
    walk = _Walk(choose, parser)
    parser.StartElementHandler, parser.EndElementHandler = walk.begin, walk.end
    parser.StartDoctypeDeclHandler = _no_type
    content = text.encode("utf-8", "surrogatepass")
    try:
        for start in range(0, len(content), PIECE):
            parser.Parse(content[start : start + PIECE], False)
            if start - parser.CurrentByteIndex > LONGEST_TAG:
                raise ReportError(Message("a tag in it is longer than {n} bytes", n=LONGEST_TAG))
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ReportError(Message("it is not XML: {error}", error=str(error))) from error
    return walk.readers[0].report()


def _no_type(*_said: object) -> None:
    raise ReportError(Message("it has a document type of its own, which no report has"))
