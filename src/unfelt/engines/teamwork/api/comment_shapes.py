"""What goes in and what comes out, of comments and work."""

from datetime import date, datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from unfelt.web.frame.shapes import Asked


class CommentAsked(Asked):
    """What is said."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
    control: str = Field(default="", max_length=80)


class CommentShown(Schema):
    """What was said."""

    number: int
    by: str
    text: str
    said_at: datetime
    change: str
    control: str


class Comments(Schema):
    """Everything that was said about a change or one of its controls, oldest first."""

    comments: list[CommentShown]


class WorkLine(Schema):
    """One thing that waits."""

    change: str
    control: str
    what: str
    due: date | None = None


class Work(Schema):
    """What waits for the token's member."""

    sign: list[WorkLine]
    do: list[WorkLine]
    questions: list[CommentShown]
    shut: list[WorkLine]
