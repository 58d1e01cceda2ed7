"""What comes out, of gates, the programme and the chain."""

from datetime import date, datetime
from typing import Any

from ninja import Schema


class Holding(Schema):
    """A control that holds a gate."""

    control: str
    state: str
    why: str


class GateShown(Schema):
    """A gate."""

    gate: str
    is_open: bool
    behind: str | None
    holding: list[Holding]


class DueShown(Schema):
    """Recurring work."""

    control: str
    what: str
    owner: str
    due: date
    state: str


class Programme(Schema):
    """Recurring work, the most pressing first."""

    due: list[DueShown]


class EntryShown(Schema):
    """An entry of the chain, with names in the place of tokens."""

    number: int
    at: str
    kind: str
    by: str
    change: str
    rollout: str
    digest: str
    body: dict[str, Any]


class Entries(Schema):
    """A page of entries, newest first; `more`: ask again with it as `before`."""

    entries: list[EntryShown]
    more: int | None


class FileShown(Schema):
    """Bytes that are kept with a record; erased: the entry that says that they are gone."""

    digest: str
    erased: int | None


class EvidenceShown(Schema):
    """One record."""

    number: int
    kind: str
    origin: str
    verdict: str
    found_at: datetime
    by: str
    why: str
    numbers: dict[str, float]
    candidate: str
    """What was tried; empty where nothing was, or the plan did not name it."""
    files: list[FileShown]
    supersedes: int | None
    """The record in whose place it is."""
    because: str
    superseded_by: int | None
    """The record that took its place: it does not count."""


class ControlShown(Schema):
    """A control of a change."""

    control: str
    title: str
    question: str
    state: str
    why: str
    owner: str
    takes: list[str]
    least: str
    """The least origin that it accepts."""
    limits: dict[str, str]
    evidence: list[EvidenceShown]


class RecordedShown(Schema):
    """What was put on record, and the verdict that follows from it."""

    number: int
    verdict: str
    why: str
    origin: str
    """How it was come by: observed, derived, read, stated or signed."""
    is_enough: bool
    """The control accepts what was come by so."""


class BesideShown(Schema):
    """A number beside its limit; holds: null where it is not there, or may lie on either side."""

    name: str
    number: str
    limit: str
    holds: bool | None


class AtGateShown(Schema):
    """What it would do at a gate that asks for the control."""

    gate: str
    is_enough: bool
    why: str


class PreviewShown(Schema):
    """What would be on record, and what it would do; nothing is written."""

    kind: str
    verdict: str
    why: str
    origin: str
    is_enough: bool
    candidate: str
    format: str
    """Of the file that was read; empty where none was."""
    tool: str
    ran: str
    """Of a report: ran, nothing, failed, little or broken."""
    numbers: dict[str, float]
    limits: list[BesideShown]
    gates: list[AtGateShown]
    state: str
    """Where the control would stand."""
    decided_by: int | None
    """Another record by which it would stand so all the same."""
