"""Evidence brought in the browser: looked at first, put on record then, corrected for a reason."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control
from unfelt.engines.ledger.asked import RecordAsked, SignAsked, TypedEvidenceAsked
from unfelt.engines.ledger.gates.actions import put_on_record
from unfelt.engines.ledger.gates.actions import sign as sign_anew
from unfelt.engines.ledger.gates.drafting import Correction
from unfelt.engines.ledger.gates.facts import Evidence, GateError
from unfelt.engines.ledger.intake import number_for
from unfelt.engines.ledger.pages.intake import (
    Sent,
    draft_of,
    may_bring,
    must_bring,
    read_in,
    refusal_in,
    what_it_does,
)
from unfelt.engines.ledger.phrases import report_state
from unfelt.engines.ledger.programs import Reported
from unfelt.engines.ledger.standards import standards
from unfelt.engines.ledger.uploads import Upload, drop, keep, kept
from unfelt.engines.ledger.wanted import wanted_by
from unfelt.engines.people.access import NothingHereError, must_hold
from unfelt.queries.changes import Shown
from unfelt.queries.evidence import record_of, records_of
from unfelt.web.access.acting import by_now
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import asked_in, typed_in
from unfelt.web.frame.page import action, form, page, refused

CONTROL = "changes/<str:name>/controls/<str:control_id>/"


@action(f"{CONTROL}evidence/", right="sign", shows="control")
def bring(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """A report, a document or numbers are kept for an hour and shown as they would count; nothing is on record."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    must_bring(reader(request), control, shown.team)
    return _looked_at(request, shown, control, asked_in(request, TypedEvidenceAsked))


@form(f"{CONTROL}evidence/<int:number>/correct/", Message("Correct evidence"), right="sign")
def correct(request: HttpRequest, name: str, control_id: str, number: int) -> HttpResponse:
    """Other evidence in the place of that record, for a reason; a signature is given anew by who gave it."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    old = record_of(name, control_id, number)
    if old is None:
        raise NothingHereError
    if request.method == "POST" and old.kind == "sign-off":
        return _signed_anew(request, shown, control, old)
    if request.method == "POST":
        must_bring(reader(request), control, shown.team)
        asked = asked_in(request, TypedEvidenceAsked, kind=old.kind)
        return _looked_at(request, shown, control, asked, supersedes=number)
    may = may_bring(reader(request), control, shown.team) or old.kind == "sign-off"
    (record,) = [one for one in records_of(name, control_id) if one.evidence.number == number]
    more = {
        "control": control,
        "record": record,
        "found": old,
        "wanted": [one for one in wanted_by(control) if one.kind == old.kind],
        "may": may,
        "typed": typed_in(request, "because", "refuse"),
        "number_typed": typed_in(request, *(f"number:{one}" for one in control.limits)),
    }
    return render(request, "correct.html", with_change(request, shown, more))


def _signed_anew(request: HttpRequest, shown: Shown, control: Control, old: Evidence) -> HttpResponse:
    must_hold(reader(request), control.owner, shown.team)
    asked = asked_in(request, SignAsked)
    given: dict[str, Any] = {"refuse": refusal_in(request, asked), **by_now(request)}
    corrects = Correction(old.number, asked.because)
    sign_anew(shown.change, standards().playbook, control, corrects=corrects, **given)
    return redirect("control", name=shown.change.change.id, control_id=control.id)


def _looked_at(
    request: HttpRequest, shown: Shown, control: Control, asked: TypedEvidenceAsked, *, supersedes: int = 0
) -> HttpResponse:
    """What was sent is kept for an hour, and whoever sent it is shown what it would do."""
    here, at = reader(request), now_of(request)
    file, content = read_in(request.FILES.get("file"))
    sent = Sent(asked.kind, _numbers(control, asked), file, content, supersedes, asked.because)
    draft_of(here, shown, control, sent, at=at)
    change = shown.change.change.id
    upload = Upload(
        *(here.name, change, control.id, asked.kind, sent.numbers, at, file, content, supersedes, asked.because)
    )
    digest = keep(upload, home=Path(settings.UNFELT_HOME))
    return redirect("preview", name=change, control_id=control.id, digest=digest)


def _numbers(control: Control, asked: TypedEvidenceAsked) -> dict[str, float]:
    """What was typed, under the names that the kind of evidence has for it."""
    called = {str(known): names for known, names in control.reads.items()}.get(asked.kind, {})
    typed = {name: text for name in control.limits if (text := asked.number.get(name, ""))}
    return {called.get(name, name): number_for(control, name, text) for name, text in typed.items()}


@page(f"{CONTROL}preview/<str:digest>/", Message("Evidence before it is on record"), right="sign")
def preview(request: HttpRequest, name: str, control_id: str, digest: str) -> HttpResponse:
    """What was read, and what it would do: under the plan and the limits as they are now."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    try:
        upload, draft = _kept(request, shown, control, digest)
    except GateError as error:
        return refused(request, "control", error, name=name, control_id=control_id)
    payload = draft.payload
    more = {
        "control": control,
        "upload": upload,
        "digest": digest,
        "seen": draft.digest,
        "draft": draft,
        "does": what_it_does(draft, shown, at=now_of(request)),
        "state": report_state(payload.state) if isinstance(payload, Reported) and payload.format else "",
        "lines": [(str(label), text) for label, text in payload.lines()],
        "changed": request.GET.get("changed", ""),
    }
    return render(request, "preview.html", with_change(request, shown, more))


@action(f"{CONTROL}preview/<str:digest>/record/", right="sign", shows="control")
def put(request: HttpRequest, name: str, control_id: str, digest: str) -> HttpResponse:
    """What was looked at is on record, word for word; after a change of plan or limits it is looked at again."""
    shown, control = opened(request, name, "sign"), control_at(control_id)
    _upload, draft = _kept(request, shown, control, digest)
    if asked_in(request, RecordAsked).seen != draft.digest:
        again = redirect("preview", name=name, control_id=control_id, digest=digest)
        again["Location"] += "?changed=1"
        return again
    put_on_record(draft, at=now_of(request))
    drop(digest, home=Path(settings.UNFELT_HOME))
    return redirect("control", name=name, control_id=control_id)


def _kept(request: HttpRequest, shown: Shown, control: Control, digest: str) -> tuple[Upload, Any]:
    here, at = reader(request), now_of(request)
    home, change = Path(settings.UNFELT_HOME), shown.change.change.id
    found = kept(digest, home=home, member=here.name, change=change, control=control.id, now=at)
    sent = Sent(found.kind, found.numbers, found.file, found.content, found.supersedes, found.because)
    return found, draft_of(here, shown, control, sent, at=at)
