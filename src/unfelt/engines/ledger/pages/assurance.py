"""The areas of practice over all changes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.engines.ledger.gates.compliance import KINDS
from unfelt.engines.ledger.origins import ORIGINS
from unfelt.engines.ledger.standards import standards
from unfelt.queries.overview import areas_of, standings_of
from unfelt.web.access.changes import opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table
from unfelt.web.printed.answering import printed
from unfelt.web.printed.gates import gates_page


@page(
    "assurance/",
    Message("Assurance"),
    right="read",
    tabs=(
        Tab("main", 4),
        Tab("assurance", 1, Message("The areas of practice")),
    ),
)
def assurance(request: HttpRequest) -> HttpResponse:
    """The areas of practice over all changes; one control of them in each."""
    known, chosen = reader(request), standards().control(request.GET.get("control", ""))
    shown: dict[str, Any] = areas_of(known, now_of(request))
    if request.GET.get("as") == "csv":
        rows = [
            {
                "area": str(area.title),
                "control": cell.control.id,
                "title": str(cell.control.title),
                **cell.counts,
            }
            for area, cells in shown["areas"]
            for cell in cells
        ]
        return harmless_table("areas.csv", ("area", "control", "title", *KINDS), rows)
    shown["shown_kinds"] = (*ORIGINS, "waived", "open")
    shown["chosen"] = chosen[1] if chosen else None
    shown["standings"] = standings_of(known, chosen[1].id, now_of(request)) if chosen else []
    return render(request, "assurance.html", with_reader(request, shown))


@page("changes/<str:name>/report/", Message("Gates and controls"), right="read")
def change_report(request: HttpRequest, name: str) -> HttpResponse:
    """Gates and compliance of a change, to be read and printed: the page that `unfelt gates --report` writes."""
    shown = opened(request, name)
    return printed(gates_page(shown.change, standards().playbook, shown.case, shown.found))
