"""Controls and their evidence, for scripts."""

from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from unfelt.conf.language import Message
from unfelt.engines.ledger.api.shapes import ControlShown, EvidenceAsked, RecordedShown, SignAsked
from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.gates.actions import Recorded
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.intake import number_for
from unfelt.engines.ledger.pages.intake import bring as bring_evidence
from unfelt.engines.ledger.pages.intake import must_be_asked, must_bring
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import must_hold
from unfelt.queries.changes import history_of
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer

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
        "evidence": [
            {
                "number": one.number,
                "kind": one.kind,
                "origin": one.origin,
                "verdict": one.verdict,
                "found_at": one.found_at,
                "by": one.by,
                "why": str(one.why),
                "numbers": one.payload.get("numbers", {}),
            }
            for one in history_of(name, control_id)
        ],
    }


@router.post("{name}/controls/{control_id}/sign/", response={201: RecordedShown, **REFUSED})
def sign(request: HttpRequest, name: str, control_id: str, asked: SignAsked) -> Answer:
    """A signature of the token's member, or with a reason a refusal."""
    shown, known = opened(request, name, "sign"), control_at(control_id)
    must_hold(reader(request), known.owner, shown.team)
    must_be_asked(shown, known)
    by = member_of(reader(request)).name
    found = actions.sign(
        shown.change, standards().playbook, known, by=by, refuse=asked.refuse.strip(), at=now_of(request)
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
    must_bring(reader(request), known, shown.team)
    numbers = {}
    for one in asked.number:
        called, equals, text = one.partition("=")
        if not equals:
            raise GateError(Message("{text}: write NAME=VALUE, such as delivered=98.5%.", text=one))
        numbers[called.strip()] = number_for(known, called.strip(), text)
    given: dict[str, Any] = {"kind": asked.kind, "file": file, "plan_digest": asked.plan_digest}
    return Status(201, _recorded(bring_evidence(reader(request), shown, known, numbers=numbers, **given)))


def _recorded(found: Recorded) -> dict[str, Any]:
    said = {"number": found.number, "verdict": found.verdict, "why": str(found.why)}
    return {**said, "origin": found.origin, "is_enough": found.is_enough}
