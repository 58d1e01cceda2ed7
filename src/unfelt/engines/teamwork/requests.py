"""Changes are asked for, lessons drawn and change models approved here alone; each is on record."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from unfelt.conf.language import InBoth, Message
from unfelt.documents.bilingual import in_both, paired
from unfelt.documents.model import Model
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.engines.ledger.gates.models import approve, model_name
from unfelt.engines.ledger.people import names, token_of
from unfelt.engines.people.reading import reader_of
from unfelt.engines.rights import Right, who_may
from unfelt.engines.teamwork import entries
from unfelt.engines.teamwork.actions import DOUBLE_CLICK, TeamworkError, note
from unfelt.records.models import ApprovalAsked, Lesson, Member, Request

LONGEST_TITLE, LONGEST = 200, 10_000
"""Characters."""
APPROVE: Right = "waive"
"""Who may let a control pass may let a model through: owners, change managers, approvers."""


# Requests


@dataclass(frozen=True, slots=True)
class KnownRequest:
    """A request with the names of who asked and who answered."""

    row: Request
    by: str
    answered_by: str
    change: str
    """What it became, as far as it may be seen."""

    @property
    def state(self) -> str:
        """`open`, `planned` or `declined`."""
        if self.row.answered_at is None:
            return "open"
        return "planned" if self.row.change else "declined"


def ask(title: str, why: str, *, wanted_by: date | None, by: Member, at: datetime) -> Request:
    """A change is asked for; the same twice within a double click is one request."""
    title, why = title.strip(), why.strip()
    _must_fit("title", title, LONGEST_TITLE)
    _must_fit("why", why, LONGEST)
    with transaction.atomic():
        token = token_of(by.name, at=at)
        same = Request.objects.filter(title=title, why=why, by=token, asked_at__gt=at - DOUBLE_CLICK)
        twice: Request | None = same.first()
        if twice is not None:
            return twice
        made: Request = Request.objects.create(title=title, why=why, wanted_by=wanted_by, by=token, asked_at=at)
        note(entries.CHANGE_ASKED, {"request": made.pk, "text": _digest(f"{title}\n{why}")}, by=by.name, at=at)
    return made


def planned_as(row: Request, change: str, *, by: Member, at: datetime) -> None:
    """It became that change; the first answer stands."""
    _answer(row, entries.REQUEST_PLANNED, {"change": change}, by=by, at=at, change=change)


def decline(row: Request, reason: str, *, by: Member, at: datetime) -> None:
    """It is not made, for a reason that is told; the first answer stands."""
    reason = reason.strip()
    _must_fit("reason", reason, LONGEST)
    _answer(row, entries.REQUEST_DECLINED, {"text": _digest(reason)}, by=by, at=at, reason=reason)


def _answer(
    row: Request, kind: EntryKind, said: Mapping[str, Any], *, by: Member, at: datetime, **fields: str
) -> None:
    with transaction.atomic():
        token = token_of(by.name, at=at)
        open_yet = Request.objects.filter(pk=row.pk, answered_at=None)
        if open_yet.update(answered_at=at, answered_by=token, **fields):
            note(kind, {"request": row.pk, **said}, by=by.name, at=at)


def requests_like(wanted: str, state: str) -> QuerySet[Request]:
    """Those whose title or reason holds the words, in that state if one is named, the newest first."""
    rows = Request.objects.all()
    if wanted:
        rows = rows.filter(Q(title__icontains=wanted) | Q(why__icontains=wanted))
    if state == "open":
        return rows.filter(answered_at=None)
    if state in ("planned", "declined"):
        rows = rows.filter(answered_at__isnull=False)
        return rows.exclude(change="") if state == "planned" else rows.filter(change="")
    return rows


def with_names(rows: Iterable[Request], opens: Collection[str]) -> list[KnownRequest]:
    """Each with the names of its people; the change that it became only where it is among `opens`."""
    known = names()
    return [
        KnownRequest(
            row,
            known.get(row.by, ""),
            known.get(row.answered_by, ""),
            row.change if row.change in opens else "",
        )
        for row in rows
    ]


def asked_by(member: Member, *, at: datetime) -> QuerySet[Request]:
    """What they asked for themselves."""
    return Request.objects.filter(by=token_of(member.name, at=at))


# Lessons


def draw_lesson(
    change: str,
    text: str,
    *,
    action: str,
    member: Member | None,
    due: date | None,
    by: Member,
    at: datetime,
    other: str = "",
    other_action: str = "",
) -> Lesson:
    """What the change taught; an action is in somebody's hands. other: the same in the other language."""
    texts, actions = _both(text, other), _both(action, other_action)
    for one in (texts.en, texts.zh):
        _must_fit("text", one, LONGEST)
    action = actions.en
    if action and member is None:
        raise TeamworkError(Message("An action needs an assignee: choose who does it."))
    with transaction.atomic():
        token = token_of(by.name, at=at)
        said = {"text_en": texts.en, "text_zh": texts.zh}
        same = Lesson.objects.filter(change=change, **said, by=token, drawn_at__gt=at - DOUBLE_CLICK)
        twice: Lesson | None = same.first()
        if twice is not None:
            return twice
        said |= {"action_en": actions.en, "action_zh": actions.zh}
        given = {"member": member if action else None, "due": due if action else None}
        made: Lesson = Lesson.objects.create(change=change, by=token, drawn_at=at, **said, **given)
        body = {"change": change, "text": _digest_of(texts), "person": member.name if action and member else ""}
        body |= {"lesson": made.pk, "action": bool(action), "due": due.isoformat() if action and due else None}
        note(entries.LESSON_DRAWN, body, by=by.name, at=at)
    return made


