"""Who has read the plan of a change, and what it hands over, for scripts."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from unfelt.engines.ledger.standards import standards
from unfelt.engines.teamwork.acknowledgements import acknowledge, acknowledged
from unfelt.engines.teamwork.answers import accept, accept_task, refuse, return_task
from unfelt.engines.teamwork.api.plan_shapes import (
    Acknowledgements,
    HandOvers,
    hand_over_shown,
    person_shown,
)
from unfelt.engines.teamwork.asked import AcknowledgeAsked, HandOverAnswer, TaskAnswer
from unfelt.engines.teamwork.hand_overs import hand_overs
from unfelt.engines.teamwork.parts import named_in
from unfelt.engines.teamwork.tasks import tasks_given
from unfelt.queries.changes import Shown
from unfelt.records.models import ChangeRow
from unfelt.web.access.changes import control_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


def _revision(name: str) -> str:
    return str(ChangeRow.objects.values_list("revision_id", flat=True).get(name=name))


def _acting(request: HttpRequest) -> dict[str, Any]:
    return {"by": member_of(reader(request)), "at": now_of(request)}


# Acknowledgements


@router.get("{name}/acknowledgements/", response={200: Acknowledgements, **REFUSED})
def acknowledgements(request: HttpRequest, name: str) -> Answer:
    """Everybody whom the plan names, and whether they have read it."""
    return _people(opened(request, name))


@router.post("{name}/acknowledgements/", response={200: Acknowledgements, **REFUSED})
def new_acknowledgement(request: HttpRequest, name: str, asked: AcknowledgeAsked) -> Answer:
    """The token's member has read the plan and their part in it; said twice it is once."""
    shown = opened(request, name, "comment")
    acknowledge(name, seen=asked.revision, **_acting(request))
    return _people(shown)


def _people(shown: Shown) -> dict[str, Any]:
    found, name = acknowledged(shown.change), shown.change.change.id
    named = {one.name: one for one in named_in(shown.change)}
    people = [person_shown(one, named[one.name]) for one in found]
    return {"revision": _revision(name), "acknowledged": sum(one.holds for one in found), "people": people}


# Hand-overs


@router.get("{name}/hand-overs/", response={200: HandOvers, **REFUSED})
def handed_over(request: HttpRequest, name: str) -> Answer:
    """Touchpoints that are another's by the catalog, and tasks, with what was said to each."""
    return _handed_over(request, opened(request, name))


@router.post("{name}/hand-overs/{touchpoint}/", response={200: HandOvers, **REFUSED})
def hand_over_answered(request: HttpRequest, name: str, touchpoint: str, asked: HandOverAnswer) -> Answer:
    """Its owner accepts it, or refuses it with a reason; the newest answer stands."""
    shown, acting = opened(request, name, "comment"), _acting(request)
    if asked.accepts:
        accept(name, touchpoint, standards().catalog, seen=asked.revision, **acting)
    else:
        refuse(name, touchpoint, standards().catalog, asked.reason, seen=asked.revision, **acting)
    return _handed_over(request, shown)


@router.post("{name}/controls/{control_id}/answer/", response={200: HandOvers, **REFUSED})
def task_answered(request: HttpRequest, name: str, control_id: str, asked: TaskAnswer) -> Answer:
    """Who was given the control accepts it, or hands it back with a reason."""
    shown, control = opened(request, name, "comment"), control_at(control_id).id
    if asked.accepts:
        accept_task(name, control, **_acting(request))
    else:
        return_task(name, control, asked.reason, **_acting(request))
    return _handed_over(request, shown)


def _handed_over(request: HttpRequest, shown: Shown) -> dict[str, Any]:
    name, now = shown.change.change.id, now_of(request)
    found = [*hand_overs([shown.change], standards().catalog, now), *tasks_given([name], now)]
    return {"revision": _revision(name), "hand_overs": [hand_over_shown(one) for one in found]}
