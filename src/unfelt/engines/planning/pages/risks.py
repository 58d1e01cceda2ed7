"""Risks over all changes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.queries.overview import risks_of
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page("risks/", Message("Risks"), right="read", tabs=(Tab("assurance", 3),))
def risks(request: HttpRequest) -> HttpResponse:
    """Risks over all changes that are not done, the gravest first."""
    shown = risks_of(reader(request), now_of(request))
    if request.GET.get("as") == "csv":
        rows = [
            {
                **one.risk.model_dump(mode="json"),
                "change": one.change.change.id,
                "owner": one.change.change.owner,
                "expected": f"{one.expected:g}",
            }
            for one in shown["risks"]
        ]
        columns = ("change", "id", "kind", "on", "what", "chance", "affects", "expected", "response", "barrier")
        return harmless_table("risks.csv", (*columns, "trigger", "owner"), rows)
    return render(request, "risks.html", with_reader(request, shown))
