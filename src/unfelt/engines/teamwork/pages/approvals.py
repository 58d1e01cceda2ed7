"""Change models, and who approves them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.people.access import NothingHereError, must_in_house
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.asked import AnswerAsked, ApprovalWanted
from unfelt.engines.teamwork.requests import APPROVE, answer_approval, approvals_open, ask_for_approval
from unfelt.queries.overview import models_with_approval
from unfelt.queries.plans import model_called
from unfelt.records.models import ApprovalAsked, Member
from unfelt.web.access.changes import me_at
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.forms import asked_in
from unfelt.web.frame.page import Tab, action, page, problem_of
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page("models/", Message("Change models"), right="read", tabs=(Tab("changes", 5),))
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
    shown = {
        "models": models_with_approval(),
        "asked": approvals_open(),
        "members": Member.objects.filter(is_active=True),
        "may_ask": reader(request).in_house(APPROVE),
        "problem": problem_of(request),
    }
    return render(request, "models.html", with_reader(request, shown))


@action("models/<str:model>/approve/", right=APPROVE, shows="models")
def approval(request: HttpRequest, model: str) -> HttpResponse:
    """A second person is asked to approve the model as it is now. It is the house's: a team's role does not do."""
    must_in_house(reader(request), APPROVE)
    found = model_called(model)
    if found is None:
        raise NothingHereError
    asked = member_called(asked_in(request, ApprovalWanted).agreed_by, field="agreed_by")
    ask_for_approval(found, asked, by=me_at(request), at=now_of(request))
    return redirect("models")


@action("mine/approvals/<int:number>/", right=APPROVE, shows="models")
def approval_answered(request: HttpRequest, number: int) -> HttpResponse:
    """Who was asked agrees or does not."""
    must_in_house(reader(request), APPROVE)
    row = ApprovalAsked.objects.select_related("asked", "by").filter(pk=number).first()
    if row is None:
        raise NothingHereError
    model = model_called(row.model.partition("@")[0])
    agrees = asked_in(request, AnswerAsked).agrees
    answer_approval(row, model, agrees=agrees, by=me_at(request), at=now_of(request))
    return redirect("models")
