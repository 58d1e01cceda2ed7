"""Changes: plans, gates, controls, evidence, comments."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile

from unfelt.conf.language import Message
from unfelt.documents.bilingual import in_both
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.problems import Problem as Wrongness
from unfelt.engines.ledger.bringing import number_for
from unfelt.engines.ledger.gates import actions
from unfelt.engines.ledger.gates.actions import Recorded
from unfelt.engines.ledger.gates.decide import ORDER
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.people.reading import member_called
from unfelt.engines.planning.writing import Written, save, written
from unfelt.engines.teamwork.actions import assign, comment
from unfelt.engines.teamwork.reading import comments_on
from unfelt.rollout.letting_go import must_be_let_go
from unfelt.web.api.control_shapes import (
    ControlShown,
    EvidenceAsked,
    HandAsked,
    LookedOver,
    Noted,
    PlanAsked,
    PlanShown,
    RecordedShown,
    SignAsked,
    TextAsked,
)
from unfelt.web.api.known import member_of
from unfelt.web.api.shapes import (
    REFUSED,
    Begun,
    Changes,
    ChangesAsked,
    ChangeShown,
    CommentAsked,
    Comments,
    CommentShown,
    Words,
)
from unfelt.web.console.beginning import begin as begin_rollout
from unfelt.web.console.bringing import agree_to_less, must_be_asked, must_bring
from unfelt.web.console.bringing import bring as bring_evidence
from unfelt.web.console.change_pages import control_at, opened
from unfelt.web.console.changes import Wanted, changes_of, history_of, house
from unfelt.web.console.members.reader import must, must_hold, reader
from unfelt.web.console.plans import Looked, catalog_here, looked_over

router = Router()
Answer = Any
"""Its shape is declared beside it."""


def wrong(problems: Iterable[Wrongness]) -> list[dict[str, Any]]:
    """What is wrong with a document, as data."""
    return [{"field": one.field, "what": str(one.sentence), "line": one.place.line} for one in problems]


@router.get("", response={200: Changes, **REFUSED})
def changes(request: HttpRequest, asked: Query[ChangesAsked]) -> Answer:
    """The changes that may be opened, the newest plan first."""
    must(reader(request), "read")
    wanted = Wanted(asked.q, asked.team, asked.tier, asked.owner)
    shown = changes_of(reader(request), wanted, page=asked.page)
    listed = [{**one, "holding": [control.id for control in one["holding"]]} for one in shown["cards"]]
    return {**shown, "changes": listed}


@router.post("", response={201: PlanShown, **REFUSED})
def new(request: HttpRequest, asked: TextAsked) -> Answer:
    """A new change by its plan; 422 says everything that is wrong with it."""
    must(reader(request), "write")
    return Status(201, _saved(request, asked.text, name=None, based_on=None))


@router.get("{name}/", response={200: ChangeShown, **REFUSED})
def change(request: HttpRequest, name: str) -> Answer:
    """A change, its gates and what holds them."""
    shown = opened(request, name)
    gates = [
        {
            "gate": gate.gate,
            "is_open": gate.is_open,
            "behind": gate.behind,
            "holding": [
                {"control": one.control.id, "state": one.state, "why": str(one.why)} for one in gate.holding
            ],
        }
        for gate in (shown.found.gate(one) for one in (*ORDER, "programme"))
    ]
    return {
        "id": name,
        "title": str(shown.change.change.title),
        "titles": in_both(shown.change.change.title).plain(),
        "owner": shown.change.change.owner,
        "team": shown.team,
        "tier": shown.case.tier,
        "why": str(shown.case.why),
        "planned_at": shown.planned_at,
        "gates": gates,
        "rollouts": [row.id for row in shown.rollouts],
    }


@router.get("{name}/plan/", response={200: PlanShown, **REFUSED})
def plan(request: HttpRequest, name: str) -> Answer:
    """The newest plan as text."""
    opened(request, name)
    return written(name)


@router.put("{name}/plan/", response={200: PlanShown, **REFUSED})
def edit(request: HttpRequest, name: str, asked: PlanAsked) -> Answer:
    """The text is the newest plan; 409 where somebody saved another one since `based_on`."""
    opened(request, name, "write")
    return _saved(request, asked.text, name=name, based_on=asked.based_on)


@router.post("{name}/plan/look/", response={200: LookedOver, **REFUSED})
def look(request: HttpRequest, name: str, asked: TextAsked) -> Answer:
    """What a text would change, and the evidence that it would void. Nothing is saved."""
    opened(request, name, "write")
    looked = looked_over(asked.text, reader(request), name=name, base=written(name))
    return {
        "holds": looked.change is not None,
        "problems": wrong(looked.problems),
        "difference": [mark + line for mark, line in looked.changed],
        "voids": [one.control.id for one in looked.voids],
    }


def _saved(request: HttpRequest, text: str, *, name: str | None, based_on: int | None) -> Written:
    looked: Looked = looked_over(text, reader(request), name=name, base=None)
    if looked.change is None:
        raise DocumentErrors(looked.problems)
    return save(
        looked.change,
        text,
        based_on=based_on,
        by=member_of(reader(request)),
        at=datetime.now(UTC),
        playbook=house().playbook,
        catalog=catalog_here(),
    )


@router.post("{name}/begin/", response={202: Begun, **REFUSED})
def begin(request: HttpRequest, name: str) -> Answer:
    """The rollout starts, where the gates let it; 409 says what holds it."""
    shown = opened(request, name, "move")
    must_be_let_go(shown.change, house().programme, at=datetime.now(UTC), must_say=True)
    if not shown.may_begin:
        raise GateError(Message("A rollout of this change is under way or done, or its plan has no `rollout`."))
    begin_rollout(name)
    return Status(202, {"change": name, "starting": True})


@router.post("{name}/tier/", response={201: Noted, **REFUSED})
def lower(request: HttpRequest, name: str) -> Answer:
    """A second member agrees that it is taken less carefully than before; 409: there is nothing to agree to."""
    shown, by = opened(request, name, "waive"), member_of(reader(request))
    return Status(201, {"number": agree_to_less(reader(request), shown, by=by.name)})


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
        "limits": {limit: str(value) for limit, value in asked.limits.items()},
        "evidence": [
            {
                "number": one.number,
                "kind": one.kind,
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
        shown.change, house().playbook, known, by=by, refuse=asked.refuse.strip(), at=datetime.now(UTC)
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
    return {"number": found.number, "verdict": found.verdict, "why": str(found.why)}


@router.put("{name}/controls/{control_id}/hand/", response={204: None, **REFUSED})
def hand(request: HttpRequest, name: str, control_id: str, asked: HandAsked) -> Answer:
    """The control is in somebody's hands, by a day; or in nobody's."""
    opened(request, name, "assign")
    known = control_at(control_id)
    member = member_called(asked.to) if asked.to.strip() else None
    assign(name, known.id, member, due=asked.due, by=reader(request).name, at=datetime.now(UTC))
    return Status(204, None)


@router.get("{name}/comments/", response={200: Comments, **REFUSED})
def comments(request: HttpRequest, name: str, control: Words = "") -> Answer:
    """What was said about the change, or about one of its controls."""
    opened(request, name)
    return {"comments": comments_on(name, control)}


@router.post("{name}/comments/", response={201: CommentShown, **REFUSED})
def say(request: HttpRequest, name: str, asked: CommentAsked) -> Answer:
    """A comment; whom it names with `@` is asked."""
    opened(request, name, "comment")
    if asked.control:
        control_at(asked.control)
    by = member_of(reader(request))
    made = comment(name, asked.control, asked.text, by=by, at=datetime.now(UTC))
    return Status(201, next(one for one in comments_on(name, asked.control) if one.number == made.pk))
