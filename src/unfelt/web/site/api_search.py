"""Everything that holds the words, for scripts."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from unfelt.engines.people.access import must
from unfelt.engines.teamwork.api.comment_shapes import CommentShown
from unfelt.queries.overview import everything_with
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer, Asked

router = Router()


class SearchAsked(Asked):
    """The words."""

    q: Annotated[str, Field(min_length=1, max_length=200)]


class ChangeFound(Schema):
    """A change in a line."""

    name: str
    title: str
    owner: str
    team: str


class Found(Schema):
    """What holds the words, ten of each kind at most; all_changes: how many changes do."""

    changes: list[ChangeFound]
    all_changes: int
    controls: list[str]
    rollouts: list[str]
    members: list[str]
    comments: list[CommentShown]


@router.get("search/", response={200: Found, **REFUSED})
def search(request: HttpRequest, asked: Query[SearchAsked]) -> Answer:
    """Everything that holds the words and may be seen."""
    must(reader(request), "read")
    found = everything_with(reader(request), asked.q)
    plain = {
        "controls": [control.id for _area, control in found["controls"]],
        "rollouts": [row.id for row in found["rollouts"]],
        "members": [one.name for one in found["members"]],
    }
    return {**found, **plain}
