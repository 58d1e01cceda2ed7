"""The pages about changes: all of them, one with its gates, one control with its evidence."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from unfelt.conf.language import _
from unfelt.documents.moments import Money
from unfelt.documents.playbook import Control
from unfelt.documents.refusal import RefusalError
from unfelt.documents.units import parse_duration
from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.gates.reading import open_lowerings
from unfelt.engines.ledger.kinds import brought_kinds
from unfelt.engines.ledger.phrases import debts_line, tier_name, totals_line, whose
from unfelt.engines.people.reading import PeopleError, member_called
from unfelt.engines.people.rights import Right
from unfelt.engines.teamwork.actions import TeamworkError, answer_waiver, ask_for_waiver, assign, comment
from unfelt.engines.teamwork.reading import comments_on, people_of, task_of, tasks_of, waivers_asked
from unfelt.engines.teamwork.waiting import may_sign
from unfelt.records.models import Member, WaiverAsked
from unfelt.web.console.beginning import beginning_of
from unfelt.web.console.bringing import agree_to_less, may_agree_to_less, may_bring, must_be_asked
from unfelt.web.console.changes import (
    Shown,
    answer_to,
    change_of,
    history_of,
    house,
    parts_of,
)
from unfelt.web.console.guarding import who
from unfelt.web.console.ledger import newest_about
from unfelt.web.console.members.acting import day_in
from unfelt.web.console.members.reader import NothingHereError, may, member_at, must_hold, open_change, reader
from unfelt.web.console.pages import answering
from unfelt.web.console.shown import with_reader


@require_GET
@answering
@may("read")
def change(request: HttpRequest, name: str) -> HttpResponse:
    """One change: what holds it first, then everything."""
    shown = opened(request, name)
    return _change(request, shown, may_begin=reader(request).may("move", shown.team) and shown.may_begin)


def _change(
    request: HttpRequest, shown: Shown, *, may_begin: bool, problem: str = "", typed: str = ""
) -> HttpResponse:
    name = shown.change.change.id
    costs = shown.change.costs
    spent = sum(item.amount.amount for item in costs.items) if costs else 0.0
    more = {
        "may_begin": may_begin,
        "may_lower": may_agree_to_less(reader(request), shown),
        "problem": problem,
        "typed_comment": typed,
        "newest": newest_about(name),
        "parts": parts_of(reader(request), name),
        "expected": sum(risk.chance * risk.affects for risk in shown.change.risks),
        "spent": Money(costs.budget.currency, spent) if costs else None,
    }
    page = with_reader(request, {**_about(shown), **more})
    return render(request, "change.html", page, status=409 if problem else 200)


@require_GET
@answering
@may("read")
def control(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """One control: its question, where it stands, its evidence, and what can be done."""
    return control_page(request, name, control_id)


@require_POST
@answering
@may("sign")
def sign(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """Signed, or refused with a reason, by whoever is at the browser."""
    shown, known = opened(request, name, "sign"), control_at(control_id)
    must_hold(reader(request), known.owner, shown.team)
    refuse = request.POST.get("refuse", "").strip() if request.POST.get("answer") == "no" else ""
    if request.POST.get("answer") == "no" and not refuse:
        return control_page(request, name, control_id, problem=_("Say why you refuse."))
    try:
        must_be_asked(shown, known)
        actions.sign(shown.change, house().playbook, known, by=who(request), refuse=refuse, at=datetime.now(UTC))
    except GateError as error:
        return control_page(request, name, control_id, problem=str(error.message))
    return redirect("control", name=name, control_id=control_id)


@require_POST
@answering
@may("waive")
def waive(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """A second person is asked to agree that the control is let pass: for a reason, up to an end."""
    shown, known = opened(request, name, "waive"), control_at(control_id)
    given = {key: request.POST.get(key, "").strip() for key in ("reason", "for", "agreed_by")}
    now = datetime.now(UTC)
    try:
        until = now + parse_duration(given["for"])
        terms = {"reason": given["reason"], "until": until, "asked": member_called(given["agreed_by"])}
        ask_for_waiver(shown.change, house().playbook, known, terms, by=me_at(request), at=now)
    except (GateError, PeopleError, TeamworkError) as error:
        return control_page(request, name, control_id, problem=str(error.message), typed=given)
    except RefusalError as error:
        return control_page(request, name, control_id, problem=str(error), typed=given)
    return redirect("control", name=name, control_id=control_id)


@require_POST
@answering
@may("read")
def agree(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Who was asked for a waiver agrees or does not."""
    shown = opened(request, name)
    row = WaiverAsked.objects.select_related("asked", "by").filter(pk=number, change=name).first()
    if row is None:
        raise NothingHereError
    agrees = request.POST.get("answer") == "yes"
    try:
        answer_waiver(row, shown.change, house().playbook, agrees=agrees, by=me_at(request), at=datetime.now(UTC))
    except GateError as error:
        return control_page(request, name, row.control, problem=str(error.message))
    return redirect("control", name=name, control_id=row.control)


