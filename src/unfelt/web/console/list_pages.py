"""Changes as a list and a table, and the programme."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from unfelt.records.models import Team
from unfelt.web.console.changes import (
    Wanted,
    changes_of,
    programme_shown,
)
from unfelt.web.console.members.reader import may, reader
from unfelt.web.console.pages import answering, harmless_table
from unfelt.web.console.shown import with_reader


@require_GET
@answering
@may("read")
def changes(request: HttpRequest) -> HttpResponse:
    """Every change that they may open, with its gates."""
    known = reader(request)
    shown = changes_of(known, wanted_by(request), page=_number(request.GET.get("page")))
    return render(request, "changes.html", with_reader(request, {**shown, **choices()}))


def choices() -> dict[str, Any]:
    """What the filters offer."""
    return {"teams": Team.objects.all(), "tiers": ("standard", "normal", "major", "emergency")}


def wanted_by(request: HttpRequest) -> Wanted:
    """What the address asks for."""
    said = {name: request.GET.get(name, "").strip()[:200] for name in ("q", "team", "tier", "owner")}
    return Wanted(said["q"], said["team"], said["tier"], said["owner"])


@require_GET
@answering
@may("read")
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is shown, all pages of it, for a spreadsheet."""
    known, wanted, rows = reader(request), wanted_by(request), []
    page, pages = 1, 1
    while page <= pages:
        shown = changes_of(known, wanted, page=page)
        page, pages = page + 1, shown["pages"]
        rows += [{**one, "held_by": ", ".join(control.id for control in one["holding"])} for one in shown["cards"]]
    columns = ("id", "title", "owner", "team", "tier", "touches", "held_at", "held_by")
    return harmless_table("changes.csv", columns, rows)


@require_GET
@answering
@may("read")
def programme(request: HttpRequest) -> HttpResponse:
    """Recurring work, the most pressing first."""
    return render(request, "programme.html", with_reader(request, programme_shown()))


@require_GET
@answering
@may("read")
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
        for one in programme_shown()["due"]
    ]
    return harmless_table("programme.csv", ("due", "state", "control", "work", "owner", "last"), rows)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else 1
