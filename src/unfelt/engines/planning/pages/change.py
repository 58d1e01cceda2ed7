"""The page of a change: what holds it first, then everything."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.documents.moments import Money
from unfelt.engines.ledger.gates.reading import open_lowerings
from unfelt.engines.ledger.pages.intake import agree_to_less, may_agree_to_less
from unfelt.engines.teamwork.acknowledgements import acknowledged
from unfelt.engines.teamwork.actions import comment
from unfelt.engines.teamwork.asked import CommentAsked
from unfelt.queries.changes import parts_of
from unfelt.queries.ledger import newest_about
from unfelt.web.access.changes import control_at, me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import asked_in, pressed
from unfelt.web.frame.page import Tab, action, page, refused


@page("changes/<str:name>/", Message("Change"), right="read", tabs=(Tab("change", 1, Message("Overview")),))
def change(request: HttpRequest, name: str) -> HttpResponse:
    """One change: what holds it first, then everything."""
    shown = opened(request, name)
    costs = shown.change.costs
    spent = sum(item.amount.amount for item in costs.items) if costs else 0.0
    more = {
        "may_lower": may_agree_to_less(reader(request), shown),
        "newest": newest_about(name),
        "parts": parts_of(reader(request), name),
        "expected": sum(risk.chance * risk.affects for risk in shown.change.risks),
        "spent": Money(costs.budget.currency, spent) if costs else None,
        "lowered": open_lowerings([name])[name],
        "read_by": [one.holds for one in acknowledged(shown.change)],
    }
    return render(request, "change.html", with_change(request, shown, more))


@action("changes/<str:name>/tier/", right="waive", shows="change")
def lower(request: HttpRequest, name: str) -> HttpResponse:
    """A second member agrees that the change is taken less carefully than before."""
    shown = opened(request, name, "waive")
    agree_to_less(reader(request), shown, by=me_at(request).name)
    return redirect("change", name=name)


@action("changes/<str:name>/comments/", right="comment")
def say(request: HttpRequest, name: str) -> HttpResponse:
    """A comment on the change, or on one of its controls."""
    opened(request, name, "comment")
    control_id = pressed(request, "control")
    if control_id:
        control_at(control_id)
    try:
        asked = asked_in(request, CommentAsked)
        comment(name, asked.control, asked.text, by=me_at(request), at=now_of(request))
    except NotDoneError as error:
        return refused(request, "control" if control_id else "change", error, name=name, control_id=control_id)
    back = f"/changes/{name}/controls/{control_id}/" if control_id else f"/changes/{name}/"
    return redirect(f"{back}#comments")
