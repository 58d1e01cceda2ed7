"""Evidence brought in the browser, and probes looked at."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from unfelt.adapters.http import allowed
from unfelt.conf.language import Message
from unfelt.documents.playbook import Control
from unfelt.engines.ledger.gates.actions import add_evidence
from unfelt.engines.ledger.gates.drafting import About, must_take
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.intake import number_for
from unfelt.engines.ledger.pages.intake import bring as bring_evidence
from unfelt.engines.ledger.pages.intake import must_be_asked, must_bring
from unfelt.engines.ledger.probing import probed
from unfelt.web.access.acting import by_now
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import action

LOOK_AGAIN = 10
"""Seconds between two looks at the probes of a control: who could look without end could read by them."""


@action("changes/<str:name>/controls/<str:control_id>/evidence/", right="sign", shows="control")
def bring(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """A report, a document or numbers, as evidence for the control; the verdict follows from what they say."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    must_bring(reader(request), control, shown.team)
    kind = request.POST.get("kind", "")
    numbers, file = _numbers(request, control, kind), request.FILES.get("file")
    bring_evidence(reader(request), shown, control, kind=kind, numbers=numbers, file=file)
    return redirect("control", name=name, control_id=control_id)


def _numbers(request: HttpRequest, control: Control, kind: str) -> dict[str, float]:
    """What was typed, under the names that the kind of evidence has for it."""
    typed = {name: request.POST.get(f"number:{name}", "").strip() for name in control.limits}
    called = {str(known): names for known, names in control.reads.items()}.get(kind, {})
    return {called.get(name, name): number_for(control, name, text) for name, text in typed.items() if text}


@action("changes/<str:name>/controls/<str:control_id>/probe/", right="sign", shows="control")
def probe(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """The plan's probes of the control are looked at now."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    must_bring(reader(request), control, shown.team)
    probes = [one for one in shown.change.probes if one.control == control_id]
    if not probes:
        raise GateError(Message("The plan has no probe for this control."))
    if not cache.add(f"looked:{name}:{control_id}", 1, timeout=LOOK_AGAIN):
        raise GateError(Message("It was looked at a moment ago: again in {seconds} seconds.", seconds=LOOK_AGAIN))
    must_take(control, "probe")
    must_be_asked(shown, control)
    for payload in probed(probes, policy=allowed()).values():
        add_evidence(About.change(shown.change), control, payload, **by_now(request))
    if request.GET.get("to") == "readiness":
        return redirect("readiness", name=name)
    return redirect("control", name=name, control_id=control_id)
