"""What members are told of plans: that one names them, that one they had read was edited, what is handed over."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.ledger.entries import PLANNED
from unfelt.engines.ledger.gates.facts import part_digests
from unfelt.engines.ledger.standards import catalog_of
from unfelt.engines.news import Item
from unfelt.engines.people.persons import is_same
from unfelt.engines.people.reading import reader_of
from unfelt.engines.planning.kept import plans_of
from unfelt.engines.teamwork.about_me import MOST, is_in, naming, touching, under_way
from unfelt.engines.teamwork.acknowledgements import COVERED, Acknowledgement, acknowledged_in
from unfelt.engines.teamwork.chain import entries_about
from unfelt.engines.teamwork.given import answers_for
from unfelt.engines.teamwork.hand_overs import hand_overs
from unfelt.records.models import ChangeRow, Member, Revision


def parts(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """Plans saved in that time that name them newly, or are others than the one that they had read."""
    saved = under_way(reader_of(member, now=now)).filter(saved_at__gt=since, saved_at__lte=now)
    rows = {row.name: row for row in naming(saved, member.name)[:MOST]}
    plans = {name: plan for name, plan in plans_of(rows.values()).items() if is_in(plan, member.name)}
    before = _plans_at(list(plans), since) if plans else {}
    for name, found in acknowledged_in(plans.values()).items():
        theirs = [one for one in found if is_same(one.name, member.name)]
        text = _text(rows[name], theirs, before.get(name), member, since)
        if text is not None:
            yield Item(rows[name].saved_at, text, f"/changes/{name}/part/")


def _text(
    row: ChangeRow,
    theirs: list[Acknowledgement],
    before: Mapping[str, Any] | None,
    member: Member,
    since: datetime,
) -> Message | None:
    """None where they know it: they have read it as it is, or were told before."""
    if all(one.holds for one in theirs):
        return None
    about = {"change": row.name, "title": row.titles.cut(200)}
    if before is None or not _names(before, member.name):
        return Message("{change}: “{title}” names you: read your part and acknowledge it", **about)
    read = [one for one in theirs if one.stale and one.at is not None]
    if any(one.at > since or _is_as_read(one, before) for one in read if one.at is not None):
        return Message("{change}: “{title}” was edited since you acknowledged it: read your part again", **about)
    return None


def _plans_at(changes: list[str], at: datetime) -> dict[str, dict[str, Any]]:
    """Each plan as it stood then, as data."""
    stood = {one.body["change"]: one.revision for one in entries_about(changes, (PLANNED.name,)) if one.at <= at}
    rows = Revision.objects.filter(digest__in=set(stood.values())).values_list("digest", "canonical")
    plans = dict(rows)
    return {change: json.loads(plans[digest]) for change, digest in stood.items() if digest in plans}


def _names(plan: Mapping[str, Any], name: str) -> bool:
    said = (plan["change"]["owner"], *(one["name"] for one in plan.get("people", ())))
    return any(is_same(one, name) for one in said)


def _is_as_read(one: Acknowledgement, before: Mapping[str, Any]) -> bool:
    """What stood before is the plan that they had read, as far as it matters."""
    read = Revision.objects.filter(digest=one.revision).values_list("canonical", flat=True).first()
    return read is not None and part_digests(json.loads(read), COVERED) == part_digests(before, COVERED)


def handed_over(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """What is theirs and is touched by plans saved in that time."""
    known, catalog = reader_of(member, now=now), catalog_of()
    saved = under_way(known).filter(saved_at__gt=since, saved_at__lte=now)
    plans: dict[str, Change] = plans_of(touching(saved, known, catalog)[:MOST])
    for one in hand_overs(plans.values(), catalog, now):
        if one.waits and answers_for(one.owner, known) and since < one.asked_at <= now:
            text = Message(
                "{change} touches {touchpoint}, which is yours: accept the hand-over",
                change=one.change,
                touchpoint=one.what,
            )
            yield Item(one.asked_at, text, f"/changes/{one.change}/hand-overs/")
