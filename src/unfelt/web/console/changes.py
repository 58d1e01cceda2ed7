"""What the pages about changes show: every change on record by its newest plan, and where its gates stand."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
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
from unfelt.engines.ledger.gates.models import is_asked
from unfelt.engines.ledger.gates.reading import case_of, evaluated, evaluated_all, evidence_of, programme_name
from unfelt.engines.ledger.gates.rollouts import note_rollouts
from unfelt.engines.people.rights import Reader
from unfelt.engines.teamwork.waiting import first_shut
from unfelt.records.models import ChangeRow, Rollout

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
    team: str

    @property
    def gates(self) -> list[GateStanding]:
        """In their order, what recurs last."""
        return [self.found.gate(name) for name in (*ORDER, "programme")]

    @property
    def may_begin(self) -> bool:
        """Nothing is under way or done, the plan says where its traffic is and how carefully, and go lets it."""
        is_free = not any(row.ended is None or row.state == "done" for row in self.rollouts)
        return is_free and self.change.rollout is not None and self.says_tier and self.found.gate("go").is_open

    @property
    def says_tier(self) -> bool:
        """Gates hold it: its plan says how carefully it is taken, or the playbook does."""
        return is_asked(self.change, house().playbook)

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are asked for: any text of the plan, and what the address says besides."""

    text: str = ""
    team: str = ""
    tier: str = ""
    owner: str = ""

    def query(self) -> str:
        """As it stands in an address."""
        said = {"q": self.text, "team": self.team, "tier": self.tier, "owner": self.owner}
        return urlencode({name: value for name, value in said.items() if value})


def visible(known: Reader) -> QuerySet[ChangeRow]:
    """The changes that may be opened by the reader."""
    rows = ChangeRow.objects.all()
    return rows if known.sees_all else rows.filter(Q(team="") | Q(team__in=list(known.teams)))


def parts_of(known: Reader, name: str) -> list[ChangeRow]:
    """The changes whose plans say that they are a part or a consequence of that one."""
    said = f'"part_of":{json.dumps(name)}'
    return list(visible(known).filter(revision__canonical__contains=said).order_by("saved_at"))


def rows_of(known: Reader, wanted: Wanted) -> QuerySet[ChangeRow]:
    """Those that are wanted, the newest plan first."""
    rows = visible(known)
    if wanted.text:
        rows = rows.filter(revision__canonical__icontains=json.dumps(wanted.text, ensure_ascii=False)[1:-1])
    for name in ("team", "tier", "owner"):
        if getattr(wanted, name):
            rows = rows.filter(**{name: getattr(wanted, name)})
    return rows.order_by("-saved_at", "name")


def changes_of(known: Reader, wanted: Wanted, *, page: int = 1) -> dict[str, Any]:
    """The changes that are wanted, a page at a time."""
    rows = rows_of(known, wanted)
    count = rows.count()
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(max(1, page), pages)
    shown = list(rows.select_related("revision")[(page - 1) * ON_A_PAGE : page * ON_A_PAGE])
    changes = plans_of(shown)
    place = house()
    gates = evaluated_all(list(changes.values()), place.playbook, now=datetime.now(UTC), programme=place.programme)
    cards = [_card(changes[row.name], gates[row.name], row) for row in shown if row.name in changes]
    return {"wanted": wanted, "q": wanted.text, "cards": cards, "count": count, "page": page, "pages": pages}


def plans_of(rows: Iterable[ChangeRow]) -> dict[str, Change]:
    """The newest plan of each; one that this version cannot read any more is left out."""
    found: dict[str, Change] = {}
    for row in rows:
        with suppress(ValidationError, ValueError):
            found[row.name] = restored(json.loads(row.revision.canonical))
    return found


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


def change_of(name: str) -> Shown | None:
    """One change; None where no plan of that name is on record."""
    row = ChangeRow.objects.filter(name=name).select_related("revision").first()
    change = plans_of([row]).get(name) if row is not None else None
    if row is None or change is None:
        return None
    place = house()
    note_rollouts(name, place.playbook)
    now = datetime.now(UTC)
    found = evaluated(change, place.playbook, now=now, programme=place.programme)
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
