"""What a change hands over: touchpoints of others, and controls to whoever has them in hand."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.persons import is_same
from unfelt.engines.teamwork.answers import accept, accept_task, refuse, return_task
from unfelt.engines.teamwork.asked import HandOverAnswer, TaskAnswer
from unfelt.engines.teamwork.given import HandOver, answers_for
from unfelt.engines.teamwork.hand_overs import hand_overs
from unfelt.engines.teamwork.reading import people_of, tasks_of
from unfelt.engines.teamwork.tasks import tasks_given
from unfelt.records.models import ChangeRow, Member
from unfelt.web.access.changes import control_at, me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import asked_in, pressed, typed_in
from unfelt.web.frame.page import Tab, action, page
from unfelt.web.frame.tables import harmless_table

COLUMNS = (
    *("kind", "what", "owner", "state", "asked_at", "due_at", "answered_at", "by", "reason", "is_late"),
    *("asked", "answered"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A hand-over as it is shown. is_mine: whoever reads it answers. is_stuck: nobody could who may open it."""

    one: HandOver
    title: str
    is_mine: bool
    is_stuck: bool


@page("changes/<str:name>/hand-overs/", Message("Hand-overs"), right="read", tabs=(Tab("change", 8),))
def handed(request: HttpRequest, name: str) -> HttpResponse:
    """Touchpoints that are another's by the catalog, tasks, and what was said to each."""
    shown, now, catalog = opened(request, name), now_of(request), standards().catalog
    touched, tasks = hand_overs([shown.change], catalog, now), tasks_given([name], now)
    if request.GET.get("as") == "csv":
        return harmless_table(f"{name}-hand-overs.csv", COLUMNS, map(_row, [*touched, *tasks]))
    known, openers = reader(request), people_of(shown.team) if any(one.waits for one in touched) else []
    titles = {one.name: str(one.title) for one in catalog.touchpoints} if catalog is not None else {}
    may, in_hand = known.may("comment", shown.team), tasks_of(name)
    more = {
        "touched": [
            Line(
                one, titles[one.what], may and answers_for(one.owner, known), one.waits and not _any(openers, one)
            )
            for one in touched
        ],
        "given": [
            Line(one, _control(one.what), may and _is_held(in_hand, one, known.name), False) for one in tasks
        ],
        "has_catalog": catalog is not None,
        "revision": ChangeRow.objects.values_list("revision_id", flat=True).get(name=name),
        "typed": typed_in(request, "reason", "about"),
    }
    return render(request, "hand_overs.html", with_change(request, shown, more))


def _control(name: str) -> str:
    known = standards().control(name)
    return str(known[1].title) if known else name


def _is_held(in_hand: dict[str, Any], one: HandOver, name: str) -> bool:
    return one.what in in_hand and in_hand[one.what].member.name == name


def _any(openers: Iterable[Member], one: HandOver) -> bool:
    """Somebody may open the change who answers it."""
    return any(
        is_same(one.owner, member.name) or one.owner in {held.team_id for held in member.memberships.all()}
        for member in openers
    )


def _row(one: HandOver) -> dict[str, Any]:
    times = {name: getattr(one, name) for name in ("asked_at", "due_at", "answered_at")}
    said = {name: getattr(one, name) for name in COLUMNS if name not in times}
    return said | {name: at.isoformat() if at else "" for name, at in times.items()}


@action("changes/<str:name>/hand-overs/<str:touchpoint>/", right="comment", shows="handed")
def hand_over_answered(request: HttpRequest, name: str, touchpoint: str) -> HttpResponse:
    """Its owner accepts it, or refuses it with a reason."""
    opened(request, name, "comment")
    asked = asked_in(request, HandOverAnswer)
    said: dict[str, Any] = {"seen": asked.revision, "by": me_at(request), "at": now_of(request)}
    if asked.accepts:
        accept(name, touchpoint, standards().catalog, **said)
    else:
        refuse(name, touchpoint, standards().catalog, asked.reason, **said)
    return _back(request, name)


@action("changes/<str:name>/controls/<str:control_id>/answer/", right="comment", shows="handed")
def task_answered(request: HttpRequest, name: str, control_id: str) -> HttpResponse:
    """Who was given the control accepts it, or hands it back with a reason."""
    opened(request, name, "comment")
    control = control_at(control_id).id
    asked = asked_in(request, TaskAnswer)
    said: dict[str, Any] = {"by": me_at(request), "at": now_of(request)}
    if asked.accepts:
        accept_task(name, control, **said)
    else:
        return_task(name, control, asked.reason, **said)
    return _back(request, name)


def _back(request: HttpRequest, name: str) -> HttpResponse:
    return redirect("work") if pressed(request, "to") == "work" else redirect("handed", name=name)
