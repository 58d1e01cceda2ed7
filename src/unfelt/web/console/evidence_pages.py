"""Evidence brought in the browser, probes looked at, and rollouts begun."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from unfelt.adapters.http import allowed
from unfelt.conf.language import Message, _
from unfelt.documents.playbook import Control
from unfelt.engines.ledger.bringing import Brought, brought, number_for
from unfelt.engines.ledger.gates.actions import About, add_evidence, must_take
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.probing import probed
from unfelt.rollout.letting_go import must_be_let_go
from unfelt.rollout.refusal import CannotStart
from unfelt.web.console.beginning import begin as begin_rollout
from unfelt.web.console.change_pages import control_at, control_page, opened
from unfelt.web.console.changes import house
from unfelt.web.console.guarding import who
from unfelt.web.console.members.reader import may, owes_second_factor
from unfelt.web.console.pages import answering

LARGEST = 20_000_000
"""Bytes of a file that is brought."""
LOOK_AGAIN = 10
"""Seconds between two looks at the probes of a control: who could look without end could read by them."""


@require_POST
@answering
@may("sign")
def bring(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """A report, a document or numbers, as evidence for the control; the verdict follows from what they say."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    now = datetime.now(UTC)
    try:
        with tempfile.TemporaryDirectory() as place:
            what = _brought(request, control, Path(place))
            payload, artefact = brought(what)
        add_evidence(About.change(shown.change), control, payload, at=now, by=who(request), artefact=artefact)
    except GateError as error:
        return control_page(request, name, control_id, problem=str(error.message))
    return redirect("control", name=name, control_id=control_id)


def _brought(request: HttpRequest, control: Control, place: Path) -> Brought:
    kind = request.POST.get("kind", "")
    if kind == "sign-off":
        raise GateError(Message("A signature is given with the button Sign."))
    must_take(control, kind)
    typed = {name: request.POST.get(f"number:{name}", "").strip() for name in control.limits}
    called = control.reads.get(kind, {})
    numbers = {called.get(name, name): number_for(control, name, text) for name, text in typed.items() if text}
    file = request.FILES.get("file")
    return Brought(kind=kind, numbers=numbers, file=kept(file, place) if file else None)


def kept(file: UploadedFile, place: Path) -> Path:
    """The uploaded file, there; GateError where it is too large."""
    if file.size > LARGEST:
        raise GateError(Message("A file of at most {n} MB is due.", n=LARGEST // 1_000_000))
    path = place / (Path(str(file.name)).name or "file")
    path.write_bytes(file.read())
    return path


@require_POST
@answering
@may("sign")
def probe(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """The plan's probes of the control are looked at now."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    probes = [one for one in shown.change.probes if one.control == control_id]
    if not probes:
        return control_page(request, name, control_id, problem=_("The plan has no probe for this control."))
    if not cache.add(f"looked:{name}:{control_id}", 1, timeout=LOOK_AGAIN):
        said = _("It was looked at a moment ago: again in {seconds} seconds.").format(seconds=LOOK_AGAIN)
        return control_page(request, name, control_id, problem=said)
    try:
        must_take(control, "probe")
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
        must_be_let_go(shown.change, house().programme, at=datetime.now(UTC))
    except CannotStart:
        return redirect("change", name=name)  # It says there what holds it.
    begin_rollout(name)
    return redirect("change", name=name)
