"""Business time: that of this machine, and in a mission store ahead of it by the steps that are on record.

Gates, the age of evidence, waivers, windows and days that are due go by it. Guard, router and rollout do not.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from unfelt.records.models import Entry

MISSION, STEP = "mission", "clock moved"
"""Kinds of entries: the first of a mission store, and a step of its clock."""


def business_now() -> datetime:
    """The business time at this moment; in UTC."""
    return in_business(datetime.now(UTC))


def in_business(at: datetime) -> datetime:
    """The business time at that moment of this machine."""
    return at + sum((length for since, length in _steps() if since <= at), timedelta())


def on_this_machine(at: datetime) -> datetime:
    """The moment of this machine at that business time; a time that was stepped over is the moment of the step."""
    ahead = timedelta()
    for since, length in _steps():
        if at - ahead <= since:
            break
        if at - ahead - length <= since:
            return since
        ahead += length
    return at - ahead


def is_mission() -> bool:
    """This store was born as a mission store: its people are simulated and its clock can be moved."""
    found: bool = Entry.objects.filter(sequence=1, kind=MISSION).exists()
    return found


def _steps() -> Iterator[tuple[datetime, timedelta]]:
    """When the clock was moved, by this machine's own, and by how much; nothing in any other store."""
    bodies = list(Entry.objects.filter(kind=STEP).order_by("sequence").values_list("body", flat=True))
    for body in map(json.loads, bodies if bodies and is_mission() else ()):
        yield datetime.fromisoformat(body["moved_at"]), timedelta(seconds=body["seconds"])
