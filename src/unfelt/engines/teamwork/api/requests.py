"""What is asked for and answered: changes, lessons with their actions, waivers, the approval of change models."""

from typing import Any

from django.db.models import Model as Row
from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Status

from unfelt.documents.units import parse_duration
from unfelt.engines.asked import Number
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import NothingHereError, must, must_in_house, open_change
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.actions import answer_waiver, ask_for_waiver
from unfelt.engines.teamwork.api.shapes import (
    Lessons,
    LessonShown,
    Pending,
    Requests,
    RequestsAsked,
    RequestShown,
    lesson_shown,
)
from unfelt.engines.teamwork.asked import (
    AnswerAsked,
    ApprovalWanted,
    DeclineAsked,
    LessonAsked,
    PlannedAsked,
    RequestAsked,
    WaiverWanted,
)
from unfelt.engines.teamwork.pages.requests import open_to
from unfelt.engines.teamwork.requests import (
    APPROVE,
    KnownRequest,
    action_done,
    answer_approval,
    ask,
    ask_for_approval,
    decline,
    draw_lesson,
    lessons_of,
    planned_as,
    requests_like,
    with_names,
)
from unfelt.queries.plans import model_called
from unfelt.records.models import ApprovalAsked, Lesson, Request, WaiverAsked
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()

ON_A_PAGE = 100


def _found(rows: QuerySet[Any], number: int) -> Any:  # noqa: ANN401  (a row of that table)
    row: Row | None = rows.filter(pk=number).first()
    if row is None:
        raise NothingHereError
    return row


# Requests


@router.get("requests/", response={200: Requests, **REFUSED})
def requests(request: HttpRequest, asked: Query[RequestsAsked]) -> Answer:
    """What people want changed, the newest first, a hundred at a time."""
    must(reader(request), "read")
    rows = requests_like(asked.q, asked.state)
    first = (asked.page - 1) * ON_A_PAGE
    page = list(rows[first : first + ON_A_PAGE])
    listed = with_names(page, open_to(reader(request), page))
    return {"count": rows.count(), "requests": [_request(one) for one in listed]}


@router.post("requests/", response={201: RequestShown, **REFUSED})
def new_request(request: HttpRequest, asked: RequestAsked) -> Answer:
    """A change is asked for."""
    must(reader(request), "comment")
    by = member_of(reader(request))
    made = ask(asked.title, asked.why, wanted_by=asked.wanted_by, by=by, at=now_of(request))
    return Status(201, _shown(request, made))


@router.post("requests/{number}/decline/", response={200: RequestShown, **REFUSED})
def decline_request(request: HttpRequest, number: Number, asked: DeclineAsked) -> Answer:
    """It is not made, for that reason: who may write plans everywhere says so. The first answer stands."""
    must_in_house(reader(request), "write")
    row = _found(Request.objects.all(), number)
    decline(row, asked.reason, by=member_of(reader(request)), at=now_of(request))
    return _shown(request, row)


@router.post("requests/{number}/planned/", response={200: RequestShown, **REFUSED})
def plan_request(request: HttpRequest, number: Number, asked: PlannedAsked) -> Answer:
    """It became that change, which is on record; one that is answered stays as it is."""
    must(reader(request), "write")
    opened(request, asked.change, "write")
    row = _found(Request.objects.all(), number)
    planned_as(row, asked.change, by=member_of(reader(request)), at=now_of(request))
    return _shown(request, row)


def _shown(request: HttpRequest, row: Request) -> dict[str, Any]:
    row.refresh_from_db()
    return _request(with_names([row], open_to(reader(request), [row]))[0])


def _request(one: KnownRequest) -> dict[str, Any]:
    row = one.row
    return {
        "number": row.pk,
        "title": row.title,
        "why": row.why,
        "wanted_by": row.wanted_by,
        "by": one.by,
        "asked_at": row.asked_at,
        "state": one.state,
        "change": one.change,
        "answered_by": one.answered_by,
        "reason": row.reason,
    }


# Lessons


