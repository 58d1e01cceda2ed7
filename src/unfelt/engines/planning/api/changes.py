"""Changes and their plans, for scripts."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from unfelt.documents.bilingual import in_both
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.problems import Problem as Wrongness
from unfelt.engines.ledger.gates.standing import ORDER
from unfelt.engines.ledger.pages.intake import agree_to_less
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import must
from unfelt.engines.planning.api.shapes import (
    Changes,
    ChangesAsked,
    ChangeShown,
    LookedOver,
    Noted,
    PlanShown,
)
from unfelt.engines.planning.asked import PlanAsked, TextAsked
from unfelt.engines.planning.find import Wanted
from unfelt.engines.planning.writing import Written, save, written
from unfelt.queries.changes import changes_of
from unfelt.queries.plans import Looked, looked_over
from unfelt.web.access.changes import opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


def wrong(problems: Iterable[Wrongness]) -> list[dict[str, Any]]:
    """What is wrong with a document, as data."""
    return [{"field": one.field, "what": str(one.sentence), "line": one.place.line} for one in problems]


@router.get("", response={200: Changes, **REFUSED})
def changes(request: HttpRequest, asked: Query[ChangesAsked]) -> Answer:
    """The changes that may be opened, the newest plan first."""
    must(reader(request), "read")
    wanted = Wanted(asked.q, asked.team, asked.tier, asked.owner)
    shown = changes_of(reader(request), wanted, page=asked.page, now=now_of(request))
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
    looked = looked_over(asked.text, reader(request), name=name, base=written(name), now=now_of(request))
    return {
        "holds": looked.change is not None,
        "problems": wrong(looked.problems),
        "difference": [mark + line for mark, line in looked.changed],
        "voids": [one.control.id for one in looked.voids],
    }


def _saved(request: HttpRequest, text: str, *, name: str | None, based_on: int | None) -> Written:
    looked: Looked = looked_over(text, reader(request), name=name, base=None, now=now_of(request))
    if looked.change is None:
        raise DocumentErrors(looked.problems)
    return save(
        looked.change,
        text,
        based_on=based_on,
        by=member_of(reader(request)),
        at=now_of(request),
        playbook=standards().playbook,
    )


@router.post("{name}/tier/", response={201: Noted, **REFUSED})
def lower(request: HttpRequest, name: str) -> Answer:
    """A second member agrees that it is taken less carefully than before; 409: there is nothing to agree to."""
    shown, by = opened(request, name, "waive"), member_of(reader(request))
    return Status(201, {"number": agree_to_less(reader(request), shown, by=by.name)})
