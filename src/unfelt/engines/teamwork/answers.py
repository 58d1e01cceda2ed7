"""Hand-overs and tasks are accepted and refused here alone; each answer is on record, its reason beside it."""

from datetime import datetime

from django.db import transaction

from unfelt.conf.language import Message
from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.people.persons import is_same
from unfelt.engines.people.reading import reader_of
from unfelt.engines.teamwork import entries
from unfelt.engines.teamwork.acknowledgements import plan_as_seen
from unfelt.engines.teamwork.actions import TeamworkError, ask_in, comment, digest_of, note
from unfelt.engines.teamwork.chain import entries_about
from unfelt.engines.teamwork.given import HandOver, answers_for
from unfelt.engines.teamwork.hand_overs import hand_overs
from unfelt.records.models import Member, Person, Task


def accept(change: str, touchpoint: str, catalog: Catalog | None, *, seen: str, by: Member, at: datetime) -> None:
    """They know of the change, and let it touch what is theirs; accepted twice it is once.

    seen: the digest of the plan that they read. TeamworkError where it was edited since, or is not theirs.
    """
    with in_turn():
        plan = plan_as_seen(change, seen)
        if _theirs(plan, touchpoint, catalog, by, at).state != "accepted":
            body = {"change": change, "touchpoint": touchpoint, "revision": seen}
            note(entries.HAND_OVER_ACCEPTED, body, by=by.name, at=at, revision=seen)


def refuse(
    change: str, touchpoint: str, catalog: Catalog | None, reason: str, *, seen: str, by: Member, at: datetime
) -> None:
    """They do not, for a reason: a comment on the change, which asks its owner. Twice the same is once."""
    reason = _reason(reason)
    with in_turn():
        plan = plan_as_seen(change, seen)
        now = _theirs(plan, touchpoint, catalog, by, at)
        if (now.state, now.reason) == ("refused", reason):
            return
        _say(change, "", reason, by=by, at=at, asks=member_who_is(plan.change.owner))
        body = {"change": change, "touchpoint": touchpoint, "revision": seen, "text": digest_of(reason)}
        note(entries.HAND_OVER_REFUSED, body, by=by.name, at=at, revision=seen)


def _theirs(plan: Change, touchpoint: str, catalog: Catalog | None, by: Member, at: datetime) -> HandOver:
    """The hand-over, where it is theirs to answer."""
    found = next((one for one in hand_overs([plan], catalog, at) if one.what == touchpoint), None)
    if found is None:
        raise TeamworkError(Message("{touchpoint} is not handed over by this change.", touchpoint=touchpoint))
    if not answers_for(found.owner, reader_of(by, now=at)):
        said = Message(
            "{touchpoint} belongs to {owner}, and only they answer.", touchpoint=touchpoint, owner=found.owner
        )
        raise TeamworkError(said)
    return found


def accept_task(change: str, control: str, *, by: Member, at: datetime) -> None:
    """They do what they were given; accepted twice it is once."""
    with transaction.atomic():
        row = _task(change, control, by)
        if Task.objects.filter(pk=row.pk, accepted_at=None).update(accepted_at=at):
            note(entries.TASK_ACCEPTED, {"change": change, "control": control}, by=by.name, at=at)


def return_task(change: str, control: str, reason: str, *, by: Member, at: datetime) -> None:
    """They do not, for a reason: a comment on the control, which asks who gave it. Nobody has it in hand then."""
    reason = _reason(reason)
    with in_turn():
        row = _task(change, control, by)
        _say(change, control, reason, by=by, at=at, asks=_giver(change, control))
        Task.objects.filter(pk=row.pk).delete()
        body = {"change": change, "control": control, "text": digest_of(reason)}
        note(entries.TASK_RETURNED, body, by=by.name, at=at)


def _task(change: str, control: str, by: Member) -> Task:
    row: Task | None = Task.objects.filter(change=change, control=control, member=by).first()
    if row is None:
        raise TeamworkError(Message("{control} is not assigned to you.", control=control))
    return row


def _reason(text: str) -> str:
    if not text.strip():
        raise TeamworkError(Message("Say why not: whoever asked has to go on from it."))
    return text.strip()


def _say(change: str, control: str, reason: str, *, by: Member, at: datetime, asks: Member | None) -> None:
    said = comment(change, control, reason, by=by, at=at)
    if asks is not None:
        ask_in(said, asks, by=by, at=at)


def _giver(change: str, control: str) -> Member | None:
    """Who gave it last; None where that is no member, or a name that was erased."""
    given = entries_about([change], (entries.ASSIGNED.name,))
    token = next((one.body["by"] for one in reversed(given) if one.body["control"] == control), "")
    person = Person.objects.filter(token=token).first()
    found: Member | None = Member.objects.filter(name=person.name).first() if person and person.name else None
    return found


def member_who_is(name: str) -> Member | None:
    """The member who is that person: of that very name, else by the rule for names of one person."""
    short = name.strip().split("@")[0]
    them = Member.objects.filter(is_active=True, name__istartswith=short)
    same = sorted((one for one in them if is_same(one.name, name)), key=lambda one: one.name != name)
    return same[0] if same else None
