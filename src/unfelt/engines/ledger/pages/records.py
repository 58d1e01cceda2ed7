"""What is kept with evidence, templates for it, erasing it, and probes looked at."""

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from unfelt.adapters.http import allowed
from unfelt.conf.language import Message
from unfelt.engines.ledger.asked import EraseAsked
from unfelt.engines.ledger.erasing import erase_artefacts
from unfelt.engines.ledger.gates.actions import add_evidence
from unfelt.engines.ledger.gates.drafting import About, must_take
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.pages.intake import must_be_asked, must_bring
from unfelt.engines.ledger.probing import probed
from unfelt.engines.ledger.wanted import template_json, template_paper, template_rows, templates_of
from unfelt.engines.people.access import NothingHereError, must_in_house
from unfelt.queries.evidence import bytes_of, file_called, record_of
from unfelt.web.access.acting import by_now
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.reader import reader
from unfelt.web.frame.forms import asked_in
from unfelt.web.frame.page import action, page
from unfelt.web.frame.tables import as_file, harmless_table

CONTROL = "changes/<str:name>/controls/<str:control_id>/"
LOOK_AGAIN = 10
"""Seconds between two looks at the probes of a control: who could look without end could read by them."""


@action(f"{CONTROL}probe/", right="sign", shows="control")
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


@page(f"{CONTROL}template/<str:kind>.<str:ending>", Message("Template"), right="read", name="template")
def template(request: HttpRequest, name: str, control_id: str, kind: str, ending: str) -> HttpResponse:
    """A file to fill in, as that kind of evidence for the control."""
    opened(request, name)
    control = control_at(control_id)
    if kind not in control.evidence or ending not in templates_of(control, kind):
        raise NothingHereError
    file = f"{control_id}-{kind}.{ending}"
    if ending == "csv":
        heading, names = template_rows(control, kind)
        return harmless_table(file, (heading, "value"), [{heading: one, "value": ""} for one in names])
    if ending == "json":
        text, form = template_json(control, kind), "application/json"
    else:
        text, form = template_paper(control), "text/markdown"
    return HttpResponse(text, content_type=f"{form}; charset=utf-8", headers=as_file(file))


@page(f"{CONTROL}evidence/<int:number>/files/<str:digest>/", Message("File"), right="read", name="kept_file")
def kept_file(request: HttpRequest, name: str, control_id: str, number: int, digest: str) -> HttpResponse:
    """The bytes that are kept with a record, just as they were brought: to be saved, and opened by no browser."""
    opened(request, name)
    found = record_of(name, control_id, number)
    content = bytes_of(digest) if found is not None and digest in found.artefacts else None
    if found is None or content is None:
        raise NothingHereError
    file = as_file(file_called(found, digest))
    return HttpResponse(content, content_type="application/octet-stream", headers=file)


@action(f"{CONTROL}evidence/<int:number>/erase/", right="admin", shows="control")
def erase(request: HttpRequest, name: str, control_id: str, number: int) -> HttpResponse:
    """The bytes that are kept with a record are gone; who erased them and why stays in their place."""
    must_in_house(reader(request), "admin")
    opened(request, name)
    found = record_of(name, control_id, number)
    if found is None:
        raise NothingHereError
    asked = asked_in(request, EraseAsked)
    wanted = [one for one in found.artefacts if bytes_of(one) is not None]
    erase_artefacts(wanted, why=asked.why, **by_now(request))
    return redirect("control", name=name, control_id=control_id)
