"""Everything that holds the words, for scripts."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from unfelt.engines.asked import Asked
from unfelt.engines.find import everything_with
from unfelt.engines.people.access import must
from unfelt.engines.teamwork.api.shapes import CommentShown, LessonShown, lesson_shown
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer, InBoth
from unfelt.web.site.search import FOUND

router = Router()

OURS = ("changes", "lessons", "controls", "rollouts", "members", "comments")


class SearchAsked(Asked):
    """The words."""

    q: Annotated[str, Field(min_length=1, max_length=200)]


class ChangeFound(Schema):
    """A change in a line."""

    name: str
    title: str
    titles: InBoth
    owner: str
    team: str


class Found(Schema):
    """What holds the words, ten of each kind at most; all_changes: how many changes do.

    others: what else is found, by kind.
    """

    changes: list[ChangeFound]
    all_changes: int
    lessons: list[LessonShown]
    controls: list[str]
    rollouts: list[str]
    members: list[str]
    comments: list[CommentShown]
    others: dict[str, list[Any]]


@router.get("search/", response={200: Found, **REFUSED})
def search(request: HttpRequest, asked: Query[SearchAsked]) -> Answer:
    """Everything that holds the words and may be seen."""
    must(reader(request), "read")
    found = {one.name: some for one, some in everything_with(reader(request), asked.q, most=FOUND)}
    plain = {name: [line.plain for line in some.lines] for name, some in found.items()}
    plain["lessons"] = [lesson_shown(row) for row in plain.get("lessons", [])]
    ours = {name: plain.pop(name, []) for name in OURS}
    return {**ours, "all_changes": found["changes"].all if "changes" in found else 0, "others": plain}