def _both(text: str, other: str) -> InBoth:
    return in_both(paired(text.strip(), other.strip()))


def _digest_of(said: InBoth) -> str:
    """Of both texts; of the one, where readers of both languages see the same."""
    return _digest(f"{said.en}\n{said.zh}" if said.other else said.en)


def action_done(row: Lesson, *, by: Member, at: datetime) -> None:
    """The action is done; only who has it in hand says so."""
    if row.member_id != by.pk:
        raise TeamworkError(Message("Only who has the action in hand says that it is done."))
    with transaction.atomic():
        if Lesson.objects.filter(pk=row.pk, done_at=None).update(done_at=at):
            note(entries.ACTION_DONE, {"change": row.change, "lesson": row.pk}, by=by.name, at=at)


def lessons_of(change: str) -> list[Lesson]:
    """What the change taught, oldest first."""
    return list(Lesson.objects.filter(change=change).select_related("member"))


def lessons_like(wanted: str, changes: Iterable[str], *, most: int) -> list[Lesson]:
    """Lessons of these changes that hold the words in either language, newest first."""
    holds = Q()
    for column in ("text_en", "text_zh", "action_en", "action_zh"):
        holds |= Q(**{f"{column}__icontains": wanted})
    rows = Lesson.objects.filter(holds, change__in=changes).select_related("member")
    return list(rows.order_by("-drawn_at", "-pk")[:most])


def actions_for(member: Member) -> list[Lesson]:
    """Actions that are in their hands, the most pressing first."""
    rows = Lesson.objects.filter(member=member, done_at=None)
    return sorted(rows, key=lambda one: (one.due is None, one.due, one.pk))


# Change models


def ask_for_approval(model: Model, asked: Member, *, by: Member, at: datetime) -> ApprovalAsked:
    """A second person is asked to approve the model as it is now; asked twice it is one question."""
    if asked.pk == by.pk:
        raise TeamworkError(
            Message("An approval takes two people: {name} cannot agree to their own.", name=by.name)
        )
    if not reader_of(asked, now=at).in_house(APPROVE):
        roles = ", ".join(who_may(APPROVE))
        raise TeamworkError(
            Message(
                "{name} may not approve a change model: it takes one of {roles}.", name=asked.name, roles=roles
            )
        )
    name = model_name(model)
    with transaction.atomic():
        before: ApprovalAsked | None = ApprovalAsked.objects.filter(
            model=name, by=by, asked=asked, answered_at=None
        ).first()
        if before is not None:
            return before
        row: ApprovalAsked = ApprovalAsked.objects.create(model=name, by=by, asked=asked, asked_at=at)
        note(entries.APPROVAL_ASKED, {"model": name, "person": asked.name}, by=by.name, at=at)
    return row


def answer_approval(row: ApprovalAsked, model: Model | None, *, agrees: bool, by: Member, at: datetime) -> None:
    """Who was asked agrees, and the model is approved, or does not; what was edited since is not approved."""
    if row.asked_id != by.pk:
        raise TeamworkError(Message("{name} was asked, and only they answer.", name=row.asked.name))
    if agrees and (model is None or model_name(model) != row.model):
        raise TeamworkError(Message("The change model was edited since you were asked: it is asked for again."))
    with transaction.atomic():
        if not ApprovalAsked.objects.filter(pk=row.pk, answered_at=None).update(answered_at=at):
            return
        if agrees and model is not None:
            approve(model, by=row.by.name, agreed_by=by.name, at=at)
        else:
            note(entries.APPROVAL_DECLINED, {"model": row.model}, by=by.name, at=at)


def approvals_for(member: Member) -> list[ApprovalAsked]:
    """Change models that wait for their word."""
    return list(ApprovalAsked.objects.filter(asked=member, answered_at=None).select_related("by"))


def approvals_open() -> dict[str, ApprovalAsked]:
    """What was asked and not answered, by model."""
    return {one.model: one for one in ApprovalAsked.objects.filter(answered_at=None).select_related("by", "asked")}


def _must_fit(field: str, text: str, most: int) -> None:
    if not text or len(text) > most:
        raise TeamworkError(
            Message(
                "{field}: a text of 1 to {most} characters is due; given: {n}.",
                field=field,
                most=most,
                n=len(text),
            )
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