@router.get("changes/{name}/lessons/", response={200: Lessons, **REFUSED})
def lessons(request: HttpRequest, name: str) -> Answer:
    """What the change taught, oldest first."""
    opened(request, name)
    return {"lessons": [lesson_shown(one) for one in lessons_of(name)]}


@router.post("changes/{name}/lessons/", response={201: LessonShown, **REFUSED})
def new_lesson(request: HttpRequest, name: str, asked: LessonAsked) -> Answer:
    """What it taught; an action needs the member who does it."""
    opened(request, name, "comment")
    member = member_called(asked.member, field="member") if asked.member else None
    given: dict[str, Any] = asked.model_dump(exclude={"text", "member"})
    by = member_of(reader(request))
    made = draw_lesson(name, asked.text, **given, member=member, by=by, at=now_of(request))
    return Status(201, lesson_shown(made))


@router.post("lessons/{number}/done/", response={200: LessonShown, **REFUSED})
def lesson_done(request: HttpRequest, number: Number) -> Answer:
    """The action is done; only who has it in hand says so."""
    row = _found(Lesson.objects.select_related("member"), number)
    open_change(reader(request), row.change, "comment")
    action_done(row, by=member_of(reader(request)), at=now_of(request))
    row.refresh_from_db()
    return lesson_shown(row)


# Waivers


@router.post("changes/{name}/controls/{control_id}/waivers/", response={201: Pending, **REFUSED})
def new_waiver(request: HttpRequest, name: str, control_id: str, asked: WaiverWanted) -> Answer:
    """A second member is asked to agree that the control is let pass for a while."""
    shown, known = opened(request, name, "waive"), control_at(control_id)
    now = now_of(request)
    until = now + parse_duration(asked.length)
    terms = {"reason": asked.reason, "until": until, "asked": member_called(asked.agreed_by, field="agreed_by")}
    row = ask_for_waiver(shown.change, standards().playbook, known, terms, by=member_of(reader(request)), at=now)
    return Status(201, {"number": row.pk, "asked": row.asked.name, "answered_at": None})


@router.post("waivers/{number}/", response={200: Pending, **REFUSED})
def waiver_answered(request: HttpRequest, number: Number, asked: AnswerAsked) -> Answer:
    """Who was asked agrees, and it is given, or does not; the first answer stands."""
    must(reader(request), "waive")
    row = _found(WaiverAsked.objects.select_related("asked", "by"), number)
    shown, by = opened(request, row.change, "waive"), member_of(reader(request))
    answer_waiver(row, shown.change, standards().playbook, agrees=asked.agrees, by=by, at=now_of(request))
    row.refresh_from_db()
    return {"number": row.pk, "asked": row.asked.name, "answered_at": row.answered_at}


# Change models


@router.post("models/{model}/approval/", response={201: Pending, **REFUSED})
def new_approval(request: HttpRequest, model: str, asked: ApprovalWanted) -> Answer:
    """A second member is asked to approve the change model as it is now."""
    must_in_house(reader(request), APPROVE)
    found = model_called(model)
    if found is None:
        raise NothingHereError
    other = member_called(asked.agreed_by, field="agreed_by")
    row = ask_for_approval(found, other, by=member_of(reader(request)), at=now_of(request))
    return Status(201, {"number": row.pk, "asked": row.asked.name, "answered_at": None})


@router.post("approvals/{number}/", response={200: Pending, **REFUSED})
def approval_answered(request: HttpRequest, number: Number, asked: AnswerAsked) -> Answer:
    """Who was asked agrees, and the model is approved, or does not; the first answer stands."""
    must_in_house(reader(request), APPROVE)
    row = _found(ApprovalAsked.objects.select_related("asked", "by"), number)
    model, by = model_called(row.model.partition("@")[0]), member_of(reader(request))
    answer_approval(row, model, agrees=asked.agrees, by=by, at=now_of(request))
    row.refresh_from_db()
    return {"number": row.pk, "asked": row.asked.name, "answered_at": row.answered_at}
