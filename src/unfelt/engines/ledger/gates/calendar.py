"""When recurring work is due: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from unfelt.documents.programme import Programme, Work
from unfelt.engines.ledger.gates.facts import Evidence

SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Due:
    """An item of the programme: when it last passed, the day it is due, and whether that is over, near or far."""

    work: Work
    last: Evidence | None
    day: date
    state: Literal["overdue", "soon", "fresh"]


def calendar(programme: Programme, evidence: Iterable[Evidence], *, now: datetime) -> tuple[Due, ...]:
    """Every item, the most pressing first. What failed is due at once."""
    newest: dict[str, Evidence] = {}
    for one in sorted(evidence, key=lambda each: (each.found_at, each.number)):
        newest[one.control] = one
    found = [_due(work, newest.get(work.control), now) for work in programme.work]
    return tuple(sorted(found, key=lambda due: (due.day, due.work.control)))


def _due(work: Work, last: Evidence | None, now: datetime) -> Due:
    day = work.first
    if last is not None:
        after = last.found_at.astimezone(UTC).date()
        day = after + work.every if last.verdict == "pass" else after
    today = now.astimezone(UTC).date()
    if day < today or (last is not None and last.verdict != "pass"):
        return Due(work, last, day, "overdue")
    return Due(work, last, day, "soon" if day <= today + SOON else "fresh")
