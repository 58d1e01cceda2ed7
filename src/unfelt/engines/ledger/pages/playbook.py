"""The controls that changes here are judged by."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.documents.playbook import Area, Control
from unfelt.engines.ledger.standards import standards
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page("settings/playbook/", Message("Playbook"), right="read", tabs=(Tab("settings", 3),))
def playbook(request: HttpRequest) -> HttpResponse:
    """The controls that changes here are judged by, and what they owe by law or contract."""
    wanted = request.GET.get("q", "").strip()[:200]
    found = standards()
    areas = [(area, [one for one in area.controls if _holds(area, one, wanted)]) for area in found.playbook.areas]
    if request.GET.get("as") == "csv":
        rows = [_control(area, one) for area, controls in areas for one in controls]
        return harmless_table("playbook.csv", _CONTROL, rows)
    shown = {"playbook": found.playbook, "areas": [both for both in areas if both[1]], "q": wanted}
    return render(request, "playbook.html", with_reader(request, shown))


_CONTROL = ("area", "control", "title", "question", "gates", "tiers", "owner", "evidence", "limits", "clauses")


def _control(area: Area, one: Control) -> dict[str, Any]:
    return {
        "area": str(area.title),
        "control": one.id,
        "title": str(one.title),
        "question": str(one.question),
        "gates": " ".join(one.gates),
        "tiers": " ".join(one.tiers),
        "owner": one.owner,
        "evidence": " ".join(one.evidence),
        "limits": "; ".join(f"{name} {limit}" for name, limit in one.limits.items()),
        "clauses": "; ".join(f"{name} {clauses}" for name, clauses in area.clauses.items()),
    }


def _holds(area: Area, one: Control, wanted: str) -> bool:
    said = f"{one.id} {area.title!s} {one.title!s} {one.question!s} {' '.join(one.gates)}"
    return wanted.lower() in said.lower()
