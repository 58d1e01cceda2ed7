"""What goes in and what comes out where something is asked for."""

from datetime import date, datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from unfelt.engines.asked import Asked
from unfelt.records.models import Lesson
from unfelt.web.frame.shapes import InBoth


class RequestsAsked(Asked):
    """Which requests."""

    q: str = Field(default="", max_length=200)
    state: Literal["", "open", "planned", "declined"] = ""
    page: int = Field(default=1, ge=1, le=1_000_000)


class RequestShown(Schema):
    """A request and what became of it."""

    number: int
    title: str
    why: str
    wanted_by: date | None
    by: str
    asked_at: datetime
    state: Literal["open", "planned", "declined"]
    change: str
    answered_by: str
    reason: str


class Requests(Schema):
    """Some requests, and how many there are."""

    count: int
    requests: list[RequestShown]


class LessonShown(Schema):
    """A lesson and its action."""

    number: int
    change: str
    text: str
    texts: InBoth
    action: str
    actions: InBoth
    member: str
    due: date | None
    drawn_at: datetime
    done_at: datetime | None


def lesson_shown(row: Lesson) -> dict[str, Any]:
    """The lesson as data, in the reader's language and in both."""
    member = row.member.name if row.member else ""
    plain = {field: getattr(row, field) for field in ("change", "text", "action", "due", "drawn_at", "done_at")}
    both = {"texts": row.texts.plain(), "actions": row.actions.plain()}
    return {"number": row.pk, "member": member, **both, **plain}


class Lessons(Schema):
    """Everything that a change taught, oldest first."""

    lessons: list[LessonShown]


class Pending(Schema):
    """What was asked of whom; answered_at: none while it waits."""

    number: int
    asked: str
    answered_at: datetime | None


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


class OtherLine(Schema):
    """One thing that waits in another list: its list, what it is, and where it is done."""

    title: str
    what: str
    detail: str
    address: str
    due: date | None
    is_late: bool


class Work(Schema):
    """What waits for the token's member. others: of lists such as plans to read and hand-overs to accept."""

    sign: list[WorkLine]
    do: list[WorkLine]
    questions: list[CommentShown]
    shut: list[WorkLine]
    others: list[OtherLine]
