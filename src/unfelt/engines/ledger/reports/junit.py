"""JUnit's XML as it comes: counts and names of what failed are kept, and no more is read than a report holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from unfelt.conf.language import Message
from unfelt.engines.ledger.reports.form import Report, ReportError

MOST_ELEMENTS = 400_000
DEEPEST = 50
LONGEST_TAG = 1_000_000
"""Bytes."""
PIECE = 1 << 16


@dataclass(slots=True)
class _Read:
    """What was met so far: the open elements, and of the open test how it fared."""

    path: list[str] = field(default_factory=list)
    tag: str = ""
    name: str = ""
    elements: int = 0
    tests: int = 0
    skipped: int = 0
    failed: set[str] = field(default_factory=set)
    failures: int = 0
    open: list[tuple[int, str, set[str]]] = field(default_factory=list)
    """Of each open test its depth, its name, and what it holds."""

    def begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        if self.elements > MOST_ELEMENTS:
            raise ReportError(Message("it has more than {n} elements: split it", n=MOST_ELEMENTS))
        if len(self.path) >= DEEPEST:
            raise ReportError(Message("it is nested more than {n} deep", n=DEEPEST))
        if not self.path:
            self.tag, self.name = tag, attributes.get("name", "")
            if tag not in ("testsuites", "testsuite"):
                raise ReportError(Message("it is XML, and not of JUnit: it begins with {tag}", tag=tag[:80]))
        if self.open and self.open[-1][0] == len(self.path) and tag in ("failure", "error", "skipped"):
            self.open[-1][2].add(tag)
        self.path.append(tag)
        if tag == "testcase":
            self.tests += 1
            name = f"{attributes.get('classname', '')}.{attributes.get('name', '')}"
            self.open.append((len(self.path), name, set()))

    def end(self, tag: str) -> None:
        if tag == "testcase":
            _depth, name, held = self.open.pop()
            if held & {"failure", "error"}:
                self.failures += 1
                self.failed.add(name)
            self.skipped += "skipped" in held
        self.path.pop()


def junit(text: str) -> Report:
    """Tests, failures (errors are failures) and skipped ones; ReportError for what is none or holds too much."""
    found = _Read()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = found.begin, found.end
    parser.StartDoctypeDeclHandler = _no_type
    content = text.encode("utf-8", "surrogatepass")
    try:
        for start in range(0, len(content), PIECE):
            parser.Parse(content[start : start + PIECE], False)
            if start - parser.CurrentByteIndex > LONGEST_TAG:
                raise ReportError(Message("a tag in it is longer than {n} bytes", n=LONGEST_TAG))
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ReportError(Message("it is not XML: {error}", error=error)) from error
    counts = {"tests": found.tests, "failures": found.failures, "skipped": found.skipped}
    return Report("JUnit", {name: float(n) for name, n in counts.items()}, found.name, frozenset(found.failed))


def _no_type(*_said: object) -> None:
    raise ReportError(Message("it has a document type of its own, which no JUnit file has"))
