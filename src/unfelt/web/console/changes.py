"""What the pages about changes show: every change on record by its newest plan, and where its gates stand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db.models import Max
from pydantic import ValidationError

from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.documents.change import Change
from unfelt.documents.load import load_playbook, programme_of
from unfelt.documents.playbook import Area, Control, Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.revision import restored
from unfelt.engines.ledger.gates.calendar import calendar
from unfelt.engines.ledger.gates.compliance import Compliance, compliance_of
from unfelt.engines.ledger.gates.decide import ORDER, Case, Evaluation, GateStanding, Standing
from unfelt.engines.ledger.gates.facts import Evidence
from unfelt.engines.ledger.gates.reading import case_of, evaluated, evaluated_all, evidence_of, programme_name
from unfelt.engines.ledger.gates.rollouts import note_rollouts
from unfelt.records.models import Revision, Rollout

ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class House:
    """The playbook and the programme that changes here are judged by."""

    playbook: Playbook
    programme: Programme | None

    def control(self, name: str) -> tuple[Area, Control] | None:
        """The control of that name and its area."""
        for area in self.playbook.areas:
            for control in area.controls:
                if control.id == name:
                    return area, control
        return None


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

    @property
    def gates(self) -> list[GateStanding]:
        """In their order, what recurs last."""
        return [self.found.gate(name) for name in (*ORDER, "programme")]

    @property
    def held_at(self) -> GateStanding | None:
        """The first gate that is shut by controls of its own."""
        return first_shut(self.found)


_kept: dict[tuple[tuple[str, float], ...], House] = {}


def house() -> House:
    """Read again when one of the files was written again."""
    given = settings()
    files = [given.playbook, given.programme or Path("programme.yaml")]
    seen = tuple((str(file), file.stat().st_mtime) for file in files if file is not None and file.exists())
    if seen not in _kept:
        _kept.clear()
        _kept[seen] = House(
            load_playbook(given.playbook), programme_of(Path("change.yaml"), named=given.programme)
        )
    return _kept[seen]


def first_shut(found: Evaluation) -> GateStanding | None:
    """The gate that holds the change now; None where all are open."""
    gates = (found.gate(name) for name in ORDER)
    return next((gate for gate in gates if gate.holding), None)


def changes_of(wanted: str, *, page: int = 1) -> dict[str, Any]:
    """The changes whose plan contains what is wanted, the newest plan first, a page at a time."""
    rows = Revision.objects.filter(kind="change")
    if wanted:
        rows = rows.filter(canonical__icontains=json.dumps(wanted, ensure_ascii=False)[1:-1])
    newest = rows.values("name").annotate(at=Max("saved_at")).order_by("-at", "name")
    count = newest.count()
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(max(1, page), pages)
    names = [row["name"] for row in newest[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]]
    plans = _plans(names)
    place = house()
    changes = [plans[name] for name in names if name in plans]
    gates = evaluated_all(changes, place.playbook, now=datetime.now(UTC), programme=place.programme)
    cards = [_card(change, gates[change.change.id]) for change in changes]
    return {"q": wanted, "cards": cards, "count": count, "page": page, "pages": pages}


def _plans(names: list[str]) -> dict[str, Change]:
    """The newest plan of each; one that this version cannot read any more is left out."""
    found: dict[str, Change] = {}
    for row in Revision.objects.filter(kind="change", name__in=names).order_by("saved_at"):
        try:
            found[row.name] = restored(json.loads(row.canonical))
        except (ValidationError, ValueError):
            found.pop(row.name, None)
    return found


def _card(change: Change, found: Evaluation) -> dict[str, Any]:
    shut = first_shut(found)
    return {
        "id": change.change.id,
        "title": change.change.title,
        "owner": change.change.owner,
        "touches": ", ".join(change.touches),
        "gates": [found.gate(name) for name in ORDER],
        "held_at": shut.gate if shut else None,
        "holding": [one.control for one in shut.holding] if shut else [],
    }


def change_of(name: str) -> Shown | None:
    """One change; None where no plan of that name is on record."""
    change = _plans([name]).get(name)
    if change is None:
        return None
    place = house()
    note_rollouts(name, place.playbook)
    now = datetime.now(UTC)
    found = evaluated(change, place.playbook, now=now, programme=place.programme)
    states = {one.control.id: one for one in found.controls}
    areas = tuple((area, tuple(states[one.id] for one in area.controls)) for area in place.playbook.areas)
    newest = Revision.objects.filter(kind="change", name=name).aggregate(at=Max("saved_at"))["at"]
    return Shown(
        change,
        case_of(change, place.playbook, now=now),
        found,
        compliance_of(place.playbook, found),
        areas,
        tuple(Rollout.objects.filter(change=name).order_by("-began")),
        newest,
    )


def programme_shown() -> dict[str, Any]:
    """The programme, what is due of it, and the titles of its controls."""
    place = house()
    if place.programme is None:
        return {"programme": None, "due": (), "titles": {}}
    found = evidence_of(programme_name(place.programme))
    titles = {control.id: control.title for control in place.playbook.controls}
    due = calendar(place.programme, found, now=datetime.now(UTC))
    return {"programme": place.programme, "due": due, "titles": titles}


def history_of(change: str, control: str) -> list[Evidence]:
    """Everything on record about one control of a change, newest first."""
    return [one for one in evidence_of(change) if one.control == control][::-1]


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
