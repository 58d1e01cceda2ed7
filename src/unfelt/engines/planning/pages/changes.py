"""Every change, as a list."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.engines.planning.find import Wanted
from unfelt.queries.changes import changes_of
from unfelt.records.models import Team
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page(
    "changes/",
    Message("Changes"),
    right="read",
    tabs=(
        Tab("main", 2),
        Tab("changes", 1, Message("List")),
    ),
)
def changes(request: HttpRequest) -> HttpResponse:
    """Every change that they may open, with its gates."""
    known = reader(request)
    shown = changes_of(known, wanted_by(request), page=_number(request.GET.get("page")), now=now_of(request))
    return render(request, "changes.html", with_reader(request, {**shown, **choices()}))


def choices() -> dict[str, Any]:
    """What the filters offer."""
    return {"teams": Team.objects.all(), "tiers": ("standard", "normal", "major", "emergency")}


def wanted_by(request: HttpRequest) -> Wanted:
    """What the address asks for."""
    said = {name: request.GET.get(name, "").strip()[:200] for name in ("q", "team", "tier", "owner")}
    return Wanted(said["q"], said["team"], said["tier"], said["owner"])


@page("changes.csv", Message("Changes"), right="read", name="changes_export")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is shown, all pages of it, for a spreadsheet."""
    known, wanted, rows = reader(request), wanted_by(request), []
    page, pages = 1, 1
    while page <= pages:
        shown = changes_of(known, wanted, page=page, now=now_of(request))
        page, pages = page + 1, shown["pages"]
        rows += [{**one, "held_by": ", ".join(control.id for control in one["holding"])} for one in shown["cards"]]
    columns = ("id", "title", "owner", "team", "tier", "touches", "held_at", "held_by")
    return harmless_table("changes.csv", columns, rows)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else 1
