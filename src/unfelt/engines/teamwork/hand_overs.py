"""What a change hands over to others: each touchpoint that is another's by the catalog.

It follows from plans and catalog whenever it is read; the chain holds the answers alone.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.revision import expanded, revise
from unfelt.engines.ledger.entries import PLANNED
from unfelt.engines.ledger.people import names
from unfelt.engines.people.persons import is_same
from unfelt.engines.teamwork.actions import digest_of
from unfelt.engines.teamwork.chain import Noted, entries_about
from unfelt.engines.teamwork.entries import HAND_OVER_ACCEPTED, HAND_OVER_REFUSED
from unfelt.engines.teamwork.given import HandOver, waiting
from unfelt.records.models import Comment, Revision

ANSWERS = (HAND_OVER_ACCEPTED.name, HAND_OVER_REFUSED.name)
RELIED_ON = ("rollout", "window")
"""The parts of the plan as which an answer was given: another text of one asks anew."""


@dataclass(frozen=True, slots=True)
class _Saved:
    """A plan of the change, since when it stood, and the entry that says so."""

    number: int
    at: datetime
    plan: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for all changes at once."""

    plans: Mapping[str, tuple[datetime, Mapping[str, Any]]]
    entries: Mapping[str, list[Noted]]
    people: Mapping[str, str]
    reasons: Mapping[tuple[str, str], str]


def hand_overs(
    changes: Collection[Change], catalog: Catalog | None, now: datetime, *, entries: Iterable[Noted] | None = None
) -> list[HandOver]:
    """Those of these changes, each with its state then; three queries however many they are, four with reasons.

    entries: those about the changes, where they were read.
    """
    theirs = {one.change.id: owners_of(one, catalog) for one in changes}
    asked = [one for one in changes if theirs[one.change.id]]
    read = _read([one.change.id for one in asked], entries) if asked else _Read({}, {}, {}, {})
    return [
        _hand_over(one, touchpoint, owner, read, now)
        for one in asked
        for touchpoint, owner in theirs[one.change.id].items()
    ]


def owners_of(change: Change, catalog: Catalog | None) -> dict[str, str]:
    """The owner of each touchpoint that is handed over: another person or team than the change's own."""
    owners = {one.name: one.owner for one in catalog.touchpoints} if catalog is not None else {}
    said = change.change
    return {
        touch: owner
        for touch in change.touches
        if (owner := owners.get(touch)) and not is_same(owner, said.owner) and owner != said.team
    }


def _read(ids: list[str], told: Iterable[Noted] | None) -> _Read:
    rows = Revision.objects.filter(kind="change", name__in=ids).values_list("digest", "saved_at", "canonical")
    plans = {digest: (at, json.loads(canonical)) for digest, at, canonical in rows}
    entries: dict[str, list[Noted]] = defaultdict(list)
    for one in entries_about(ids, (PLANNED.name, *ANSWERS)) if told is None else told:
        if one.kind in (PLANNED.name, *ANSWERS):
            entries[one.body["change"]].append(one)
    refused = any("text" in one.body for some in entries.values() for one in some)
    return _Read(plans, entries, names(), reasons_in(ids) if refused else {})


def reasons_in(changes: Collection[str]) -> dict[tuple[str, str], str]:
    """What was said about these changes, by change and by the digest that entries hold."""
    rows = Comment.objects.filter(change__in=changes).values_list("change", "text")
    return {(change, digest_of(text)): text for change, text in rows}


def _hand_over(change: Change, touchpoint: str, owner: str, read: _Read, now: datetime) -> HandOver:
    name, entries = change.change.id, read.entries.get(change.change.id, [])
    saved = list(_saved(change, entries, read, now))
    asked = _since(saved, touchpoint)
    relied_on = _relied_on(saved[-1].plan)
    answers = [
        one
        for one in entries
        if one.kind in ANSWERS and one.body["touchpoint"] == touchpoint and one.number > asked.number
        if one.body["revision"] in read.plans and _relied_on(read.plans[one.body["revision"]][1]) == relied_on
    ]
    found = HandOver("touchpoint", name, touchpoint, owner, waiting(asked.at, now), asked.at, asked.number)
    return _answered(found, answers[-1], read) if answers else found


def _answered(found: HandOver, last: Noted, read: _Read) -> HandOver:
    return replace(
        found,
        state="accepted" if last.kind == HAND_OVER_ACCEPTED.name else "refused",
        answered_at=last.at,
        answered=last.number,
        by=read.people.get(last.body["by"], ""),
        reason=read.reasons.get((found.change, last.body.get("text", "")), ""),
    )


def _saved(change: Change, entries: list[Noted], read: _Read, now: datetime) -> Iterator[_Saved]:
    """The plans that stood, oldest first; the newest is the change's own, whether or not an entry names it."""
    digest, last = revise(change).digest, ""
    for one in entries:
        if one.kind == PLANNED.name and one.revision in read.plans:
            last = one.revision
            yield _Saved(one.number, one.at, read.plans[one.revision][1])
    if last != digest and digest in read.plans:  # It came with a rollout.
        yield _Saved(0, *read.plans[digest])
    elif not last:
        yield _Saved(0, now, expanded(change))


def _since(saved: list[_Saved], touchpoint: str) -> _Saved:
    """The first plan of the run up to now that touches it, with the same parts that an answer relies on."""
    relied_on, found = _relied_on(saved[-1].plan), saved[-1]
    for one in reversed(saved):
        if touchpoint not in one.plan.get("touches", ()) or _relied_on(one.plan) != relied_on:
            break
        found = one
    return found


def _relied_on(plan: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(plan.get(part) for part in RELIED_ON)
