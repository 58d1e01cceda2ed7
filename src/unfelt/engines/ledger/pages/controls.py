"""One control with its evidence, and what people say of it: signed, waived, in whose hands."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.documents.units import parse_duration
from unfelt.engines.ledger.asked import SignAsked
from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.pages.intake import may_bring, must_be_asked, refusal_in
from unfelt.engines.ledger.payload import brought_kinds
from unfelt.engines.ledger.phrases import whose
from unfelt.engines.ledger.standards import standards
from unfelt.engines.ledger.wanted import wanted_by
from unfelt.engines.people.access import NothingHereError, must_hold
from unfelt.engines.people.reading import member_called
from unfelt.engines.teamwork.actions import answer_waiver, ask_for_waiver, assign
from unfelt.engines.teamwork.asked import AnswerAsked, HandAsked, WaiverWanted
from unfelt.engines.teamwork.inbox import may_sign
from unfelt.engines.teamwork.reading import comments_on, people_of, task_of, waivers_asked
from unfelt.queries.changes import answer_to
from unfelt.queries.evidence import records_of
from unfelt.records.models import WaiverAsked
from unfelt.web.access.acting import by_now
from unfelt.web.access.changes import control_at, me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import asked_in, typed_in
from unfelt.web.frame.page import action, page, refused


@page("changes/<str:name>/controls/<str:control_id>/", Message("Control"), right="read")
def control(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """One control: its question, where it stands, its evidence, and what can be done."""
    shown, known = opened(request, name), standards().control(control_id)
    if known is None:
        raise NothingHereError
    standing = next(one for one in shown.found.controls if one.control.id == control_id)
    here = reader(request)
    task = task_of(name, control_id)
    held = {"to": task.member.name if task else "", "due": str(task.due or "") if task else ""}
    typed = typed_in(request, "agreed_by", "kind", "refuse", "reason", length="14d", **held)
    more = {
        "area": known[0],
        "one": standing,
        "history": records_of(name, control_id),
        "whose": whose(standing, shown.change),
        "command": str(answer_to(standing)),
        "typed": typed,
        "may_bring": may_bring(here, known[1], shown.team),
        "may_sign": may_sign(here, shown.change, standing),
        "comments": comments_on(name, control_id),
        "task": task,
        "asked": waivers_asked(name, control_id),
        "members": people_of(shown.team),
        "kinds": brought_kinds(standing.control),
        "wanted": wanted_by(standing.control),
        "number_typed": typed_in(request, *(f"number:{one}" for one in standing.control.limits)),
        "may_erase": here.in_house("admin"),
        "has_probe": any(probe.control == control_id for probe in shown.change.probes),
    }
    return render(request, "control.html", with_change(request, shown, more))


@action("changes/<str:name>/controls/<str:control_id>/sign/", right="sign", shows="control")
def sign(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """Signed, or refused with a reason, by whoever is at the browser."""
    shown, known = opened(request, name, "sign"), control_at(control_id)
    must_hold(reader(request), known.owner, shown.team)
    refuse = refusal_in(request, asked_in(request, SignAsked))
    must_be_asked(shown, known)
    said: dict[str, Any] = {"refuse": refuse, **by_now(request)}
    actions.sign(shown.change, standards().playbook, known, **said)
    return redirect("control", name=name, control_id=control_id)


@action("changes/<str:name>/controls/<str:control_id>/waive/", right="waive", shows="control")
def waive(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """A second person is asked to agree that the control is let pass: for a reason, up to an end."""
    shown, known = opened(request, name, "waive"), control_at(control_id)
    asked, now = asked_in(request, WaiverWanted), now_of(request)
    until = now + parse_duration(asked.length)
    terms = {"reason": asked.reason, "until": until, "asked": member_called(asked.agreed_by, field="agreed_by")}
    ask_for_waiver(shown.change, standards().playbook, known, terms, by=me_at(request), at=now)
    return redirect("control", name=name, control_id=control_id)


@action("changes/<str:name>/waivers/<int:number>/", right="read")
def agree(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """Who was asked for a waiver agrees or does not."""
    shown = opened(request, name)
    row = WaiverAsked.objects.select_related("asked", "by").filter(pk=number, change=name).first()
    if row is None:
        raise NothingHereError
    said: dict[str, Any] = {"by": me_at(request), "at": now_of(request)}
    try:
        agrees = asked_in(request, AnswerAsked).agrees
        answer_waiver(row, shown.change, standards().playbook, agrees=agrees, **said)
    except NotDoneError as error:
        return refused(request, "control", error, name=name, control_id=row.control)
    return redirect("control", name=name, control_id=row.control)


@action("changes/<str:name>/controls/<str:control_id>/hand/", right="assign", shows="control")
def hand(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """The control is in somebody's hands, by a day; or in nobody's."""
    opened(request, name, "assign")
    known, asked = control_at(control_id), asked_in(request, HandAsked)
    member = member_called(asked.to, field="to") if asked.to else None
    assign(name, known.id, member, due=asked.due, **by_now(request))
    return redirect("control", name=name, control_id=control_id)
