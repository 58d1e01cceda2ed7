"""What a person brings from elsewhere, as evidence of its kind."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from math import isfinite
from pathlib import Path

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, parse_limit
from unfelt.documents.refusal import RefusalError
from unfelt.engines.ledger.artefacts import must_stay_inside, read_small
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.payload import Given, Payload, form_of, is_known
from unfelt.engines.ledger.programs import CommandRan, Reported
from unfelt.engines.ledger.reports.form import Report, ReportError
from unfelt.engines.ledger.reports.read import read_report, reread

READS = ("report", "rows", "answers")
"""Kinds whose file is a report or plain numbers, and is refused where it is neither."""


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


@dataclass(frozen=True, slots=True)
class Kept:
    """Evidence that somebody brings, the content of its file, and what else it was read from."""

    payload: Payload
    content: bytes | None = None
    beside: tuple[bytes, ...] = ()


def brought(what: Brought) -> Kept:
    """As evidence of its kind. GateError where the file or the kind will not do."""
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
    report, old = None, None
    numbers = dict(what.numbers)
    if content is not None and what.kind not in ("document", "sign-off"):
        old = read_small(what.against) if what.against is not None else None
        report = _read(what, content, old)
        numbers = _joined(report.numbers, numbers) if report is not None else numbers
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
        against_digest=hashlib.sha256(old).hexdigest() if old is not None else "",
        peak=what.peak,
        parts=what.parts,
        dated=what.dated,
        until=what.until,
        typed=tuple(sorted({*what.numbers, *what.names})),
    )
    return Kept(form_of(what.kind).bring(given), content, (old,) if old is not None else ())


def ran(what: Brought, program: CommandRan) -> Kept:
    """The program beside the report that it wrote; GateError where that cannot be read."""
    kept = brought(what)
    report = kept.payload
    if not isinstance(report, Reported) or kept.content is None:
        raise GateError(Message("{file} is no report.", file=what.file or ""))
    found = program.model_copy(
        update={
            "numbers": dict(report.numbers),
            "state": report.state,
            "said": report.why,
            "report_digest": hashlib.sha256(kept.content).hexdigest(),
            "against_digest": report.against_digest,
            "peak": report.peak,
            "reader": report.reader,
        }
    )
    return Kept(found, None, (kept.content, *kept.beside))


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


def _read(what: Brought, content: bytes, old: bytes | None) -> Report | None:
    """The report in the file beside that of the old version; None where it is none, and its kind has its own form.

    GateError where it cannot be read, or where the kind has no word for a report of which nothing follows.
    """
    file = what.file or Path()
    if what.peak is not None and not (isfinite(what.peak) and what.peak > 0):
        raise GateError(Message("The peak is {peak}: a number above 0 is due.", peak=what.peak))
    if old is not None:
        _readable(what.against or Path(), old)
    try:
        report = reread(content, old, what.peak)
    except ReportError as error:
        if what.kind not in READS:
            return None
        raise GateError(Message("{file}: {problem}", file=file.name, problem=error.message)) from error
    if report.ran.why is not None and what.kind != "report":
        raise GateError(Message("{file}: {problem}", file=file.name, problem=report.ran.why))
    if what.numbers and not report.numbers and what.kind in READS:
        said = Message(
            "there is no number in it: numbers typed beside it are brought without it, it as a document"
        )
        raise GateError(Message("{file}: {problem}", file=file.name, problem=said))
    return report


def _readable(file: Path, content: bytes) -> None:
    try:
        read_report(content)
    except ReportError as error:
        raise GateError(Message("{file}: {problem}", file=file.name, problem=error.message)) from error
