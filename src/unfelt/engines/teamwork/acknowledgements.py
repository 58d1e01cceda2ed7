"""Who has read the plan and their part in it: in the chain alone, for the parts of the plan that count."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.revision import expanded, restored
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.gates.facts import part_digests
from unfelt.engines.people.persons import is_same
from unfelt.engines.teamwork.actions import TeamworkError, note
from unfelt.engines.teamwork.chain import Noted, entries_about
from unfelt.engines.teamwork.entries import ACKNOWLEDGED
from unfelt.engines.teamwork.parts import Named, named_in
from unfelt.records.models import ChangeRow, Member, Person

COVERED = ("/change", "/rollout", "/window", "/steps", "/way_back", "/people")
"""The parts of the plan that an acknowledgement relies on: another text of one asks for it anew."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Where somebody stands whom the plan names.

    member: who they are here; None where no member is that person. at: when they acknowledged last; None where
    they have not. stale: that was an earlier plan, of which a part that it relies on was another one.
    """

    name: str
    member: str | None
    at: datetime | None = None
    stale: bool = False
    revision: str = ""
    number: int = 0
    """The entry of the ledger that says so."""

    @property
    def holds(self) -> bool:
        """They have read the plan as it is, as far as it matters to them."""
        return self.at is not None and not self.stale


@dataclass(frozen=True, slots=True)
class _Known:
    """A member, under the token by which the chain knows them."""

    name: str
    is_active: bool
    token: str | None


def acknowledged(change: Change) -> tuple[Acknowledgement, ...]:
    """For everybody whom the plan names, its owner among them, whether they have read it.

    Who audits and nothing else is not asked: they read everything, and say nothing about it.
    """
    return acknowledged_in([change])[change.change.id]


def acknowledged_in(
    changes: Collection[Change], *, entries: Iterable[Noted] | None = None
) -> dict[str, tuple[Acknowledgement, ...]]:
    """The same of several changes, by their ids: two queries, however many they are.

    Who was forgotten has acknowledged nothing that could be told: the chain says that somebody did. entries: those
    about the changes, where they were read.
    """
    found: dict[str, list[Noted]] = defaultdict(list)
    if entries is None:
        entries = entries_about({change.change.id for change in changes}, (ACKNOWLEDGED.name,))
    for one in entries:
        if one.kind == ACKNOWLEDGED.name:
            found[one.body["change"]].append(one)
    members = _members() if changes else {}
    return {one.change.id: tuple(_standings(one, found[one.change.id], members)) for one in changes}


def parts_relied_on(change: Change) -> dict[str, str]:
    """The parts of the plan that an acknowledgement relies on, each by its digest."""
    return part_digests(expanded(change), COVERED)


def _standings(
    change: Change, read: list[Noted], members: Mapping[str, list[_Known]]
) -> Iterable[Acknowledgement]:
    parts = parts_relied_on(change)
    asked = (one for one in named_in(change) if one.roles != ("auditor",))
    return (_standing(one, parts, read, members) for one in asked)


def _standing(
    named: Named, parts: Mapping[str, str], read: list[Noted], members: Mapping[str, list[_Known]]
) -> Acknowledgement:
    them = [one for one in members.get(_short(named.name), ()) if is_same(one.name, named.name)]
    by_token = {one.token: one.name for one in them if one.token}
    theirs = [one for one in read if one.body["by"] in by_token]
    holding = [one for one in theirs if one.body["parts"] == parts]
    if not theirs:
        return Acknowledgement(named.name, next((one.name for one in them if one.is_active), None))
    last = (holding or theirs)[-1]
    said = {"at": last.at, "revision": last.body["revision"], "number": last.number}
    return Acknowledgement(named.name, by_token[last.body["by"]], stale=not holding, **said)


def _members() -> dict[str, list[_Known]]:
    """Every member by the part of their name before `@`."""
    token = Person.objects.filter(name=OuterRef("name")).values("token")[:1]
    found: dict[str, list[_Known]] = defaultdict(list)
    for row in Member.objects.annotate(token=Subquery(token)).values_list("name", "is_active", "token"):
        found[_short(row[0])].append(_Known(*row))
    return found


def _short(name: str) -> str:
    return name.strip().lower().split("@")[0]


def acknowledge(change: str, *, seen: str, by: Member, at: datetime) -> None:
    """They have read the plan and their part in it; of a plan that they have read it is said once.

    seen: the digest of the revision that they read. TeamworkError where it was edited since, or does not name
    them.
    """
    with in_turn():
        plan = plan_as_seen(change, seen)
        theirs = [one for one in acknowledged(plan) if is_same(one.name, by.name)]
        if not theirs:
            said = Message(
                "The plan of {change} names you nowhere: who has a part in it acknowledges it.", change=change
            )
            raise TeamworkError(said)
        if not all(one.holds for one in theirs):
            body = {"change": change, "revision": seen, "parts": parts_relied_on(plan)}
            note(ACKNOWLEDGED, body, revision=seen, by=by.name, at=at)


def plan_as_seen(change: str, seen: str) -> Change:
    """The plan that stands, if it is the one that they read; TeamworkError where it was edited since."""
    row = ChangeRow.objects.filter(name=change).select_related("revision").first()
    if row is None or row.revision_id != seen:
        raise TeamworkError(Message("The plan was edited since you opened it: read it again."))
    return restored(json.loads(row.revision.canonical))
