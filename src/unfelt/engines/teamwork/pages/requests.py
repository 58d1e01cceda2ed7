"""What people want changed."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.people.access import NothingHereError, must, must_in_house, visible
from unfelt.engines.people.rights import Reader
from unfelt.engines.teamwork.asked import DeclineAsked, RequestAsked
from unfelt.engines.teamwork.requests import ask, decline, requests_like, with_names
from unfelt.records.models import Request
from unfelt.web.access.changes import me_at
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.forms import asked_in, typed_in
from unfelt.web.frame.page import Tab, action, form, page, problem_of
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table

STATES = ("open", "planned", "declined")

MOST = 100
"""Requests on the page, the newest first; the file has all of them."""


@form("requests/", Message("Requests"), right="read", tabs=(Tab("changes", 4),))
def requests(request: HttpRequest) -> HttpResponse:
    """What people want changed; POST asks for something."""
    if request.method == "POST":
        must(reader(request), "comment")
        asked = asked_in(request, RequestAsked)
        ask(asked.title, asked.why, wanted_by=asked.wanted_by, by=me_at(request), at=now_of(request))
        return redirect("requests")
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
        "problem": problem_of(request),
        "typed": typed_in(request, *RequestAsked.model_fields),
    }
    return render(request, "requests.html", with_reader(request, shown))


def open_to(known: Reader, rows: Iterable[Request]) -> set[str]:
    """The changes that these became, as far as the reader may open them."""
    became = {row.change for row in rows if row.change}
    return set(visible(known).filter(name__in=became).values_list("name", flat=True))


@page("requests.csv", Message("Requests"), right="read")
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


@action("requests/<int:number>/decline/", right="write", shows="requests")
def request_declined(request: HttpRequest, number: int) -> HttpResponse:
    """It is not made; whoever asked is told why. A request is the house's: a role in one team does not do."""
    must_in_house(reader(request), "write")
    row = Request.objects.filter(pk=number).first()
    if row is None:
        raise NothingHereError
    decline(row, asked_in(request, DeclineAsked).reason, by=me_at(request), at=now_of(request))
    return redirect("requests")
