"""A mission store: born as one by its first entry; its business clock goes forward by steps on record alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.entries import CLOCK_MOVED, MISSION
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.records.business_time import in_business, is_mission
from unfelt.records.models import Entry

LONGEST = timedelta(days=400)
"""Of one step."""


class MissionError(NotDoneError):
    """What a mission store, or one that is none, does not take."""


@dataclass(frozen=True, slots=True)
class Mission:
    """What the first entry says: the seed, the digest of the truth file, when it was born."""

    seed: int
    truth: str
    born: datetime


def found_mission(*, seed: int, truth: str, at: datetime) -> int:
    """The store is a mission store from its first entry on; MissionError where the ledger has entries already.

    truth: the SHA-256 of the file that says what is simulated, sealed here and opened afterwards.
    """
    if len(truth) != 64 or not set(truth) <= set("0123456789abcdef"):
        raise MissionError(
            Message("The digest of the truth file is 64 hexadecimal digits; given: {text}", text=truth)
        )
    with in_turn():
        if Entry.objects.exists():
            said = Message("A mission store is one from its first entry on, and this ledger has entries already.")
            raise MissionError(said)
        return int(record(MISSION, {"seed": seed, "truth": truth}, rollout=None, at=at).sequence)


def mission_here() -> Mission | None:
    """What this store says of itself; None where it is none of a mission."""
    row = Entry.objects.filter(sequence=1, kind=MISSION.name).first()
    if row is None:
        return None
    body = json.loads(row.body)
    return Mission(body["seed"], body["truth"], row.recorded_at)


def step(length: timedelta, *, at: datetime) -> tuple[int, datetime]:
    """The entry by which the business clock is ahead by that much more, and what it says then.

    at: the time of this machine. MissionError in any other store, and for a step that is not forward.
    """
    if not timedelta() < length <= LONGEST:
        raise MissionError(Message("The clock is moved forward, by {most} days at most.", most=LONGEST.days))
    with in_turn():
        if not is_mission():
            raise MissionError(Message("The clock of this store is that of the machine: it is no mission store."))
        before = in_business(at)
        then = before + length
        said = {"moved_at": at.isoformat(), "seconds": int(length.total_seconds())}
        body = {**said, "from": before.isoformat(), "to": then.isoformat()}
        return int(record(CLOCK_MOVED, body, rollout=None, at=then).sequence), then


def mission_faults(entries: Sequence[tuple[int, str, dict[str, Any]]]) -> Iterator[Fault]:
    """Entries about a mission that cannot be: not the first one, or steps that do not follow from each other.

    entries: number, kind and body of each.
    """
    missions = [number for number, kind, _body in entries if kind == MISSION.name]
    for number in missions:
        if number != 1:
            yield entry_fault(number, Message("a store becomes a mission store by its first entry alone"))
    ahead, last = timedelta(), None
    for number, body in ((number, body) for number, kind, body in entries if kind == CLOCK_MOVED.name):
        at, length = datetime.fromisoformat(body["moved_at"]), timedelta(seconds=body["seconds"])
        start, end = (datetime.fromisoformat(body[name]) for name in ("from", "to"))
        if 1 not in missions:
            yield entry_fault(number, Message("the clock was moved in a store that is no mission store"))
        elif length <= timedelta() or (last is not None and at < last):
            yield entry_fault(number, Message("the clock was not moved forward"))
        elif start != at + ahead or end != start + length:
            yield entry_fault(number, Message("the clock was moved from another time than it showed"))
        ahead, last = ahead + length, at
