"""What comes out, of gates, the programme and the chain."""

from datetime import date
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
