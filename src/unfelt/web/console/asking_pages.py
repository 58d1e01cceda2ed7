"""What is asked for: changes, lessons with what is done about them, change models to be approved."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from unfelt.conf.refusal import NotDoneError
from unfelt.engines.people.reading import member_called
from unfelt.engines.people.rights import Reader
from unfelt.engines.teamwork.actions import TeamworkError
from unfelt.engines.teamwork.asking import (
    APPROVE,
    LESSON,
    action_done,
    answer_approval,
    approvals_open,
    ask,
    ask_for_approval,
    decline,
    draw_lesson,
    requests_like,
    with_names,
)
from unfelt.records.models import ApprovalAsked, Lesson, Member, Request
from unfelt.web.console.change_pages import me_at, opened
from unfelt.web.console.change_tabs import review_page
from unfelt.web.console.changes import visible
from unfelt.web.console.members.acting import day_in
from unfelt.web.console.members.reader import NothingHereError, may, must, must_in_house, reader
from unfelt.web.console.overview import models_with_approval
from unfelt.web.console.pages import answering, harmless_table
from unfelt.web.console.plans import model_called
from unfelt.web.console.shown import with_reader

STATES = ("open", "planned", "declined")
MOST = 100
"""Requests on the page, the newest first; the file has all of them."""


# Requests


@require_http_methods(["GET", "POST"])
@answering
@may("read")
def requests(request: HttpRequest) -> HttpResponse:
    """What people want changed; POST asks for something."""
    problem, typed = "", {name: request.POST.get(name, "") for name in ("title", "why", "wanted_by")}
    if request.method == "POST":
        must(reader(request), "comment")
        try:
            day = day_in(typed["wanted_by"])
            ask(typed["title"], typed["why"], wanted_by=day, by=me_at(request), at=datetime.now(UTC))
        except TeamworkError as error:
            problem = str(error.message)
        else:
            return redirect("requests")
    return _requests(request, problem=problem, typed=typed)


def _requests(request: HttpRequest, *, problem: str, typed: dict[str, str]) -> HttpResponse:
    wanted, state = _wanted(request)
    rows = requests_like(wanted, state)
    listed = list(rows[:MOST])
    shown = {
        "q": wanted,
        "state": state,
        "states": STATES,
        "count": rows.count(),
        "most": MOST,
        "requests": with_names(listed, open_to(reader(request), listed)),
        "problem": problem,
        "typed": typed,
    }
    return render(request, "requests.html", with_reader(request, shown), status=409 if problem else 200)


def open_to(known: Reader, rows: Iterable[Request]) -> set[str]:
    """The changes that these became, as far as the reader may open them."""
    became = {row.change for row in rows if row.change}
    return set(visible(known).filter(name__in=became).values_list("name", flat=True))


@require_GET
@answering
@may("read")
def requests_export(request: HttpRequest) -> HttpResponse:
    """The list as it is shown, for a spreadsheet."""
    found = list(requests_like(*_wanted(request)))
    rows = [
        {
            "number": one.row.pk,
            "title": one.row.title,
            "why": one.row.why,
            "wanted_by": one.row.wanted_by.isoformat() if one.row.wanted_by else "",
            "by": one.by,
            "asked_at": one.row.asked_at.isoformat(),
            "state": one.state,
            "change": one.change,
            "answered_by": one.answered_by,
            "reason": one.row.reason,
        }
        for one in with_names(found, open_to(reader(request), found))
    ]
    columns = ("number", "title", "why", "wanted_by", "by", "asked_at", "state", "change", "answered_by", "reason")
    return harmless_table("requests.csv", columns, rows)


def _wanted(request: HttpRequest) -> tuple[str, str]:
    state = request.GET.get("state", "")
    return request.GET.get("q", "").strip()[:200], state if state in STATES else ""


@require_POST
@answering
@may("write")
def request_declined(request: HttpRequest, number: int) -> HttpResponse:
    """It is not made; whoever asked is told why. A request is the house's: a role in one team does not do."""
    must_in_house(reader(request), "write")
    row = Request.objects.filter(pk=number).first()
    if row is None:
        raise NothingHereError
    try:
        decline(row, request.POST.get("reason", ""), by=me_at(request), at=datetime.now(UTC))
    except TeamworkError as error:
        return _requests(request, problem=str(error.message), typed={"title": "", "why": "", "wanted_by": ""})
    return redirect("requests")


