"""What is new for a member of the team's work: questions, what they do, waivers, approvals, answers."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from unfelt.conf.language import Message
from unfelt.engines.ledger.people import names
from unfelt.engines.news import Item, News
from unfelt.engines.teamwork import plan_news, report_news
from unfelt.engines.teamwork.actions import sees
from unfelt.engines.teamwork.programme import recurring_news
from unfelt.engines.teamwork.requests import asked_by
from unfelt.records.models import ApprovalAsked, Lesson, Member, Mention, Request, Task, WaiverAsked


def questions(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """Comments that name them and wait for an answer."""
    known = names()
    for one in Mention.objects.filter(member=member, answered_at=None).select_related("comment"):
        said, by = one.comment, known.get(one.comment.by, "–")
        if since < said.said_at <= now:
            text = Message("{name} asks about {change}: {text}", name=by, change=said.change, text=said.text[:300])
            yield Item(said.said_at, text, _path(said.change, said.control))


def tasks(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """Controls in their hands."""
    for task in Task.objects.filter(member=member):
        yield from _of_task(task, (since, now))


def waivers(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """Those that they are asked to agree to."""
    for waiver in WaiverAsked.objects.filter(asked=member, answered_at=None).select_related("by"):
        if since < waiver.asked_at <= now:
            about = {"control": waiver.control, "change": waiver.change}
            text = Message(
                "{name} asks you to agree to a waiver of {control} in {change}", name=waiver.by.name, **about
            )
            yield Item(waiver.asked_at, text, _path(waiver.change, waiver.control))


def approvals(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """Change models that they are asked to approve."""
    for approval in ApprovalAsked.objects.filter(asked=member, answered_at=None).select_related("by"):
        if since < approval.asked_at <= now:
            text = Message("{name} asks you to approve {model}", name=approval.by.name, model=approval.model)
            yield Item(approval.asked_at, text, "/models/")


def recurring(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """Work of the programme."""
    return recurring_news(member, since=since, now=now)


def answers(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """What became of what they asked for."""
    for answered in asked_by(member, at=now).filter(answered_at__gt=since, answered_at__lte=now):
        yield Item(answered.answered_at, _answer(answered, member, now), "/requests/")


def actions(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    """What they do about a lesson: when it is given to them, and the day before it is due."""
    for one in Lesson.objects.filter(member=member, done_at=None):
        path = f"/changes/{one.change}/review/"
        if since < one.drawn_at <= now:
            said = {"change": one.change, "action": one.actions.cut(300)}
            yield Item(one.drawn_at, Message("{change}: {action} is assigned to you", **said), path)
        if one.due is not None and since.date() < one.due - timedelta(days=1) <= now.date():
            said = {"change": one.change, "action": one.actions.cut(300), "day": one.due}
            yield Item(now, Message("{change}: {action} is due on {day}", **said), path)


def _answer(row: Request, member: Member, now: datetime) -> Message:
    if row.change and not sees(member, row.change, now):
        return Message("Your request “{title}” is planned as a change of another team", title=row.title)
    if row.change:
        return Message("Your request “{title}” is planned as {change}", title=row.title, change=row.change)
    return Message("Your request “{title}” was declined: {reason}", title=row.title, reason=row.reason[:300])


def _of_task(task: Task, within: tuple[datetime, datetime]) -> Iterator[Item]:
    since, now = within
    about, path = {"change": task.change, "control": task.control}, _path(task.change, task.control)
    if since < task.given_at <= now:
        yield Item(task.given_at, Message("{change}: {control} is assigned to you", **about), path)
    if task.due is not None and since.date() < task.due - timedelta(days=1) <= now.date():
        yield Item(now, Message("{change}: {control} is due on {day}", **about, day=task.due), path)


def _path(change: str, control: str) -> str:
    return f"/changes/{change}/controls/{control}/" if control else f"/changes/{change}/"


NEWS = (
    News("questions", questions),
    News("tasks", tasks),
    News("waivers", waivers),
    News("approvals", approvals),
    News("actions", actions),
    News("recurring", recurring),
    News("answers", answers),
    News("parts", plan_news.parts),
    News("hand_overs", plan_news.handed_over),
    News("reports", report_news.reports_to),
)
