"""Evidence brought in the browser, probes looked at, and rollouts begun."""

from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from unfelt.adapters.http import allowed
from unfelt.conf.language import _
from unfelt.documents.playbook import Control
from unfelt.engines.ledger.bringing import number_for
from unfelt.engines.ledger.gates.actions import About, add_evidence, must_take
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.probing import probed
from unfelt.rollout.letting_go import must_be_let_go
from unfelt.rollout.refusal import CannotStart
from unfelt.web.console.beginning import begin as begin_rollout
from unfelt.web.console.bringing import bring as bring_evidence
from unfelt.web.console.bringing import must_be_asked, must_bring
from unfelt.web.console.change_pages import control_at, control_page, opened
from unfelt.web.console.changes import house
from unfelt.web.console.guarding import who
from unfelt.web.console.members.reader import may, owes_second_factor, reader
from unfelt.web.console.pages import answering

LOOK_AGAIN = 10
"""Seconds between two looks at the probes of a control: who could look without end could read by them."""


@require_POST
@answering
@may("sign")
def bring(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """A report, a document or numbers, as evidence for the control; the verdict follows from what they say."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    must_bring(reader(request), control, shown.team)
    kind = request.POST.get("kind", "")
    try:
        numbers, file = _numbers(request, control, kind), request.FILES.get("file")
        bring_evidence(reader(request), shown, control, kind=kind, numbers=numbers, file=file)
    except GateError as error:
        return control_page(request, name, control_id, problem=str(error.message))
    return redirect("control", name=name, control_id=control_id)


def _numbers(request: HttpRequest, control: Control, kind: str) -> dict[str, float]:
    """What was typed, under the names that the kind of evidence has for it."""
    typed = {name: request.POST.get(f"number:{name}", "").strip() for name in control.limits}
    called = {str(known): names for known, names in control.reads.items()}.get(kind, {})
    return {called.get(name, name): number_for(control, name, text) for name, text in typed.items() if text}


@require_POST
@answering
@may("sign")
def probe(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """The plan's probes of the control are looked at now."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    must_bring(reader(request), control, shown.team)
    probes = [one for one in shown.change.probes if one.control == control_id]
    if not probes:
        return control_page(request, name, control_id, problem=_("The plan has no probe for this control."))
    if not cache.add(f"looked:{name}:{control_id}", 1, timeout=LOOK_AGAIN):
        said = _("It was looked at a moment ago: again in {seconds} seconds.").format(seconds=LOOK_AGAIN)
        return control_page(request, name, control_id, problem=said)
    try:
        must_take(control, "probe")
        must_be_asked(shown, control)
        for payload in probed(probes, policy=allowed()).values():
            add_evidence(About.change(shown.change), control, payload, at=datetime.now(UTC), by=who(request))
    except GateError as error:
        return control_page(request, name, control_id, problem=str(error.message))
    if request.GET.get("to") == "readiness":
        return redirect("readiness", name=name)
    return redirect("control", name=name, control_id=control_id)


@require_POST
@answering
@may("move")
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """The rollout begins, where the gates let it. Who has a second factor has shown it lately."""
    shown: Any = opened(request, name, "move")
    if owes_second_factor(request):
        return redirect(f"/accounts/2fa/reauthenticate/?next=/changes/{name}/")
    try:
        must_be_let_go(shown.change, house().programme, at=datetime.now(UTC), must_say=True)
    except CannotStart:
        return redirect("change", name=name)  # It says there what holds it.
    begin_rollout(name)
    return redirect("change", name=name)
