"""What came of a change."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.engines.teamwork.asked import LessonAsked
from unfelt.engines.teamwork.reading import people_of
from unfelt.engines.teamwork.requests import lessons_of
from unfelt.queries.changes import parts_of
from unfelt.rollout.report import report_of
from unfelt.rollout.start import planned
from unfelt.web.access.changes import opened
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import typed_in
from unfelt.web.frame.page import Tab, page


@page("changes/<str:name>/review/", Message("Review"), right="read", tabs=(Tab("change", 6),))
def review(request: HttpRequest, name: str) -> HttpResponse:
    """What was predicted beside what happened, rollout by rollout, and what close still asks for."""
    shown = opened(request, name)
    rollouts = [(row, report_of(row, planned(row))) for row in shown.rollouts if row.ended is not None]
    expected = sum(risk.chance * risk.affects for risk in shown.change.risks)
    more = {
        "rollouts": rollouts,
        "expected": expected,
        "close": shown.found.gate("close"),
        "lessons": lessons_of(name),
        "parts": parts_of(reader(request), name),
        "members": people_of(shown.team),
        "typed": typed_in(request, *LessonAsked.model_fields),
    }
    return render(request, "review.html", with_change(request, shown, more))