@require_POST
@answering
@may("waive")
def lower(request: HttpRequest, name: str) -> HttpResponse:
    """A second member agrees that the change is taken less carefully than before."""
    shown = opened(request, name, "waive")
    try:
        agree_to_less(reader(request), shown, by=me_at(request).name)
    except GateError as error:
        return _change(request, shown, may_begin=False, problem=str(error.message))
    return redirect("change", name=name)


@require_POST
@answering
@may("assign")
def hand(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """The control is in somebody's hands, by a day; or in nobody's."""
    opened(request, name, "assign")
    known = control_at(control_id)
    to, due = request.POST.get("to", "").strip(), request.POST.get("due", "").strip()
    try:
        member = member_called(to) if to else None
        assign(name, known.id, member, due=day_in(due), by=who(request), at=datetime.now(UTC))
    except (PeopleError, TeamworkError) as error:
        return control_page(request, name, control_id, problem=str(error.message))
    return redirect("control", name=name, control_id=control_id)


@require_POST
@answering
@may("comment")
def say(request: HttpRequest, name: str) -> HttpResponse:
    """A comment on the change, or on one of its controls."""
    opened(request, name, "comment")
    control_id = request.POST.get("control", "")
    if control_id:
        control_at(control_id)
    text = request.POST.get("text", "")
    try:
        comment(name, control_id, text, by=me_at(request), at=datetime.now(UTC))
    except TeamworkError as error:
        if control_id:
            return control_page(request, name, control_id, problem=str(error.message))
        shown = opened(request, name)
        return _change(request, shown, may_begin=False, problem=str(error.message), typed=text)
    back = f"/changes/{name}/controls/{control_id}/" if control_id else f"/changes/{name}/"
    return redirect(f"{back}#comments")


def opened(request: HttpRequest, name: str, right: Right = "read") -> Shown:
    """The change, where it is on record and theirs to open so."""
    open_change(reader(request), name, right)
    shown = change_of(name)
    if shown is None:
        raise NothingHereError
    return shown


def control_at(control_id: str) -> Control:
    """The control of that name in the playbook."""
    known = house().control(control_id)
    if known is None:
        raise NothingHereError
    return known[1]


def me_at(request: HttpRequest) -> Member:
    """The member at the browser."""
    found = member_at(request)
    if found is None:
        raise NothingHereError
    return found


def control_page(
    request: HttpRequest, name: str, control_id: str, *, problem: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    """The page, with what went wrong and what was typed, so that nothing of it is lost."""
    shown, known = opened(request, name), house().control(control_id)
    if known is None:
        raise NothingHereError
    standing = next(one for one in shown.found.controls if one.control.id == control_id)
    here = reader(request)
    more = {
        "area": known[0],
        "one": standing,
        "history": history_of(name, control_id),
        "whose": whose(standing, shown.change),
        "command": str(answer_to(standing)),
        "problem": problem,
        "typed": typed or {"reason": request.POST.get("refuse", ""), "for": "14d", "agreed_by": ""},
        "typed_comment": request.POST.get("text", "") if problem else "",
        "may_bring": may_bring(here, known[1], shown.team),
        "may_sign": may_sign(here, shown.change, standing),
        "comments": comments_on(name, control_id),
        "task": task_of(name, control_id),
        "asked": waivers_asked(name, control_id),
        "members": people_of(shown.team),
        "kinds": brought_kinds(standing.control),
        "has_probe": any(probe.control == control_id for probe in shown.change.probes),
    }
    status = 409 if problem else 200
    return render(request, "control.html", with_reader(request, {**_about(shown), **more}), status=status)


def _about(shown: Shown) -> dict[str, Any]:
    return {
        "shown": shown,
        "change": shown.change.change,
        "tier": tier_name(shown.case.tier),
        "why": str(shown.case.why),
        "debts": debts_line(shown.found, shown.case),
        "total": totals_line(shown.summed),
        "whose_is": lambda one: whose(one, shown.change),
        "comments": comments_on(shown.change.change.id, ""),
        "tasks": tasks_of(shown.change.change.id),
        "problem": "",
        "typed_comment": "",
        "beginning": beginning_of(shown.change.change.id),
        "lowered": open_lowerings([shown.change.change.id])[shown.change.change.id],
    }
