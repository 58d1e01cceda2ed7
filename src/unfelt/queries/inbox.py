"""What waits for whoever reads it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from unfelt.documents.change import Change
from unfelt.engines.inbox import waiting_for
from unfelt.engines.ledger.gates.calendar import Due
from unfelt.engines.ledger.gates.reading import evaluated_all
from unfelt.engines.ledger.gates.standing import ANSWERED, Evaluation, GateStanding, Standing
from unfelt.engines.ledger.standards import Standards, standards
from unfelt.engines.people.access import visible
from unfelt.engines.people.persons import is_same
from unfelt.engines.people.rights import Reader
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.clocks import answer_due
from unfelt.engines.teamwork.inbox import ending_soon, first_shut, to_sign
from unfelt.engines.teamwork.reading import questions_for, tasks_for, waivers_for
from unfelt.engines.teamwork.requests import actions_for, approvals_for, requests_like
from unfelt.queries.changes import programme_shown
from unfelt.records.models import ChangeRow, Draft, Member, Rollout, Task

MOST = 25
"""Changes that are looked through: those planned last."""
FEW = 5
"""Requests that are shown: those that came last."""


@dataclass(frozen=True, slots=True)
class ToDo:
    """A control in somebody's hands, and where it stands."""

    task: Task
    change: Change
    standing: Standing
    is_late: bool
    is_overdue: bool
    """They were to say by now that they do it, and have not."""


@dataclass(frozen=True, slots=True)
class Shut:
    """A change of theirs and the gate that holds it."""

    change: Change
    gate: GateStanding


def work_of(known: Reader, member: Member, now: datetime) -> dict[str, Any]:
    """Everything that waits for them."""
    place = standards()
    tasks = tasks_for(member)
    changes = _near(known, member, tasks)
    found = evaluated_all(list(changes.values()), place, now=now)
    mine = [one for one in changes.values() if is_same(one.change.owner, known.name)]
    waiting = {
        "sign": to_sign(known, found, changes.values()),
        "do": list(_to_do(tasks, changes, found, now)),
        "questions": questions_for(member),
        "waivers": waivers_for(member),
        "approvals": approvals_for(member),
        "actions": actions_for(member),
        "requests": list(requests_like("", "open")[:FEW]) if known.may("write") else [],
        "ending": ending_soon(found, mine, now=now),
        "shut": [Shut(one, gate) for one in mine if (gate := first_shut(found[one.change.id]))],
        "others": waiting_for(known, member, now),
        "drafts": list(Draft.objects.filter(member=member).order_by("-typed_at")),
    }
    beside = {"now": now, "today": now.date(), "next": _next(place, now), "looked_through": len(changes)}
    return {**waiting, **beside, "is_empty": not any(waiting.values())}


def _near(known: Reader, member: Member, tasks: Iterable[Task]) -> dict[str, Change]:
    """The changes that are not done, theirs first: by task, by owner, by team, the newest first."""
    done = Rollout.objects.filter(state="done").values("change")
    rows = visible(known).select_related("revision")
    in_hand = {task.change for task in tasks}
    first = rows.filter(Q(name__in=in_hand) | Q(owner__istartswith=known.name.split("@")[0]))
    newest = rows.exclude(name__in=done).order_by("-saved_at")
    found: dict[str, ChangeRow] = {row.name: row for row in first.order_by("-saved_at")[:MOST]}
    for row in newest[:MOST]:
        found.setdefault(row.name, row)
    return plans_of(found.values())


def _to_do(
    tasks: Iterable[Task], changes: dict[str, Change], found: dict[str, Evaluation], now: datetime
) -> Iterable[ToDo]:
    for task in tasks:
        change = changes.get(task.change)
        if change is None:
            continue
        standing = next((one for one in found[task.change].controls if one.control.id == task.control), None)
        if standing is not None and standing.state not in ANSWERED:
            is_overdue = task.accepted_at is None and now > answer_due(task.given_at)
            yield ToDo(task, change, standing, task.due is not None and task.due < now.date(), is_overdue)


def _next(place: Standards, now: datetime) -> Due | None:
    """The next dated thing, for who has nothing to do."""
    due = programme_shown(now)["due"] if place.programme is not None else ()
    return due[0] if due else None
