"""What goes in and what comes out, of plans."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from unfelt.web.frame.shapes import Asked, Text, Wrong


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


class Noted(Schema):
    """The entry that says it."""

    number: int
