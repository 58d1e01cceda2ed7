"""Many changes at once: the board, the calendar, the areas of practice and risks."""

import calendar as months
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from unfelt.documents.change import Change
from unfelt.documents.playbook import Area, Control
from unfelt.documents.sections import Risk
from unfelt.engines.ledger.gates.compliance import KINDS, standing_kind
from unfelt.engines.ledger.gates.models import Approval, approval_of, model_name
from unfelt.engines.ledger.gates.reading import evaluated_all
from unfelt.engines.ledger.gates.standing import ORDER, Evaluation, Standing
from unfelt.engines.ledger.origins import ORIGINS
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import visible
from unfelt.engines.people.rights import Reader
from unfelt.engines.planning.find import Wanted, rows_of
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.inbox import first_shut
from unfelt.queries.changes import programme_shown
from unfelt.queries.plans import models
from unfelt.records.models import ChangeRow, Rollout, Task

MOST = 40
"""Changes that a page looks through: those planned last."""


@dataclass(frozen=True, slots=True)
class Many:
    """Some changes with their gates."""

    changes: dict[str, Change]
    found: dict[str, Evaluation]
    all: int


def newest(known: Reader, now: datetime, wanted: Wanted = Wanted()) -> Many:
    """The changes that are not done, the newest plan first."""
    done = Rollout.objects.filter(state="done").values("change")
    rows = rows_of(known, wanted).exclude(name__in=done)
    changes = plans_of(rows.select_related("revision")[:MOST])
    place = standards()
    found = evaluated_all(list(changes.values()), place, now=now)
    return Many(changes, found, rows.count())


def board_of_gates(known: Reader, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """Each change under the gate that holds it; under the last one those that nothing holds."""
    many = newest(known, now, wanted)
    columns: dict[str, list[Change]] = {name: [] for name in (*ORDER, "open")}
    for name, change in many.changes.items():
        shut = first_shut(many.found[name])
        columns[shut.gate if shut else "open"].append(change)
    under_way = set(Rollout.objects.filter(ended=None).values_list("change", flat=True))
    return {"columns": columns, "all": many.all, "most": MOST, "under_way": under_way, "wanted": wanted}


@dataclass(slots=True)
class Day:
    """A day of the calendar and what falls on it."""

    day: date
    is_in_month: bool
    windows: list[ChangeRow] = field(default_factory=list)
    freezes: list[str] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def month_of(known: Reader, year: int, month: int, now: datetime) -> dict[str, Any]:
    """Windows, freezes, recurring work and one's tasks of a month, and windows that meet on the same."""
    weeks = months.Calendar().monthdatescalendar(year, month)
    days = {day: Day(day, day.month == month) for week in weeks for day in week}
    first, last = _midnight(weeks[0][0]), _midnight(weeks[-1][-1] + timedelta(days=1))
    rows = list(
        visible(known).filter(starts__lt=last, ends__gt=first).order_by("starts").select_related("revision")
    )
    plans = plans_of(rows)
    catalog = standards().catalog
    freezes = catalog.freezes if catalog is not None else ()
    for row in rows:
        for day in _days(row.starts, row.ends, days):
            days[day].windows.append(row)
    for freeze in freezes:
        for day in _days(freeze.start, freeze.end, days):
            days[day].freezes.append(freeze.name)
    for one in programme_shown(now)["due"]:
        if one.day in days:
            days[one.day].due.append(one.work.what)
    for row, what in _clashes(rows, plans, freezes):
        for day in _days(row.starts, row.ends, days):
            days[day].clashes.append(what)
    tasks = Task.objects.filter(due__gte=weeks[0][0], due__lte=weeks[-1][-1], member__name=known.name)
    for task in tasks:
        days[task.due].due.append(f"{task.change}: {task.control}")
    return {
        "weeks": [[days[day] for day in week] for week in weeks],
        "year": year,
        "month": month,
        "before": _midnight(date(year, month, 1)) - timedelta(days=1),
        "after": _midnight(date(year + month // 12, month % 12 + 1, 1)),
    }


def _clashes(
    rows: list[ChangeRow], plans: dict[str, Change], freezes: Iterable[Any]
) -> Iterable[tuple[ChangeRow, str]]:
    for number, row in enumerate(rows):
        touches = set(plans[row.name].touches) if row.name in plans else set()
        for other in rows[number + 1 :]:
            meet = row.starts < other.ends and other.starts < row.ends
            if meet and other.name in plans and touches.intersection(plans[other.name].touches):
                yield row, f"{row.name} × {other.name}"
        for freeze in freezes:
            about = not freeze.touches or touches.intersection(freeze.touches)
            if about and row.starts < freeze.end and freeze.start < row.ends:
                yield row, f"{row.name} × {freeze.name}"


def _days(start: datetime, end: datetime, within: dict[date, Day]) -> list[date]:
    first, last = start.astimezone(UTC).date(), (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return [day for day in within if first <= day <= last]


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cell:
    """A control over all changes that are not done: how many answered it how."""

    control: Control
    counts: dict[str, int]

    @property
    def kind(self) -> str:
        """Open where any is, else by the weakest that any stands on; nothing is not applicable."""
        order = ("open", "waived", *reversed(ORIGINS))
        return next((kind for kind in order if self.counts[kind]), "not_applicable")


def areas_of(known: Reader, now: datetime) -> dict[str, Any]:
    """Every area with its controls over the changes that are not done."""
    many, place = newest(known, now), standards()
    counts: dict[str, Counter[str]] = {control.id: Counter() for control in place.playbook.controls}
    for found in many.found.values():
        for one in found.controls:
            counts[one.control.id][standing_kind(one)] += 1
    areas: list[tuple[Area, list[Cell]]] = [
        (area, [Cell(control, {kind: counts[control.id][kind] for kind in KINDS}) for control in area.controls])
        for area in place.playbook.areas
    ]
    return {"areas": areas, "all": many.all, "looked_through": len(many.changes)}


def standings_of(known: Reader, control: str, now: datetime) -> list[tuple[Change, Standing]]:
    """Where the control stands in each change that is not done."""
    many = newest(known, now)
    return [
        (many.changes[name], one)
        for name, found in many.found.items()
        for one in found.controls
        if one.control.id == control
    ]


def models_with_approval() -> list[tuple[Any, Approval | None]]:
    """Every change model, and whether it is approved as it is now."""
    return [(one, approval_of(model_name(one))) for one in models()]


@dataclass(frozen=True, slots=True)
class KnownRisk:
    """A risk of a change, and how many customers it would reach on average."""

    change: Change
    risk: Risk

    @property
    def expected(self) -> float:
        """Chance times customers."""
        return float(self.risk.chance * self.risk.affects)


def risks_of(known: Reader, now: datetime) -> dict[str, Any]:
    """Every risk of the changes that are not done, the gravest first."""
    many = newest(known, now)
    found = [KnownRisk(change, risk) for change in many.changes.values() for risk in change.risks]
    found.sort(key=lambda one: (-one.expected, one.change.change.id, one.risk.id))
    silent = [change for change in many.changes.values() if not change.risks]
    return {"risks": found, "silent": silent, "all": many.all, "looked_through": len(many.changes)}
