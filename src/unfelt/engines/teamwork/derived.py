"""What people did about a change, from the chain: who has read it, accepted it, learned from it, and how fast."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from unfelt.conf.language import Message
from unfelt.engines.ledger.entries import PLANNED
from unfelt.engines.ledger.gates.deriving import Deriver, Ground, Number, Records, Told
from unfelt.engines.teamwork.acknowledgements import Acknowledgement, acknowledged_in
from unfelt.engines.teamwork.chain import noted
from unfelt.engines.teamwork.delivered import DELIVERED
from unfelt.engines.teamwork.entries import ACKNOWLEDGED, ACTION_DONE, LESSON_DRAWN
from unfelt.engines.teamwork.given import HandOver
from unfelt.engines.teamwork.hand_overs import ANSWERS, hand_overs
from unfelt.engines.teamwork.latencies import ANSWERED_ABOUT, latencies_in

KINDS = (
    *(LESSON_DRAWN.name, ACTION_DONE.name, ACKNOWLEDGED.name, PLANNED.name),
    *(*ANSWERS, *ANSWERED_ABOUT),
)
"""Entries that say what people did about a change."""
FEWEST = 5
"""So many answers have to be there before it is said how long they take."""


@dataclass(frozen=True, slots=True)
class Beside:
    """By change: who has read it, what it hands over (None without a catalog), how long answers took."""

    read: Mapping[str, Sequence[Acknowledgement]]
    given: Mapping[str, Sequence[HandOver]] | None
    took: Mapping[str, Sequence[timedelta]]


def _gather(records: Records) -> Beside:
    entries = [noted(row) for row in records.entries if row.kind in KINDS]
    given: dict[str, list[HandOver]] = defaultdict(list)
    for one in hand_overs(records.changes, records.catalog, records.now, entries=entries):
        given[one.change].append(one)
    took: dict[str, list[timedelta]] = defaultdict(list)
    for answered in latencies_in(entries):
        took[answered.change].append(answered.working)
    read = acknowledged_in(records.changes, entries=entries)
    return Beside(read, given if records.catalog is not None else None, took)


def _numbers(ground: Ground) -> Mapping[str, Number]:
    found = {
        "acknowledged": _acknowledged(ground),
        "hand_overs_open": _hand_overs_open(ground),
        "hand_over_p90": _hand_over_p90(ground),
        "untold": _untold(ground),
        **_lessons(ground),
    }
    return {name: one for name, one in found.items() if one is not None}


def _acknowledged(ground: Ground) -> Number | None:
    """The part of those whom the plan names, its owner among them, who have read it as it is."""
    theirs = ground.beside.read.get(ground.change.change.id, ())
    if not theirs:
        return None
    rows = [_unread(one) for one in theirs if not one.holds]
    return Number(1 - len(rows) / len(theirs), tuple(rows))


def _unread(one: Acknowledgement) -> Message:
    if one.stale:
        return Message("{person} has read an earlier plan", person=one.name)
    if one.member is None:
        return Message("{person} is no member here and can acknowledge nothing", person=one.name)
    return Message("{person} has not read the plan", person=one.name)


def _hand_overs_open(ground: Ground) -> Number | None:
    """Touchpoints of others whose owners have not accepted; without a catalog nobody knows whose they are."""
    if ground.beside.given is None:
        return None
    rows = [
        Message("{owner} has not accepted {touchpoint}", owner=one.owner, touchpoint=one.what)
        for one in ground.beside.given.get(ground.change.change.id, ())
        if one.state != "accepted"
    ]
    return Number(float(len(rows)), tuple(rows))


def _hand_over_p90(ground: Ground) -> Number | None:
    """Nine answers of ten took no longer, in seconds of working time: to tasks, questions and waivers."""
    took = sorted(ground.beside.took.get(ground.change.change.id, ()))
    if len(took) < FEWEST:
        return None
    return Number(took[ceil(0.9 * len(took)) - 1].total_seconds())


def _untold(ground: Ground) -> Number | None:
    """Once the window was moved: people of the plan who have not read the new one, and partners."""
    theirs = ground.beside.read.get(ground.change.change.id, ())
    if ground.change.window is None:
        return None
    rows = [_unread(one) for one in theirs if not one.holds]
    rows += [
        Message("nothing on record shows that partner {partner} was told", partner=one.name)
        for one in ground.change.partners
    ]
    return Number(float(len(rows)), tuple(rows))


def _lessons(ground: Ground) -> dict[str, Number | None]:
    """Actions that are not done, and lessons without an action, somebody who does it and a day."""
    drawn = [one for one in ground.told if one.kind == LESSON_DRAWN.name]
    if not drawn:
        return {}
    done = {one.body["lesson"] for one in ground.told if one.kind == ACTION_DONE.name}
    planned = [one for one in drawn if one.body["person"]]
    left = [one for one in planned if one.body.get("lesson") not in done]
    bare = [one for one in drawn if not (one.body["person"] and one.body.get("due"))]
    return {
        "open_actions": Number(float(len(left)), tuple(map(_undone, left))) if planned else None,
        "incomplete_actions": Number(float(len(bare)), tuple(map(_bare, bare))),
    }


def _undone(one: Told) -> Message:
    return Message("the action of lesson {n} is not done, by {person}", n=_lesson(one), person=one.body["person"])


def _bare(one: Told) -> Message:
    return Message("lesson {n} has no action with somebody who does it and a day", n=_lesson(one))


def _lesson(one: Told) -> object:
    return one.body.get("lesson", f"#{one.number}")


def _facts(ground: Ground) -> Mapping[str, str]:
    """Whether anything was found: by a lesson, or by a rollout that did harm; not known before one has ended."""
    drawn = any(one.kind == LESSON_DRAWN.name for one in ground.told)
    rollouts = [one for one in ground.evidence if one.kind == "rollout"]
    harmed = any(one.payload.get("numbers", {}).get("harmed") for one in rollouts)
    if not drawn and not rollouts:
        return {}
    return {"findings": "some" if drawn or harmed else "none"}


DERIVERS = (
    Deriver(
        "teamwork",
        KINDS,
        numbers=_numbers,
        facts=_facts,
        gather=_gather,
    ),
    DELIVERED,
)