# Lessons


@require_POST
@answering
@may("comment")
def lesson(request: HttpRequest, name: str) -> HttpResponse:
    """What the change taught, and who does what about it."""
    opened(request, name, "comment")
    typed = {key: request.POST.get(key, "") for key in LESSON}
    try:
        member = member_called(typed["member"], field="member") if typed["member"].strip() else None
        given: dict[str, Any] = {"action": typed["action"], "member": member, "due": day_in(typed["due"])}
        given |= {"other": typed["other"], "other_action": typed["other_action"]}
        draw_lesson(name, typed["text"], **given, by=me_at(request), at=datetime.now(UTC))
    except NotDoneError as error:
        return review_page(request, name, problem=str(error.message), typed=typed)
    return redirect(f"/changes/{name}/review/#lessons")


@require_POST
@answering
@may("read")
def done(request: HttpRequest, number: int) -> HttpResponse:
    """An action of theirs is done."""
    row = Lesson.objects.filter(pk=number, member=me_at(request)).first()
    if row is None:
        raise NothingHereError
    action_done(row, by=me_at(request), at=datetime.now(UTC))
    return redirect("work")


# Change models


@require_GET
@answering
@may("read")
def models(request: HttpRequest) -> HttpResponse:
    """Change models and their approval."""
    if request.GET.get("as") == "csv":
        rows = [
            {
                "model": one.model.id,
                "title": str(one.model.title),
                "is_approved": bool(found and found.holds),
                "by": found.by if found else "",
                "agreed_by": found.agreed_by if found else "",
                "went_back": ", ".join(found.went_back) if found else "",
            }
            for one, found in models_with_approval()
        ]
        columns = ("model", "title", "is_approved", "by", "agreed_by", "went_back")
        return harmless_table("models.csv", columns, rows)
    return _models(request)


def _models(request: HttpRequest, *, problem: str = "") -> HttpResponse:
    shown = {
        "models": models_with_approval(),
        "asked": approvals_open(),
        "members": Member.objects.filter(is_active=True),
        "may_ask": reader(request).in_house(APPROVE),
        "problem": problem,
    }
    return render(request, "models.html", with_reader(request, shown), status=409 if problem else 200)


def _saying(page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What cannot be is said on the page of the models."""

    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return page(request, *args, **kwargs)
        except NotDoneError as error:
            return _models(request, problem=str(error.message))

    return wrapped


@require_POST
@answering
@may(APPROVE)
@_saying
def approval(request: HttpRequest, model: str) -> HttpResponse:
    """A second person is asked to approve the model as it is now. It is the house's: a team's role does not do."""
    must_in_house(reader(request), APPROVE)
    found = model_called(model)
    if found is None:
        raise NothingHereError
    asked = member_called(request.POST.get("agreed_by", ""), field="agreed_by")
    ask_for_approval(found, asked, by=me_at(request), at=datetime.now(UTC))
    return redirect("models")


@require_POST
@answering
@may(APPROVE)
@_saying
def approval_answered(request: HttpRequest, number: int) -> HttpResponse:
    """Who was asked agrees or does not."""
    must_in_house(reader(request), APPROVE)
    row = ApprovalAsked.objects.select_related("asked", "by").filter(pk=number).first()
    if row is None:
        raise NothingHereError
    model = model_called(row.model.partition("@")[0])
    agrees = request.POST.get("answer") == "yes"
    answer_approval(row, model, agrees=agrees, by=me_at(request), at=datetime.now(UTC))
    return redirect("models")
