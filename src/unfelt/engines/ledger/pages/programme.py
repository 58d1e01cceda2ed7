"""Recurring work."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.queries.changes import programme_shown
from unfelt.web.access.clock import now_of
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page("programme/", Message("Programme"), right="read", tabs=(Tab("assurance", 2),))
def programme(request: HttpRequest) -> HttpResponse:
    """Recurring work, the most pressing first."""
    return render(request, "programme.html", with_reader(request, programme_shown(now_of(request))))


@page("programme.csv", Message("Programme"), right="read")
def programme_export(request: HttpRequest) -> HttpResponse:
    """The same for a spreadsheet."""
    rows = [
        {
            "due": one.day.isoformat(),
            "state": one.state,
            "control": one.work.control,
            "work": one.work.what,
            "owner": one.work.owner,
            "last": one.last.found_at.isoformat() if one.last else "",
        }
        for one in programme_shown(now_of(request))["due"]
    ]
    return harmless_table("programme.csv", ("due", "state", "control", "work", "owner", "last"), rows)
