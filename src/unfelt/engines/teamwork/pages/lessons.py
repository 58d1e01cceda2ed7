"""What a change taught, and what is done about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from unfelt.engines.people.access import NothingHereError
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.asked import LessonAsked
from unfelt.engines.teamwork.requests import action_done, draw_lesson
from unfelt.records.models import Lesson
from unfelt.web.access.changes import me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.frame.forms import asked_in
from unfelt.web.frame.page import action


@action("changes/<str:name>/lessons/", right="comment", shows="review")
def lesson(request: HttpRequest, name: str) -> HttpResponse:
    """What the change taught, and who does what about it."""
    opened(request, name, "comment")
    asked = asked_in(request, LessonAsked)
    member = member_called(asked.member, field="member") if asked.member else None
    given: dict[str, Any] = asked.model_dump(exclude={"text", "member"})
    draw_lesson(name, asked.text, **given, member=member, by=me_at(request), at=now_of(request))
    return redirect(f"/changes/{name}/review/#lessons")


@action("mine/actions/<int:number>/done/", right="read", name="action_done")
def done(request: HttpRequest, number: int) -> HttpResponse:
    """An action of theirs is done."""
    row = Lesson.objects.filter(pk=number, member=me_at(request)).first()
    if row is None:
        raise NothingHereError
    action_done(row, by=me_at(request), at=now_of(request))
    return redirect("work")
