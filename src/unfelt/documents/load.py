"""Files to documents: read, upgraded, checked whole, with every problem at once."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from unfelt.conf.language import Message
from unfelt.documents.catalog import Catalog
from unfelt.documents.change import MODEL_NAME, Change
from unfelt.documents.checks import check_catalog, check_change, check_playbook, check_programme
from unfelt.documents.findings import Finding, listed, mapping
from unfelt.documents.model import Model, check_model, example_of, filled, model_file
from unfelt.documents.playbook import Playbook
from unfelt.documents.problems import NO_VALUE, DocumentErrors, Path, Problem
from unfelt.documents.programme import Programme
from unfelt.documents.reading import MOST_PROBLEMS, Raw, read, read_bytes
from unfelt.documents.refusal import RefusalError
from unfelt.documents.revision import Document, revise
from unfelt.documents.schema import fields_at
from unfelt.documents.translation import translate
from unfelt.documents.upgrades import upgrade
from unfelt.documents.values import READING

Form = TypeVar("Form", bound=BaseModel)
Filled = tuple[dict[str, Any] | None, list[Finding]]


@dataclass(frozen=True, slots=True)
class Kind(Generic[Form]):
    """A kind of document: its form, and what must fit together within it."""

    name: str
    model: type[Form]
    check: Callable[[Mapping[str, Any]], Iterator[Finding]]
    fill: Callable[[Mapping[str, Any], FilePath], Filled] = lambda data, _place: (dict(data), [])
    """What stands elsewhere and belongs to it, by the directory that the document lies in."""


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Form]):
    """A document that holds, and where each of its parts was written."""

    document: Form
    raw: Raw


PROGRAMME = Kind("programme", Programme, check_programme)
MODEL = Kind("model", Model, check_model)


def _filled(data: Mapping[str, Any], place: FilePath) -> Filled:
    """The change with what its model says, None where there is no such model; and what does not fit it."""
    named = mapping(data.get("change")).get("model")
    here: Path = ("change", "model")
    if not isinstance(named, str):
        return dict(data), []
    if not re.fullmatch(MODEL_NAME, named):
        return None, [Finding(here, *translate("string_pattern_mismatch", {}, here, known=()))]
    name, _, pinned = named.partition("@")
    file = model_file(name, place)
    if isinstance(file, Message):
        return None, [Finding(here, Message("there is no such change model"), file)]
    try:
        model = load_model(file)
    except DocumentErrors as errors:
        what = Message("the change model {file} does not hold", file=file.name)
        return None, [Finding(here, what, errors.problems[0].sentence)]
    digest = revise(model).digest[:12]
    if pinned not in ("", digest):
        what = Message("the change model is another one now: {digest}", digest=digest)
        return None, [Finding(here, what, Message("Read what it says now, then write only its name."))]
    found, findings = filled(data, model)
    found["change"]["model"] = f"{name}@{digest}"
    return found, [] if findings and _says_the_same(data, found) else findings


def _says_the_same(data: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """The change says all of it itself, only spelled otherwise: it is an expanded plan that was loaded again."""
    try:
        whole = Change.model_validate(data, context=READING)
        return revise(whole).digest == revise(Change.model_validate(found, context=READING)).digest
    except ValidationError:
        return False


CHANGE = Kind("change", Change, check_change, _filled)
CATALOG = Kind("catalog", Catalog, check_catalog)
PLAYBOOK = Kind("playbook", Playbook, check_playbook)
KINDS: dict[str, Kind[Any]] = {
    "playbook": PLAYBOOK,
    "programme": PROGRAMME,
    "model": MODEL,
    "touchpoints": CATALOG,
    "change": CHANGE,
}
"""Each kind of document by the field that tells it from the others."""
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


def load_programme(path: FilePath) -> Programme:
    """The programme in the file; DocumentErrors with everything that is wrong, OSError where it cannot be read."""
    return load(path, PROGRAMME).document


def programme_of(plan: FilePath, *, named: FilePath | None = None) -> Programme | None:
    """The programme that the plan in that file inherits from: the named one, else that beside it, if any."""
    file = named or plan.parent / "programme.yaml"
    return load_programme(file) if named or file.exists() else None


def load_other(path: FilePath) -> Document | None:
    """The document in the file if it is another kind than a change; DocumentErrors with all that is wrong."""
    raw = read(path)
    kind = next((kind for name, kind in KINDS.items() if name in raw.data), CHANGE)
    if kind is CHANGE:
        return None
    return load_model(path) if kind is MODEL else checked(raw, kind).document


def load_model(path: FilePath) -> Model:
    """The change model in the file, which holds with its own examples; DocumentErrors with all that is wrong."""
    loaded = load(path, MODEL)
    model = loaded.document
    try:
        data, findings = filled(example_of(model), model)
        checked(replace(loaded.raw, data=data), replace(CHANGE, fill=lambda data, _place: (dict(data), findings)))
    except DocumentErrors as errors:
        raise DocumentErrors(_of_model(problem, loaded.raw) for problem in errors.problems) from None
    return model


def _of_model(problem: Problem, raw: Raw) -> Problem:
    """A problem of the change that a model's examples make, where the model says it."""
    for part in ("fixed", "defaults"):
        path = (part, *problem.path)
        if raw.value(path) is not NO_VALUE:
            return replace(problem, path=path, place=raw.place(path))
    pointer = "/" + "/".join(map(str, problem.path))
    asked = [n for n, ask in enumerate(listed(raw.data.get("asks"))) if str(mapping(ask).get("field")) == pointer]
    path = ("asks", asked[0], "example") if asked else ("fixed", *problem.path)
    return replace(problem, path=path, place=raw.place(path))


def load(path: FilePath, kind: Kind[Form]) -> Loaded[Form]:
    """The document of that kind in the file."""
    return checked(read(path), kind)


def load_text(text: str, kind: Kind[Form], *, file: str) -> Loaded[Form]:
    """The document of that kind in the text; `file` is what errors call it."""
    return checked(read_bytes(text.encode("utf-8", "surrogatepass"), file=file), kind)


def checked(raw: Raw, kind: Kind[Form]) -> Loaded[Form]:
    """The document that was read, or DocumentErrors with all its problems."""
    try:
        data = upgrade(raw.data)
    except RefusalError as error:
        raise DocumentErrors([_problem(raw, Finding(("unfelt",), error.what, error.remedy))]) from None
    whole, unfilled = kind.fill(data, FilePath(raw.file).parent)
    if whole is None:
        raise DocumentErrors(_problem(raw, finding) for finding in unfilled)
    data, as_written, raw = whole, raw, replace(raw, data=whole)
    findings = list(kind.check(data))
    try:
        document = kind.model.model_validate(data, context=READING)
    except ValidationError as error:
        findings = [*_schema_findings(error, raw, kind), *findings]
        document = None
    if document is None or findings or unfilled:
        problems = [_problem(raw, finding) for finding in _one_a_place(findings)[:MOST_PROBLEMS]]
        raise DocumentErrors([*(_problem(as_written, finding) for finding in unfilled), *problems])
    return Loaded(document, raw)


def _schema_findings(error: ValidationError, raw: Raw, kind: Kind[Form]) -> list[Finding]:
    found = error.errors(include_url=False)[:MOST_PROBLEMS]
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
