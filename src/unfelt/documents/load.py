"""Files to documents: read, upgraded, checked whole, with every problem at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.checks import check_catalog, check_change, check_playbook
from unfelt.documents.findings import Finding
from unfelt.documents.playbook import Playbook
from unfelt.documents.problems import NO_VALUE, DocumentErrors, Path, Problem
from unfelt.documents.reading import Raw, read, read_bytes
from unfelt.documents.refusal import RefusalError
from unfelt.documents.schema import fields_at
from unfelt.documents.translation import translate
from unfelt.documents.upgrades import upgrade
from unfelt.documents.values import READING

Document = TypeVar("Document", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Document]):
    """A kind of document: its form, and what must fit together within it."""

    name: str
    model: type[Document]
    check: Callable[[Mapping[str, Any]], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Document]):
    """A document that holds, and where each of its parts was written."""

    document: Document
    raw: Raw


CHANGE = Kind("change", Change, check_change)
CATALOG = Kind("catalog", Catalog, check_catalog)
PLAYBOOK = Kind("playbook", Playbook, check_playbook)
SHIPPED = FilePath(__file__).parent.parent / "playbooks" / "architecture-change.yaml"
"""The playbook that comes with unfelt."""


def load_change(path: FilePath) -> Change:
    """The change in the file; DocumentErrors with everything that is wrong, OSError where it cannot be read."""
    return load(path, CHANGE).document


def load_catalog(path: FilePath) -> Catalog:
    """The catalog in the file; DocumentErrors with everything that is wrong, OSError where it cannot be read."""
    return load(path, CATALOG).document


def load_playbook(path: FilePath | None = None) -> Playbook:
    """The playbook in the file, or the one that comes with unfelt; DocumentErrors with all that is wrong."""
    return load(path or SHIPPED, PLAYBOOK).document


def load(path: FilePath, kind: Kind[Document]) -> Loaded[Document]:
    """The document of that kind in the file."""
    return checked(read(path), kind)


def load_text(text: str, kind: Kind[Document], *, file: str) -> Loaded[Document]:
    """The document of that kind in the text; `file` is what errors call it."""
    return checked(read_bytes(text.encode("utf-8", "surrogatepass"), file=file), kind)


def checked(raw: Raw, kind: Kind[Document]) -> Loaded[Document]:
    """The document that was read, or DocumentErrors with all its problems."""
    try:
        data = upgrade(raw.data)
    except RefusalError as error:
        raise DocumentErrors([_problem(raw, Finding(("unfelt",), error.what, error.remedy))]) from None
    findings = list(kind.check(data))
    try:
        document = kind.model.model_validate(data, context=READING)
    except ValidationError as error:
        findings = [*_schema_findings(error, raw, kind), *findings]
        document = None
    if document is None or findings:
        raise DocumentErrors(_problem(raw, finding) for finding in _one_a_place(findings))
    return Loaded(document, raw)


def _schema_findings(error: ValidationError, raw: Raw, kind: Kind[Document]) -> list[Finding]:
    found = error.errors(include_url=False)
    paths = [_written_path(raw, one["loc"]) for one in found]
    deeper = {path[:length] for path in paths for length in range(len(path))}
    return [
        Finding(path, *translate(one["type"], one.get("ctx", {}), path, known=fields_at(kind.model, one["loc"])))
        for one, path in zip(found, paths, strict=True)
        if not (one["type"] == "too_short" and path in deeper)
    ]


def _written_path(raw: Raw, location: Iterable[str | int]) -> Path:
    """Where the schema's location stands in the document as written: without the names of alternatives."""
    path: Path = ()
    parts = tuple(location)
    for number, part in enumerate(parts):
        if part == "[key]":
            break
        if raw.value((*path, part)) is not NO_VALUE or number == len(parts) - 1:
            path = (*path, part)
    return path


def _one_a_place(findings: Iterable[Finding]) -> list[Finding]:
    """The first finding of each place: what a field itself lacks says more than what does not fit it."""
    first: dict[Path, Finding] = {}
    for finding in findings:
        first.setdefault(finding.path, finding)
    return list(first.values())


def _problem(raw: Raw, finding: Finding) -> Problem:
    value = raw.value(finding.path)
    shown = NO_VALUE if isinstance(value, dict | list) else value
    return Problem(raw.file, raw.place(finding.path), finding.path, finding.what, finding.remedy, shown)
