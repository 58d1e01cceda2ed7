"""Work is handed out, comments are made and second persons asked here alone; each is on record."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.documents.change import Change
from unfelt.documents.playbook import Control, Playbook
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.gates import actions as gates
from unfelt.engines.ledger.gates.facts import GateError, Waiver
from unfelt.engines.ledger.people import token_of
from unfelt.engines.people.reading import reader_of
from unfelt.engines.rights import who_may
from unfelt.engines.teamwork import entries
from unfelt.records.models import ChangeRow, Comment, Member, Mention, Task, WaiverAsked

LONGEST_COMMENT = 10_000
"""Characters."""
DOUBLE_CLICK = timedelta(seconds=5)
"""The same word for word so soon is one comment, sent twice."""
MENTIONED = re.compile(r"(?<![\w@.])@([\w.@+-]{1,200})")


class TeamworkError(NotDoneError):
    """What cannot be: `message` says why and what to do."""


def assign(change: str, control: str, member: Member | None, *, due: date | None, by: str, at: datetime) -> None:
    """The control is in that member's hands; without one, in nobody's.

    Given to another or by another day it is to be accepted anew; who takes it themselves has accepted it.
    """
    if member is not None:
        _must_see(member, change, at)
    with transaction.atomic():
        if member is None:
            Task.objects.filter(change=change, control=control).delete()
        else:
            same = {"change": change, "control": control, "member": member, "due": due}
            if not Task.objects.filter(**same).exists():
                accepted = at if member.name == by else None
                given = {"member": member, "due": due, "given_at": at, "accepted_at": accepted}
                Task.objects.update_or_create(change=change, control=control, defaults=given)
        said = {"person": member.name if member else "", "due": due.isoformat() if due else None}
        note(entries.ASSIGNED, {"change": change, "control": control, **said}, by=by, at=at)


def comment(change: str, control: str, text: str, *, by: Member, at: datetime) -> Comment:
    """What they say; whom they name with `@` is asked. Whoever was asked about that change has answered by it."""
    text = text.strip()
    if not text or len(text) > LONGEST_COMMENT:
        raise TeamworkError(Message("A comment of 1 to {most} characters is due.", most=LONGEST_COMMENT))
    with transaction.atomic():
        same = Comment.objects.filter(change=change, control=control, by=token_of(by.name, at=at), text=text)
        twice: Comment | None = same.filter(said_at__gt=at - DOUBLE_CLICK).last()
        if twice is not None:
            return twice
        made: Comment = Comment.objects.create(
            change=change, control=control, by=token_of(by.name, at=at), text=text, said_at=at
        )
        Mention.objects.filter(member=by, comment__change=change, answered_at=None).update(answered_at=at)
        note(entries.COMMENTED, {"change": change, "control": control, "text": digest_of(text)}, by=by.name, at=at)
        for member in mentioned(text):
            ask_in(made, member, by=by, at=at)
    return made


def digest_of(text: str) -> str:
    """What the ledger holds of a text that lies beside it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def ask_in(said: Comment, member: Member, *, by: Member, at: datetime) -> None:
    """The comment waits for their answer; nobody is asked by themselves, or about what they may not open."""
    if member == by or not sees(member, said.change, at):
        return
    _row, is_new = Mention.objects.get_or_create(comment=said, member=member)
    if is_new:
        about = {"change": said.change, "control": said.control, "comment": said.pk}
        note(entries.ASKED, {**about, "person": member.name}, by=by.name, at=at)


def mentioned(text: str) -> Iterator[Member]:
    """The members whom the text names: `@lin`, `@lin@shop.example`; a full stop after it is none of the name."""
    names = {name.rstrip(".") for name in MENTIONED.findall(text)}
    for name in sorted(names):
        found = Member.objects.filter(name__iexact=name, is_active=True).first()
        if found is None:
            short = Member.objects.filter(name__istartswith=f"{name}@", is_active=True)
            found = short.first() if "@" not in name else None
        if found is not None:
            yield found


def put_away(mention: Mention, *, at: datetime) -> None:
    """It needs no answer."""
    said = mention.comment
    with transaction.atomic():
        if Mention.objects.filter(pk=mention.pk, answered_at=None).update(answered_at=at):
            about = {"change": said.change, "control": said.control, "comment": said.pk}
            note(entries.PUT_AWAY, about, by=mention.member.name, at=at)


def ask_for_waiver(
    change: Change,
    playbook: Playbook,
    control: Control,
    terms: Mapping[str, Any],
    *,
    by: Member,
    at: datetime,
) -> WaiverAsked:
    """A second person is asked; GateError where the waiver could not be given. terms: reason, until, asked."""
    asked: Member = terms["asked"]
    waiver = Waiver(control.id, terms["reason"].strip(), by.name, asked.name, at, terms["until"])
    gates.may_be_waived(change, playbook, waiver, at=at)
    _must_see(asked, change.change.id, at)
    _must_waive(asked, change.change.team or "", at)
    with transaction.atomic():
        asked_already: WaiverAsked | None = WaiverAsked.objects.filter(
            change=change.change.id, control=control.id, by=by, asked=asked, reason=waiver.reason, answered_at=None
        ).first()
        if asked_already is not None:
            return asked_already
        row: WaiverAsked = WaiverAsked.objects.create(
            change=change.change.id,
            control=control.id,
            reason=waiver.reason,
            until=waiver.until,
            by=by,
            asked=asked,
            asked_at=at,
        )
        said = {"change": change.change.id, "control": control.id, "person": asked.name}
        note(entries.WAIVER_ASKED, said, by=by.name, at=at)
    return row


def answer_waiver(
    row: WaiverAsked, change: Change, playbook: Playbook, *, agrees: bool, by: Member, at: datetime
) -> None:
    """Who was asked agrees, and it is given, or does not; asked twice, the first answer stands."""
    if row.asked_id != by.pk:
        raise GateError(Message("{name} was asked, and only they answer.", name=row.asked.name))
    if agrees:
        _must_waive(by, change.change.team or "", at)
    with transaction.atomic():
        if not WaiverAsked.objects.filter(pk=row.pk, answered_at=None).update(answered_at=at):
            return
        if agrees:
            waiver = Waiver(row.control, row.reason, row.by.name, by.name, at, row.until)
            gates.waive(change, playbook, waiver, at=at)
        else:
            note(entries.WAIVER_DECLINED, {"change": row.change, "control": row.control}, by=by.name, at=at)


def _must_waive(member: Member, team: str, at: datetime) -> None:
    """The second person has the right too: an accomplice without one would be no second pair of eyes."""
    if not reader_of(member, now=at).may("waive", team):
        raise GateError(
            Message(
                "{name} may not agree to a waiver: it takes one of {roles}.",
                name=member.name,
                roles=", ".join(who_may("waive")),
            )
        )


def _must_see(member: Member, change: str, at: datetime) -> None:
    if not member.is_active or not sees(member, change, at):
        raise TeamworkError(
            Message("{name} may not open this change: put them into its team first.", name=member.name)
        )


def sees(member: Member, change: str, at: datetime) -> bool:
    """The change may be opened by them."""
    team = ChangeRow.objects.filter(name=change).values_list("team", flat=True).first() or ""
    return reader_of(member, now=at).sees(team)


def note(kind: EntryKind, body: Mapping[str, Any], *, by: str, at: datetime, revision: str | None = None) -> None:
    """What was done is the newest entry of the chain; under the plan's revision, where that is named."""
    record(kind, {**body, "by": by}, rollout=None, at=at, revision=revision)
