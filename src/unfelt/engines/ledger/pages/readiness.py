"""How ready a change is, and every control of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.documents.playbook import Limit
from unfelt.documents.units import format_duration
from unfelt.engines.ledger.gates.compliance import standing_kind
from unfelt.engines.ledger.gates.standing import ORDER, Standing
from unfelt.engines.ledger.origins import ORIGINS
from unfelt.engines.ledger.pages.intake import may_bring
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.actions import assign
from unfelt.engines.teamwork.asked import HandOverAsked
from unfelt.engines.teamwork.reading import people_of, tasks_of
from unfelt.queries.changes import answer_to
from unfelt.web.access.acting import by_now
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import asked_in, ticked_in, typed_in
from unfelt.web.frame.page import Tab, action, page
from unfelt.web.frame.tables import harmless_table

WANTED = ("open", *ORIGINS, "waived", "not_applicable")


@dataclass(frozen=True, slots=True)
class Line:
    """A control, its numbers beside their limits, and how old its evidence is."""

    standing: Standing
    numbers: tuple[tuple[str, str, str], ...]
    """Name, number and limit."""
    age_days: float | None


@page("changes/<str:name>/readiness/", Message("Readiness"), right="read", tabs=(Tab("change", 4),))
def readiness(request: HttpRequest, name: str) -> HttpResponse:
    """What ready and go ask for: verdict, number against limit, age."""
    shown = opened(request, name)
    lines = [
        _line(one, shown.case.now)
        for one in shown.found.controls
        if one.state != "not_applicable" and {"ready", "go"}.intersection(one.control.gates)
    ]
    known, targets = reader(request), {probe.control for probe in shown.change.probes}
    probed = {one.standing.control.id for one in lines if may_bring(known, one.standing.control, shown.team)}
    probed &= targets
    more = {"lines": lines, "probed": probed, "answer_to": answer_to}
    return render(request, "readiness.html", with_change(request, shown, more))


def _line(one: Standing, now: datetime) -> Line:
    found = one.evidence
    if found is None:
        limits = tuple((name, "–", str(limit)) for name, limit in one.control.limits.items())
        return Line(one, limits, None)
    numbers, called = found.payload.get("numbers", {}), one.control.reads.get(found.kind, {})
    shown = []
    for name, limit in one.control.limits.items():
        number = numbers.get(called.get(name, name))
        shown.append((name, "–" if number is None else _number(limit, number), str(limit)))
    return Line(one, tuple(shown), (now - found.found_at).total_seconds() / 86400)


def _number(limit: Limit, number: float) -> str:
    is_long = limit.unit == "s" and number >= 60
    return format_duration(timedelta(seconds=round(number))) if is_long else limit.shown(number)


@page("changes/<str:name>/controls/", Message("Controls"), right="read", tabs=(Tab("change", 5),))
def controls(request: HttpRequest, name: str) -> HttpResponse:
    """Every control by area, filtered by gate and by how it is answered."""
    shown = opened(request, name)
    gate, kind = request.GET.get("gate", ""), request.GET.get("kind", "")
    areas = [(area, [one for one in found if _is_wanted(one, gate, kind)]) for area, found in shown.areas]
    if request.GET.get("as") == "csv":
        rows = [
            {
                "area": str(area.title),
                "control": one.control.id,
                "title": str(one.control.title),
                "gates": ", ".join(one.control.gates),
                "owner": one.control.owner,
                "state": one.state,
                "why": str(one.why),
            }
            for area, found in areas
            for one in found
        ]
        return harmless_table(f"{name}-controls.csv", list(rows[0]) if rows else ["control"], rows)
    more = {
        "areas": [(area, found) for area, found in areas if found],
        "gate": gate,
        "kind": kind,
        "all_gates": (*ORDER, "programme"),
        "all_kinds": WANTED,
        "tasks": tasks_of(name),
        "members": people_of(shown.team),
        "ticked": ticked_in(request, "control"),
        "typed": typed_in(request, "to", "due"),
    }
    return render(request, "controls.html", with_change(request, shown, more))


@action("changes/<str:name>/hand/", right="assign", shows="controls")
def hand_over(request: HttpRequest, name: str) -> HttpResponse:
    """The controls that are ticked are in somebody's hands, by a day; or in nobody's. All of them, or none."""
    opened(request, name, "assign")
    asked = asked_in(request, HandOverAsked)
    member = member_called(asked.to, field="to") if asked.to else None
    with transaction.atomic():
        for control_id in asked.control:
            assign(name, control_at(control_id).id, member, due=asked.due, **by_now(request))
    return redirect("controls", name=name)


def _is_wanted(one: Standing, gate: str, kind: str) -> bool:
    return (not gate or gate in one.control.gates) and (not kind or standing_kind(one) == kind)
