"""Controls and their evidence, for scripts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control
from unfelt.engines.asked import Number, Short
from unfelt.engines.ledger.api.shapes import ControlShown, PreviewShown, RecordedShown
from unfelt.engines.ledger.asked import EvidenceAsked, SignAsked
from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.gates.actions import Recorded
from unfelt.engines.ledger.gates.drafting import Correction
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.gates.foreseeing import plain_foreseen
from unfelt.engines.ledger.intake import number_for
from unfelt.engines.ledger.pages.intake import (
    Sent,
    draft_of,
    must_be_asked,
    must_be_plan,
    must_bring,
    read_in,
    what_it_does,
)
from unfelt.engines.ledger.pages.intake import bring as bring_evidence
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import NothingHereError, must_hold
from unfelt.queries.changes import Shown
from unfelt.queries.evidence import Recording, bytes_of, file_called, record_of, records_of
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer
from unfelt.web.frame.tables import as_file

router = Router()


@router.get("{name}/controls/{control_id}/", response={200: ControlShown, **REFUSED})
def control(request: HttpRequest, name: str, control_id: str) -> Answer:
    """A control: where it stands, and everything on record about it, newest first."""
    shown, asked = opened(request, name), control_at(control_id)
    standing = next(one for one in shown.found.controls if one.control.id == control_id)
    return {
        "control": control_id,
        "title": str(asked.title),
        "question": str(asked.question),
        "state": standing.state,
        "why": str(standing.why),
        "owner": asked.owner,
        "takes": list(asked.evidence),
        "least": asked.least,
        "limits": {limit: str(value) for limit, value in asked.limits.items()},
        "evidence": [_record(one) for one in records_of(name, control_id)],
    }


def _record(one: Recording) -> dict[str, Any]:
    found = one.evidence
    return {
        "number": found.number,
        "kind": found.kind,
        "origin": found.origin,
        "verdict": found.verdict,
        "found_at": found.found_at,
        "by": found.by,
        "why": str(found.why),
        "numbers": found.payload.get("numbers", {}),
        "candidate": found.candidate,
        "files": [
            {"digest": file.digest, "erased": file.stone.number if file.stone else None} for file in one.files
        ],
        "supersedes": found.supersedes or None,
        "because": found.because,
        "superseded_by": one.by.number if one.by is not None else None,
    }


@router.post("{name}/controls/{control_id}/sign/", response={201: RecordedShown, **REFUSED})
def sign(request: HttpRequest, name: str, control_id: str, asked: SignAsked) -> Answer:
    """A signature of the token's member, or with a reason a refusal."""
    shown, known = opened(request, name, "sign"), control_at(control_id)
    must_hold(reader(request), known.owner, shown.team)
    must_be_asked(shown, known)
    by = member_of(reader(request)).name
    found = actions.sign(
        shown.change,
        standards().playbook,
        known,
        by=by,
        refuse=asked.refuse,
        at=now_of(request),
        corrects=Correction(asked.supersedes, asked.because) if asked.supersedes else None,
    )
    return Status(201, _recorded(found))


@router.post("{name}/controls/{control_id}/evidence/", response={201: RecordedShown, **REFUSED})
def bring(
    request: HttpRequest,
    name: str,
    control_id: str,
    asked: Form[EvidenceAsked],
    file: File[UploadedFile | None] = None,
) -> Answer:
    """Evidence: numbers, and a file (JUnit, SARIF, CycloneDX, Locust's CSV, k6, JSON, or a paper)."""
    shown, known = opened(request, name, "sign"), control_at(control_id)
    sent = _sent(request, shown, known, asked, file)
    return Status(201, _recorded(bring_evidence(reader(request), shown, known, sent, at=now_of(request))))


@router.post("{name}/controls/{control_id}/evidence/preview/", response={200: PreviewShown, **REFUSED})
def preview(
    request: HttpRequest,
    name: str,
    control_id: str,
    asked: Form[EvidenceAsked],
    file: File[UploadedFile | None] = None,
) -> Answer:
    """What the same call without `preview/` would put on record, and what that would do; nothing is written."""
    shown, known = opened(request, name, "sign"), control_at(control_id)
    draft = draft_of(reader(request), shown, known, _sent(request, shown, known, asked, file), at=now_of(request))
    return plain_foreseen(what_it_does(draft, shown, at=now_of(request)))


@router.get("{name}/controls/{control_id}/evidence/{number}/files/{digest}/", response={200: Any, **REFUSED})
def kept_file(request: HttpRequest, name: str, control_id: str, number: Number, digest: Short) -> HttpResponse:
    """The bytes that are kept with a record, just as they were brought."""
    opened(request, name)
    found = record_of(name, control_id, number)
    content = bytes_of(digest) if found is not None and digest in found.artefacts else None
    if found is None or content is None:
        raise NothingHereError
    return HttpResponse(
        content, content_type="application/octet-stream", headers=as_file(file_called(found, digest))
    )


def _sent(
    request: HttpRequest, shown: Shown, known: Control, asked: EvidenceAsked, file: UploadedFile | None
) -> Sent:
    must_bring(reader(request), known, shown.team)
    numbers = {}
    for one in asked.number:
        called, equals, text = one.partition("=")
        if not equals:
            raise GateError(Message("{text}: write NAME=VALUE, such as delivered=98.5%.", text=one))
        numbers[called.strip()] = number_for(known, called.strip(), text)
    must_be_plan(shown, asked.plan_digest)
    called, content = read_in(file)
    return Sent(asked.kind, numbers, called, content, asked.supersedes, asked.because)


def _recorded(found: Recorded) -> dict[str, Any]:
    said = {"number": found.number, "verdict": found.verdict, "why": str(found.why)}
    return {**said, "origin": found.origin, "is_enough": found.is_enough}
