"""What a change taught, and what is done about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from unfelt.engines.people.access import NothingHereError
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.requests import LESSON, action_done, draw_lesson
from unfelt.records.models import Lesson
from unfelt.web.access.acting import day_in
from unfelt.web.access.changes import me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.frame.forms import typed_in
from unfelt.web.frame.page import action


@action("changes/<str:name>/lessons/", right="comment", shows="review")
def lesson(request: HttpRequest, name: str) -> HttpResponse:
    """What the change taught, and who does what about it."""
    opened(request, name, "comment")
    typed = typed_in(request, *LESSON)
    member = member_called(typed["member"], field="member") if typed["member"].strip() else None
    given: dict[str, Any] = {"action": typed["action"], "member": member, "due": day_in(typed["due"])}
    given |= {"other": typed["other"], "other_action": typed["other_action"]}
    draw_lesson(name, typed["text"], **given, by=me_at(request), at=now_of(request))
    return redirect(f"/changes/{name}/review/#lessons")


@action("mine/actions/<int:number>/done/", right="read", name="action_done")
def done(request: HttpRequest, number: int) -> HttpResponse:
    """An action of theirs is done."""
    row = Lesson.objects.filter(pk=number, member=me_at(request)).first()
    if row is None:
        raise NothingHereError
    action_done(row, by=me_at(request), at=now_of(request))
    return redirect("work")
