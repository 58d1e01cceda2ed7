"""Who has a control in hand."""

from datetime import date

from pydantic import Field

from unfelt.web.frame.shapes import Asked


class HandAsked(Asked):
    """Who has it in hand, and by when; nobody if empty."""

    to: str = Field(default="", max_length=200)
    due: date | None = None
