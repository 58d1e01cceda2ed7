"""The pages about changes: all of them, one with its gates, one control with its evidence."""

import csv
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from unfelt.cli.views.gates import debts_line, tier_name, totals_line, whose
from unfelt.conf.language import _
from unfelt.documents.refusal import RefusalError
from unfelt.documents.units import parse_duration
from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.gates.facts import GateError, Waiver
from unfelt.web.console.changes import Shown, answer_to, change_of, changes_of, history_of, house, programme_shown
from unfelt.web.console.guarding import who
from unfelt.web.console.pages import answering, as_file, harmless, not_found, with_reader


@require_GET
@answering
def changes(request: HttpRequest) -> HttpResponse:
    """Every change on record, with its gates."""
    shown = changes_of(request.GET.get("q", "").strip(), page=_number(request.GET.get("page")))
    return render(request, "changes.html", with_reader(request, shown))


@require_GET
@answering
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is shown, all pages of it, for a spreadsheet."""
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=as_file("changes.csv"))
    response.write("\ufeff")
    columns = ("id", "title", "owner", "touches", "held_at", "held_by")
    writer = csv.DictWriter(response, columns, extrasaction="ignore")
    writer.writeheader()
    page, pages = 1, 1
    while page <= pages:
        shown = changes_of(request.GET.get("q", "").strip(), page=page)
        page, pages = page + 1, shown["pages"]
        for card in shown["cards"]:
            held_by = ", ".join(control.id for control in card["holding"])
            writer.writerow(harmless({**card, "held_by": held_by}))
    return response


@require_GET
@answering
def programme(request: HttpRequest) -> HttpResponse:
    """Recurring work, the most pressing first."""
    return render(request, "programme.html", with_reader(request, programme_shown()))


@require_GET
@answering
def programme_export(request: HttpRequest) -> HttpResponse:
    """The same for a spreadsheet."""
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=as_file("programme.csv"))
    response.write("\ufeff")
    writer = csv.DictWriter(response, ("due", "state", "control", "work", "owner", "last"))
    writer.writeheader()
    for one in programme_shown()["due"]:
        last = one.last.found_at.isoformat() if one.last else ""
        row = {"due": one.day.isoformat(), "state": one.state, "control": one.work.control, "last": last}
        writer.writerow(harmless({**row, "work": one.work.what, "owner": one.work.owner}))
    return response


@require_GET
@answering
def change(request: HttpRequest, name: str) -> HttpResponse:
    """One change: what holds it first, then everything."""
    shown = change_of(name)
    if shown is None:
        return not_found(request)
    return render(request, "change.html", with_reader(request, _about(shown)))


@require_GET
@answering
def control(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """One control: its question, where it stands, its evidence, and what can be done."""
    return _control(request, name, control_id)


@require_POST
@answering
def sign(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """Signed, or refused with a reason, by whoever is at the browser."""
    shown, known = change_of(name), house().control(control_id)
    if shown is None or known is None:
        return not_found(request)
    refuse = request.POST.get("refuse", "").strip() if request.POST.get("answer") == "no" else ""
    if request.POST.get("answer") == "no" and not refuse:
        return _control(request, name, control_id, problem=_("Say why you refuse."))
    try:
        actions.sign(
            shown.change, house().playbook, known[1], by=who(request), refuse=refuse, at=datetime.now(UTC)
        )
    except GateError as error:
        return _control(request, name, control_id, problem=str(error.message))
    return redirect("control", name=name, control_id=control_id)


@require_POST
@answering
def waive(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """Waived for a reason, up to an end, by whoever is at the browser and a second person."""
    shown, known = change_of(name), house().control(control_id)
    if shown is None or known is None:
        return not_found(request)
    now, given = (
        datetime.now(UTC),
        {key: request.POST.get(key, "").strip() for key in ("reason", "for", "agreed_by")},
    )
    try:
        until = now + parse_duration(given["for"])
        waiver = Waiver(control_id, given["reason"], who(request), given["agreed_by"], now, until)
        actions.waive(shown.change, house().playbook, waiver, at=now)
    except GateError as error:
        return _control(request, name, control_id, problem=str(error.message), typed=given)
    except RefusalError as error:
        return _control(request, name, control_id, problem=str(error), typed=given)
    return redirect("control", name=name, control_id=control_id)


def _control(
    request: HttpRequest, name: str, control_id: str, *, problem: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    """The page, with what went wrong and what was typed, so that nothing of it is lost."""
    shown, known = change_of(name), house().control(control_id)
    if shown is None or known is None:
        return not_found(request)
    standing = next(one for one in shown.found.controls if one.control.id == control_id)
    more = {
        "area": known[0],
        "one": standing,
        "history": history_of(name, control_id),
        "whose": whose(standing, shown.change),
        "command": str(answer_to(standing)),
        "problem": problem,
        "typed": typed or {"reason": request.POST.get("refuse", ""), "for": "14d", "agreed_by": ""},
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
    }


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 7 else 1
