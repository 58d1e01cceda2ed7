"""A month: windows, freezes, recurring work."""

import re
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.queries.overview import Day, month_of
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page("calendar/", Message("Calendar"), right="read", tabs=(Tab("changes", 3),))
def calendar(request: HttpRequest) -> HttpResponse:
    """A month: windows, freezes, recurring work, and what meets."""
    now = now_of(request)
    given = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", request.GET.get("month", ""))
    year, month = (int(given[1]), int(given[2])) if given else (now.year, now.month)
    shown = month_of(reader(request), year, month, now_of(request))
    if request.GET.get("as") == "csv":
        return harmless_table(f"{year}-{month:02}.csv", ("day", "kind", "what"), _days(shown["weeks"]))
    return render(request, "calendar.html", with_reader(request, {**shown, "today": now.date()}))


def _days(weeks: list[list[Day]]) -> Iterator[dict[str, str]]:
    for one in (day for week in weeks for day in week if day.is_in_month):
        said = {
            "window": [row.name for row in one.windows],
            "freeze": one.freezes,
            "meets": one.clashes,
            "due": one.due,
        }
        for kind, what in said.items():
            yield from ({"day": one.day.isoformat(), "kind": kind, "what": text} for text in what)
