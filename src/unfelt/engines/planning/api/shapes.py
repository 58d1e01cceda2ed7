"""What goes in and what comes out, of changes."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from unfelt.engines.asked import Asked
from unfelt.engines.ledger.api.shapes import GateShown
from unfelt.web.frame.shapes import InBoth, Wrong


class Listed(Schema):
    """A change in a list."""

    id: str
    title: str
    titles: InBoth
    owner: str
    team: str
    tier: str
    touches: str
    held_at: str | None
    holding: list[str]


class ChangesAsked(Asked):
    """Any text of the plan, and what it says of team, tier and owner."""

    q: str = Field(default="", max_length=200)
    team: str = Field(default="", max_length=64)
    tier: str = Field(default="", max_length=20)
    owner: str = Field(default="", max_length=200)
    page: int = Field(default=1, ge=1, le=10**6)


class Changes(Schema):
    """A page of changes."""

    changes: list[Listed]
    count: int
    page: int
    pages: int


class ChangeShown(Schema):
    """A change and its gates."""

    id: str
    title: str
    titles: InBoth
    owner: str
    team: str
    tier: str
    why: str
    planned_at: datetime
    gates: list[GateShown]
    rollouts: list[str]


class PlanShown(Schema):
    """A plan as text."""

    number: int
    text: str
    by: str
    at: datetime | None


class LookedOver(Schema):
    """What a text would change: its lines, and the evidence that it voids."""

    holds: bool
    problems: list[Wrong]
    difference: list[str]
    voids: list[str]


class Noted(Schema):
    """The entry that says it."""

    number: int
