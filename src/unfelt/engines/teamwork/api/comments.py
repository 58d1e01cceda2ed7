"""What is said about a change, and who has it in hand, for scripts."""

from django.http import HttpRequest
from ninja import Router, Status

from unfelt.engines.asked import Words
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.actions import assign, comment
from unfelt.engines.teamwork.api.shapes import Comments, CommentShown
from unfelt.engines.teamwork.asked import CommentAsked, HandAsked
from unfelt.engines.teamwork.reading import comments_on
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


@router.put("{name}/controls/{control_id}/hand/", response={204: None, **REFUSED})
def hand(request: HttpRequest, name: str, control_id: str, asked: HandAsked) -> Answer:
    """The control is in somebody's hands, by a day; or in nobody's."""
    opened(request, name, "assign")
    known = control_at(control_id)
    member = member_called(asked.to) if asked.to else None
    assign(name, known.id, member, due=asked.due, by=reader(request).name, at=now_of(request))
    return Status(204, None)


@router.get("{name}/comments/", response={200: Comments, **REFUSED})
def comments(request: HttpRequest, name: str, control: Words = "") -> Answer:
    """What was said about the change, or about one of its controls."""
    opened(request, name)
    return {"comments": comments_on(name, control)}


@router.post("{name}/comments/", response={201: CommentShown, **REFUSED})
def say(request: HttpRequest, name: str, asked: CommentAsked) -> Answer:
    """A comment; whom it names with `@` is asked."""
    opened(request, name, "comment")
    if asked.control:
        control_at(asked.control)
    by = member_of(reader(request))
    made = comment(name, asked.control, asked.text, by=by, at=now_of(request))
    return Status(201, next(one for one in comments_on(name, asked.control) if one.number == made.pk))
