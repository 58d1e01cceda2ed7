"""What a control wants to be brought: files and numbers by kind of evidence, with examples and templates."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control, Limit, Origin
from unfelt.engines.ledger.gates.standing import SIGNED_FOR
from unfelt.engines.ledger.origins import suffices
from unfelt.engines.ledger.payload import form_of
from unfelt.engines.ledger.reports.formats import FORMATS, PLAIN, Format, that_give

UNITS: dict[str, tuple[Message, str]] = {
    "": (Message("a count"), "3"),
    "%": (Message("a part of a hundred"), "98.5%"),
    "x": (Message("a ratio"), "1.3x"),
    "s": (Message("a length of time"), "90m"),
}
"""What each unit of a limit is, and how a number of it is typed."""
READ_FILES = ("report", "rows", "answers")
"""Kinds whose file is read for numbers."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A number that is asked for: what files call it, its limit, what it is, and how one is typed."""

    name: str
    called: str
    limit: Limit
    unit: Message
    example: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of evidence that a control takes. origin: how it is come by at best; valid: how long that counts.

    made_by: the command that alone makes it; empty where people bring it. formats: those that give a number which
    is asked for, of all where none does. templates: the endings of files to fill in.
    """

    kind: str
    what: Message
    made_by: str
    origin: Origin
    is_enough: bool
    valid: timedelta
    formats: tuple[Format, ...]
    numbers: tuple[Asked, ...]
    templates: tuple[str, ...]


def wanted_by(control: Control) -> list[Wanted]:
    """Every kind that the control takes but signatures, strongest first."""
    return [_wanted(control, kind) for kind in control.evidence if kind != "sign-off"]


def _wanted(control: Control, kind: str) -> Wanted:
    form, numbers = form_of(kind), tuple(asked_by(control, kind))
    origin: Origin = form.origin
    formats: tuple[Format, ...] = ()
    if form.is_brought and kind in READ_FILES:
        fitting = that_give(one.called for one in numbers)
        formats = ((fitting or FORMATS) if kind == "report" else ()) + (PLAIN,)
    return Wanted(
        kind,
        form.wants,
        form.made_by,
        origin,
        suffices(origin, control.least),
        min(control.valid, SIGNED_FOR) if origin in ("stated", "signed") else control.valid,
        formats,
        numbers,
        templates_of(control, kind),
    )


def asked_by(control: Control, kind: str) -> Iterator[Asked]:
    """The numbers of the control's limits, as that kind of evidence calls them."""
    called = {str(known): names for known, names in control.reads.items()}.get(kind, {})
    for name, limit in control.limits.items():
        unit, example = UNITS[limit.unit]
        yield Asked(name, called.get(name, name), limit, unit, example)


def templates_of(control: Control, kind: str) -> tuple[str, ...]:
    """The endings of the templates that there are for that kind."""
    if not form_of(kind).is_brought:
        return ()
    if kind == "document":
        return ("md",)
    return ("json", "csv") if kind in READ_FILES and control.limits else ()


def template_json(control: Control, kind: str) -> str:
    """Numbers to fill in, beside what each is; as it is it holds none."""
    asked = list(asked_by(control, kind))
    how = Message("Write a number for each name: parts of a hundred as fractions (0.985), times in seconds.")
    plain = {
        "about": f"{control.id}: {control.question!s} {how!s}",
        "limits": {one.called: str(one.limit) for one in asked},
        "units": {one.called: str(_unit_in_files(one)) for one in asked},
        "numbers": {one.called: None for one in asked},
    }
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def template_rows(control: Control, kind: str) -> tuple[str, list[str]]:
    """The heading of a table of numbers to fill in, which says what each is; and their names."""
    asked = list(asked_by(control, kind))
    said = "; ".join(f"{one.called}: {_unit_in_files(one)}, {one.limit}" for one in asked)
    return f"{control.id} ({said})", [one.called for one in asked]


def template_paper(control: Control) -> str:
    """Headings under which a document answers the control."""
    parts = (Message("What was looked at"), Message("What was found"), Message("What is open, whose, until when"))
    last = (Message("Who wrote it, on which day"), Message("Until when it holds"))
    numbers = [f"- {one.name} ({one.unit}, {one.limit}): " for one in asked_by(control, "document")]
    lines = [f"# {control.title!s}", "", str(control.question), ""]
    for number, part in enumerate((*parts, *last)):
        lines += [f"## {part}", "", *([*numbers, ""] if number == 1 and numbers else [])]
    return "\n".join(lines)


def _unit_in_files(one: Asked) -> Message:
    return {"%": Message("a fraction, such as 0.985"), "s": Message("seconds")}.get(one.limit.unit, one.unit)
