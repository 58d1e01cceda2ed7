"""What a person brings from elsewhere, as evidence of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from pathlib import Path

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, parse_limit
from unfelt.documents.refusal import RefusalError
from unfelt.engines.ledger.artefacts import must_stay_inside, read_small
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.payload import Given, Payload, form_of, is_known
from unfelt.engines.ledger.reports.form import Report, ReportError
from unfelt.engines.ledger.reports.read import beside, read_report


@dataclass(frozen=True, slots=True)
class Brought:
    """A kind, numbers by hand (units as in the control's limits), and files.

    names: what a number of the file is called as the control's. against: the file of the old version. peak:
    requests a second. parts: headings that a document must have.
    """

    kind: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    file: Path | None = None
    against: Path | None = None
    peak: float | None = None
    parts: tuple[str, ...] = ()
    dated: date | None = None
    until: date | None = None


def number_for(control: Control, name: str, text: str) -> float:
    """A number that somebody writes down, in the unit of the control's limit of that name; parts as fractions.

    GateError for a name that the control does not ask for: a slip of the pen would stand on record for ever.
    """
    must_be_asked_for(control, name)
    try:
        found = parse_limit(f"<= {text.strip()}")
    except RefusalError as error:
        said = Message("{name} = {text}: {problem}", name=name, text=text, problem=str(error))
        raise GateError(said) from error
    limit = control.limits.get(name)
    if limit is not None and limit.unit != found.unit:
        said = Message(
            "{name} = {text}: its limit is {limit}, and this number has another unit.",
            name=name,
            text=text,
            limit=limit,
        )
        raise GateError(said)
    return found.value


def must_be_asked_for(control: Control, name: str) -> None:
    """GateError for the name of a number that the control's limits do not ask for, with the near ones."""
    asked = [*control.limits, *(source for names in control.reads.values() for source in names.values())]
    if control.limits and name not in asked:
        near = get_close_matches(name, asked, n=3) or list(control.limits)
        raise GateError(
            Message(
                "{control} asks for no number {name}, and nothing was put on record. It asks for: {near}",
                control=control.id,
                name=name,
                near=", ".join(near),
            )
        )


def brought(what: Brought) -> tuple[Payload, bytes | None]:
    """The payload, and the bytes to keep with it. GateError where the file or the kind will not do."""
    if not is_known(what.kind):
        kinds = ", ".join(plugins.names("evidence"))
        raise GateError(
            Message("There is no evidence of kind {kind}. Kinds: {kinds}", kind=what.kind, kinds=kinds)
        )
    must_be_brought(what.kind)
    content = None
    if what.file is not None:
        must_stay_inside(what.file.name, within=what.file.name)
        content = read_small(what.file)
    report = None
    numbers = dict(what.numbers)
    if content is not None and what.kind not in ("document", "sign-off"):
        report = _read(what.file or Path(), content, is_needed=what.kind == "report")
        numbers = _joined(_beside(report, what), numbers) if report is not None else numbers
    if not numbers and what.kind in ("rows", "answers"):
        raise GateError(
            Message("It holds no number, and nothing was put on record: give --number NAME=VALUE, or a --file.")
        )
    for name, source in what.names.items():
        if source not in numbers:
            known = ", ".join(numbers) or "–"
            raise GateError(Message("There is no number {name}. There are: {known}", name=source, known=known))
        numbers[name] = numbers[source]
    given = Given(
        numbers=numbers,
        name=what.file.name if what.file else "",
        content=content,
        report=report,
        against=what.against.name if what.against else "",
        parts=what.parts,
        dated=what.dated,
        until=what.until,
        typed=tuple(sorted({*what.numbers, *what.names})),
    )
    return form_of(what.kind).bring(given), content


def must_be_brought(kind: str) -> None:
    """GateError where nobody brings evidence of that kind: unfelt itself makes it, or a person signs."""
    if kind == "sign-off":
        raise GateError(Message("A signature is given by signing, and brought by nobody."))
    made_by = form_of(kind).made_by if is_known(kind) else ""
    if made_by:
        raise GateError(
            Message(
                "Evidence of kind {kind} is made by unfelt itself and brought by nobody: {command}",
                kind=kind,
                command=made_by,
            )
        )


def _joined(found: Mapping[str, float], typed: Mapping[str, float]) -> dict[str, float]:
    """The numbers of a file and those that were typed beside it; GateError where they contradict each other."""
    for name in found.keys() & typed.keys():
        if found[name] != typed[name]:
            raise GateError(
                Message(
                    "{name} is {found} in the file and {typed} by hand: a number of the file is not typed anew.",
                    name=name,
                    found=f"{found[name]:g}",
                    typed=f"{typed[name]:g}",
                )
            )
    return {**found, **typed}


def _read(file: Path, content: bytes, *, is_needed: bool) -> Report | None:
    """The report in the file; None where it is none and none is needed."""
    try:
        return read_report(content)
    except ReportError as error:
        if not is_needed:
            return None
        raise GateError(Message("{file}: {problem}", file=file.name, problem=error.message)) from error


def _beside(new: Report, what: Brought) -> dict[str, float]:
    old = None
    if what.against is not None:
        old = _read(what.against, read_small(what.against), is_needed=True)
    try:
        return beside(new, old, peak=what.peak)
    except ReportError as error:
        file = what.against.name if what.against else ""
        raise GateError(Message("{file}: {problem}", file=file, problem=error.message)) from error
