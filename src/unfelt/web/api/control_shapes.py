"""What the API says and takes about plans, controls and their evidence."""

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from unfelt.web.api.shapes import Asked, Short, Text, Wrong


class EvidenceAsked(Asked):
    """The kind, and numbers such as `delivered=98.5%`, in the units of the control's limits."""

    kind: Short
    number: list[Short] = Field(default=[], max_length=100)
    plan_digest: str = Field(default="", max_length=64)
    """Refused unless the plan has this digest (its first twelve digits are enough): that of the plan it is for."""


class PlanShown(Schema):
    """A plan as text."""

    number: int
    text: str
    by: str
    at: datetime | None


class PlanAsked(Asked):
    """A plan to save: based_on is the number of the text that it was edited from."""

    text: Text
    based_on: int = Field(ge=1, le=2**31)


class TextAsked(Asked):
    """A plan as text."""

    text: Text


class LookedOver(Schema):
    """What a text would change: its lines, and the evidence that it voids."""

    holds: bool
    problems: list[Wrong]
    difference: list[str]
    voids: list[str]


class EvidenceShown(Schema):
    """One record."""

    number: int
    kind: str
    verdict: str
    found_at: datetime
    by: str
    why: str
    numbers: dict[str, float]


class ControlShown(Schema):
    """A control of a change."""

    control: str
    title: str
    question: str
    state: str
    why: str
    owner: str
    takes: list[str]
    limits: dict[str, str]
    evidence: list[EvidenceShown]


class SignAsked(Asked):
    """A signature, or with a reason a refusal."""

    refuse: str = Field(default="", max_length=2_000)


class RecordedShown(Schema):
    """What was put on record, and the verdict that follows from it."""

    number: int
    verdict: str
    why: str


class Noted(Schema):
    """The entry that says it."""

    number: int


class HandAsked(Asked):
    """Who has it in hand, and by when; nobody if empty."""

    to: str = Field(default="", max_length=200)
    due: date | None = None
