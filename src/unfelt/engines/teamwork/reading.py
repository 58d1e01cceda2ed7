"""Tasks, comments and questions as they stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from unfelt.engines.ledger.people import names
from unfelt.records.models import Comment, Member, Mention, Task, WaiverAsked


@dataclass(frozen=True, slots=True)
class Said:
    """A comment, with its writer's name."""

    number: int
    by: str
    text: str
    said_at: datetime
    change: str
    control: str


def comments_on(change: str, control: str) -> list[Said]:
    """What was said about it, oldest first."""
    return _said(Comment.objects.filter(change=change, control=control))


def _said(rows: Iterable[Comment]) -> list[Said]:
    known = names()
    return [
        Said(one.pk, known.get(one.by, one.by), one.text, one.said_at, one.change, one.control) for one in rows
    ]


def comments_like(wanted: str, changes: Iterable[str], *, most: int) -> list[Said]:
    """Comments on these changes that contain the text, newest first."""
    rows = Comment.objects.filter(text__icontains=wanted, change__in=changes).order_by("-said_at")
    return _said(rows[:most])


def tasks_of(change: str) -> dict[str, Task]:
    """Who has which control of a change in hand."""
    return {one.control: one for one in Task.objects.filter(change=change).select_related("member")}


def task_of(change: str, control: str) -> Task | None:
    """Who has that control in hand."""
    return tasks_of(change).get(control)


def tasks_for(member: Member) -> list[Task]:
    """What they have in hand, the most pressing first."""
    rows = Task.objects.filter(member=member)
    return sorted(rows, key=lambda one: (one.due is None, one.due, one.change))


def questions_for(member: Member) -> list[tuple[Mention, Said]]:
    """Comments in which they were asked and have not answered, oldest first."""
    rows = Mention.objects.filter(member=member, answered_at=None).select_related("comment").order_by("pk")
    found = list(rows)
    return list(zip(found, _said(one.comment for one in found), strict=True))


def waivers_asked(change: str, control: str) -> list[WaiverAsked]:
    """Waivers of that control that wait for a second person."""
    rows = WaiverAsked.objects.filter(change=change, control=control, answered_at=None)
    return list(rows.select_related("asked", "by"))


def waivers_for(member: Member) -> list[WaiverAsked]:
    """Waivers that wait for their word."""
    return list(WaiverAsked.objects.filter(asked=member, answered_at=None).select_related("by"))


def people_of(team: str) -> list[Member]:
    """The members who may open what belongs to the team."""
    rows = Member.objects.filter(is_active=True).prefetch_related("memberships")
    return [
        one for one in rows if one.roles or any(held.team_id == team or not team for held in one.memberships.all())
    ]
