"""What the pages about changes show: every change on record by its newest plan, and where its gates stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Area
from unfelt.engines.ledger.gates.calendar import calendar
from unfelt.engines.ledger.gates.compliance import Compliance, compliance_of
from unfelt.engines.ledger.gates.models import is_asked
from unfelt.engines.ledger.gates.reading import (
    case_of,
    counted_of,
    evaluated,
    evaluated_all,
    programme_name,
)
from unfelt.engines.ledger.gates.standing import ORDER, Case, Evaluation, GateStanding, Standing
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import visible
from unfelt.engines.people.rights import Reader
from unfelt.engines.planning.find import Wanted, rows_of
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.inbox import first_shut
from unfelt.records.models import ChangeRow, Rollout

ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class Shown:
    """A change as its page shows it."""

    change: Change
    case: Case
    found: Evaluation
    summed: Compliance
    areas: tuple[tuple[Area, tuple[Standing, ...]], ...]
    rollouts: tuple[Rollout, ...]
    planned_at: datetime
    team: str

    @property
    def gates(self) -> list[GateStanding]:
        """In their order, what recurs last."""
        return [self.found.gate(name) for name in (*ORDER, "programme")]

    @property
    def may_begin(self) -> bool:
        """Nothing is under way or done, the plan says where its traffic is and how carefully, and go lets it."""
        is_free = not any(row.ended is None or row.state == "done" for row in self.rollouts)
        is_ready = self.change.rollout is not None and self.says_tier and self.is_in_window
        return is_free and is_ready and self.found.gate("go").is_open

    @property
    def is_in_window(self) -> bool:
        """Now is a time in which the plan lets it begin."""
        window = self.change.window
        return window is None or window.start <= self.case.now < window.end

    @property
    def says_tier(self) -> bool:
        """Gates hold it: its plan says how carefully it is taken, or the playbook does."""
        return is_asked(self.change, standards().playbook)

    @property
    def held_at(self) -> GateStanding | None:
        """The first gate that is shut by controls of its own."""
        return first_shut(self.found)


def parts_of(known: Reader, name: str) -> list[ChangeRow]:
    """The changes whose plans say that they are a part or a consequence of that one."""
    said = f'"part_of":{json.dumps(name)}'
    return list(visible(known).filter(revision__canonical__contains=said).order_by("saved_at"))


def changes_of(known: Reader, wanted: Wanted, *, now: datetime, page: int = 1) -> dict[str, Any]:
    """The changes that are wanted, a page at a time."""
    rows = rows_of(known, wanted)
    count = rows.count()
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(max(1, page), pages)
    shown = list(rows.select_related("revision")[(page - 1) * ON_A_PAGE : page * ON_A_PAGE])
    changes = plans_of(shown)
    place = standards()
    gates = evaluated_all(list(changes.values()), place, now=now)
    cards = [_card(changes[row.name], gates[row.name], row) for row in shown if row.name in changes]
    return {"wanted": wanted, "q": wanted.text, "cards": cards, "count": count, "page": page, "pages": pages}


def _card(change: Change, found: Evaluation, row: ChangeRow) -> dict[str, Any]:
    shut = first_shut(found)
    return {
        "team": row.team,
        "tier": row.tier,
        "id": change.change.id,
        "title": row.title,
        "titles": row.titles.plain(),
        "owner": change.change.owner,
        "touches": ", ".join(change.touches),
        "gates": [found.gate(name) for name in ORDER],
        "held_at": shut.gate if shut else None,
        "holding": [one.control for one in shut.holding] if shut else [],
    }


def change_of(name: str, now: datetime) -> Shown | None:
    """One change; None where no plan of that name is on record."""
    row = ChangeRow.objects.filter(name=name).select_related("revision").first()
    change = plans_of([row]).get(name) if row is not None else None
    if row is None or change is None:
        return None
    place = standards()
    found = evaluated(change, place, now=now)
    states = {one.control.id: one for one in found.controls}
    areas = tuple((area, tuple(states[one.id] for one in area.controls)) for area in place.playbook.areas)
    return Shown(
        change,
        case_of(change, place.playbook, now=now),
        found,
        compliance_of(place.playbook, found),
        areas,
        tuple(Rollout.objects.filter(change=name).order_by("-began")),
        row.saved_at,
        row.team,
    )


def programme_shown(now: datetime) -> dict[str, Any]:
    """The programme, what is due of it, and the titles of its controls."""
    place = standards()
    if place.programme is None:
        return {"programme": None, "due": (), "titles": {}}
    found = counted_of(programme_name(place.programme))
    titles = {control.id: control.title for control in place.playbook.controls}
    due = calendar(place.programme, found, now=now)
    return {"programme": place.programme, "due": due, "titles": titles}


def answer_to(standing: Standing) -> Message:
    """What would answer the control, as a command: a person without a terminal asks who has one."""
    kind, name = standing.control.evidence[0], standing.control.id
    commands: Mapping[str, str] = {
        "probe": "unfelt probe",
        "command": f"unfelt run-control {name} -- PROGRAM",
        "rollout": "unfelt run",
        "sign-off": f"unfelt sign {name}",
    }
    return Message("{command}", command=commands.get(kind, f"unfelt evidence add {name} --kind {kind}"))
