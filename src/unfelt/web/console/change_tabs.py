"""The other tabs of a change: whom it reaches, how ready it is, every control, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from unfelt.conf.language import _
from unfelt.conf.refusal import NotDoneError
from unfelt.documents.change import Change
from unfelt.documents.playbook import Limit, Obligation
from unfelt.documents.units import format_duration
from unfelt.engines.ledger.gates.compliance import standing_kind
from unfelt.engines.ledger.gates.decide import ORDER, Standing
from unfelt.engines.ledger.phrases import tier_name
from unfelt.engines.people.reading import member_called
from unfelt.engines.planning.actions import others
from unfelt.engines.teamwork.actions import assign
from unfelt.engines.teamwork.asking import LESSON, lessons_of
from unfelt.engines.teamwork.reading import people_of, tasks_of
from unfelt.rollout.report import report_of
from unfelt.rollout.start import planned
from unfelt.web.console.bringing import may_bring
from unfelt.web.console.change_pages import control_at, opened
from unfelt.web.console.changes import Shown, answer_to, house, parts_of, visible
from unfelt.web.console.guarding import who
from unfelt.web.console.members.acting import day_in
from unfelt.web.console.members.reader import may, reader
from unfelt.web.console.pages import answering, harmless_table
from unfelt.web.console.plans import catalog_here
from unfelt.web.console.shown import with_reader

WANTED = ("open", "measured", "signed", "waived", "not_applicable")


@require_GET
@answering
@may("read")
def reach(request: HttpRequest, name: str) -> HttpResponse:
    """What customers meet that it can reach, whose that is, what else reaches the same, and what is owed."""
    shown = opened(request, name)
    catalog, known = catalog_here(), set(visible(reader(request)).values_list("name", flat=True))
    found = {one.name: one for one in catalog.touchpoints} if catalog is not None else {}
    more = {
        "touches": [(touch, found.get(touch)) for touch in shown.change.touches],
        "has_catalog": catalog is not None,
        "others": [(other, window) for other, window in others(shown.change) if other in known],
        "owed": list(_owed(shown.change)),
        "met": {duty.duty: duty.met_by for duty in shown.change.duties},
    }
    return _tab(request, "reach.html", shown, more)


def _owed(change: Change) -> Iterable[Obligation]:
    facts = change.change.facts
    return (
        one
        for one in house().playbook.obligations
        if all(str(facts.get(fact)) == value for fact, value in one.when.items())
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A control, its numbers beside their limits, and how old its evidence is."""

    standing: Standing
    numbers: tuple[tuple[str, str, str], ...]
    """Name, number and limit."""
    age_days: float | None


@require_GET
@answering
@may("read")
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
    return _tab(request, "readiness.html", shown, {"lines": lines, "probed": probed, "answer_to": answer_to})


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


@require_GET
@answering
@may("read")
def controls(request: HttpRequest, name: str) -> HttpResponse:
    """Every control by area, filtered by gate and by how it is answered."""
    return _controls(request, name)


@require_POST
@answering
@may("assign")
def hand_over(request: HttpRequest, name: str) -> HttpResponse:
    """The controls that are ticked are in somebody's hands, by a day; or in nobody's. All of them, or none."""
    opened(request, name, "assign")
    ticked, to = request.POST.getlist("control"), request.POST.get("to", "").strip()
    if not ticked:
        return _controls(request, name, problem=_("Tick the controls that are handed over."))
    try:
        member, due = member_called(to) if to else None, day_in(request.POST.get("due", ""))
        with transaction.atomic():
            for control_id in ticked:
                known = control_at(control_id)
                assign(name, known.id, member, due=due, by=who(request), at=datetime.now(UTC))
    except NotDoneError as error:
        return _controls(request, name, problem=str(error.message))
    return redirect("controls", name=name)


def _controls(request: HttpRequest, name: str, *, problem: str = "") -> HttpResponse:
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
        "problem": problem,
        "ticked": request.POST.getlist("control"),
        "typed": {key: request.POST.get(key, "") for key in ("to", "due")},
    }
    return _tab(request, "controls.html", shown, more, status=409 if problem else 200)


def _is_wanted(one: Standing, gate: str, kind: str) -> bool:
    return (not gate or gate in one.control.gates) and (not kind or standing_kind(one) == kind)


@require_GET
@answering
@may("read")
def review(request: HttpRequest, name: str) -> HttpResponse:
    """What was predicted beside what happened, rollout by rollout, and what close still asks for."""
    return review_page(request, name)


def review_page(
    request: HttpRequest, name: str, *, problem: str = "", typed: Mapping[str, str] | None = None
) -> HttpResponse:
    """The page, with what went wrong and what was typed."""
    shown = opened(request, name)
    rollouts = [(row, report_of(row, planned(row))) for row in shown.rollouts if row.ended is not None]
    expected = sum(risk.chance * risk.affects for risk in shown.change.risks)
    more = {
        "rollouts": rollouts,
        "expected": expected,
        "close": shown.found.gate("close"),
        "lessons": lessons_of(name),
        "parts": parts_of(reader(request), name),
        "members": people_of(shown.team),
        "problem": problem,
        "typed": typed or dict.fromkeys(LESSON, ""),
    }
    return _tab(request, "review.html", shown, more, status=409 if problem else 200)


def _tab(
    request: HttpRequest, template: str, shown: Shown, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    about = {
        "shown": shown,
        "change": shown.change.change,
        "tier": tier_name(shown.case.tier),
        "may_begin": reader(request).may("move", shown.team) and shown.may_begin,
    }
    page = with_reader(request, {**about, **more, "now": datetime.now(UTC)})
    return render(request, template, page, status=status)
