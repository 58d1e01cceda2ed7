"""Members are told what is new for them, and webhooks what happened: in order, tried again until it is taken."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import available_timezones

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.chat import is_chat, send_chat
from unfelt.adapters.channels.mail import send_mail
from unfelt.adapters.channels.webhook import is_web, send_webhook
from unfelt.conf.language import Message, in_language
from unfelt.conf.settings import Mail
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.people import names, revealed
from unfelt.engines.people.reading import PeopleError, brand
from unfelt.engines.teamwork.actions import sees
from unfelt.engines.teamwork.asking import asked_by
from unfelt.engines.teamwork.news import Item, Wishes, letter
from unfelt.records.models import (
    ApprovalAsked,
    ChangeRow,
    Entry,
    Lesson,
    Member,
    Mention,
    Request,
    Rollout,
    Task,
    Telling,
    WaiverAsked,
    Webhook,
)

LONGEST_WAIT = timedelta(hours=1)
AT_ONCE = 50
"""Entries that a webhook is sent before the next one has its turn."""


@dataclass(frozen=True, slots=True)
class House:
    """Where the console is, for links, and its mail server."""

    base: str
    mail: Mail | None


def wishes_of(row: Telling) -> Wishes:
    """As they were given."""
    return Wishes(timedelta(minutes=row.every), row.quiet_from, row.quiet_to, row.zone)


def wish(
    member: Member,
    *,
    mail: bool,
    chat: str,
    every: int,
    quiet: tuple[time | None, time | None],
    zone: str,
    at: datetime,
) -> None:
    """So they are told from here on; PeopleError where that cannot be."""
    if chat and not is_chat(chat):
        raise PeopleError("chat", Message("That is no address of a chat robot, such as dingtalk://TOKEN."))
    if zone not in available_timezones():
        raise PeopleError("zone", Message("{zone} is no time zone such as Asia/Shanghai.", zone=zone or "–"))
    wished = {"mail": mail, "chat": chat, "every": every, "zone": zone}
    wished |= {"quiet_from": quiet[0], "quiet_to": quiet[1]}
    Telling.objects.update_or_create(
        member=member, defaults={**wished, "problem": ""}, create_defaults={**wished, "told_at": at}
    )


def tell_everybody(house: House, *, now: datetime) -> None:
    """Each member who is due is told what is new since the last time; who could not be is told the next time."""
    for row in Telling.objects.select_related("member").filter(member__is_active=True):
        if not wishes_of(row).is_due(row.told_at, now) or not _ways(row, house):
            continue
        items = list(news_for(row.member, since=row.told_at, now=now))
        problems = _tell(row, items, house) if items else []
        if problems and len(problems) == len(_ways(row, house)):
            Telling.objects.filter(pk=row.pk).update(problem="; ".join(problems))
            continue
        Telling.objects.filter(pk=row.pk).update(told_at=now, problem="; ".join(problems))
        if items:
            record("told", {"person": row.member.name, "items": len(items)}, rollout=None, at=now)


Way = Callable[[str, str], None]
"""Takes subject and text; ChannelError where it does not."""


def _ways(row: Telling, house: House) -> list[Way]:
    ways: list[Way] = []
    if row.mail and row.member.email and house.mail:
        server, to = house.mail, row.member.email
        ways.append(lambda subject, text: send_mail(server, to=to, subject=subject, text=text))
    if row.chat:
        ways.append(lambda subject, text: send_chat(row.chat, subject=subject, text=text))
    return ways


def _tell(row: Telling, items: list[Item], house: House) -> list[str]:
    """By every way that they wish; returns what went wrong with each that failed."""
    with in_language(row.member.language or "en"):
        named = brand()
        subject, text = letter(items, house.base, house=named.name, contact=named.contact)
    problems = []
    for way in _ways(row, house):
        try:
            way(subject, text)
        except ChannelError as error:
            problems.append(str(error))
    return problems


def news_for(member: Member, *, since: datetime, now: datetime) -> Iterator[Item]:
    """Questions, work, waivers, days that come near, and what became of their rollouts, in that time."""
    yield from sorted(_news(member, since, now), key=lambda item: item.at)


def _news(member: Member, since: datetime, now: datetime) -> Iterator[Item]:
    known, within = names(), (since, now)
    asked = Mention.objects.filter(member=member, answered_at=None).select_related("comment")
    for one in asked:
        said, by = one.comment, known.get(one.comment.by, "–")
        if since < said.said_at <= now:
            text = Message("{name} asks about {change}: {text}", name=by, change=said.change, text=said.text[:300])
            yield Item(said.said_at, text, _path(said.change, said.control))
    for task in Task.objects.filter(member=member):
        yield from _of_task(task, within)
    for waiver in WaiverAsked.objects.filter(asked=member, answered_at=None).select_related("by"):
        if since < waiver.asked_at <= now:
            about = {"control": waiver.control, "change": waiver.change}
            text = Message(
                "{name} asks you to agree to a waiver of {control} in {change}", name=waiver.by.name, **about
            )
            yield Item(waiver.asked_at, text, _path(waiver.change, waiver.control))
    for approval in ApprovalAsked.objects.filter(asked=member, answered_at=None).select_related("by"):
        if since < approval.asked_at <= now:
            text = Message("{name} asks you to approve {model}", name=approval.by.name, model=approval.model)
            yield Item(approval.asked_at, text, "/models/")
    yield from _of_actions(member, within)
    for answered in asked_by(member, at=now).filter(answered_at__gt=since, answered_at__lte=now):
        yield Item(answered.answered_at, _answer(answered, member, now), "/requests/")
    theirs = ChangeRow.objects.filter(owner__iexact=member.email or member.name).values("name")
    for row in Rollout.objects.filter(change__in=theirs, ended__gt=since, ended__lte=now):
        said = {"rollout": row.id, "change": row.change, "state": row.state}
        text = Message("The rollout {rollout} of {change} has ended: {state}", **said)
        yield Item(row.ended, text, f"/rollouts/{row.id}/report/")


def _of_actions(member: Member, within: tuple[datetime, datetime]) -> Iterator[Item]:
    since, now = within
    for one in Lesson.objects.filter(member=member, done_at=None):
        path = f"/changes/{one.change}/review/"
        if since < one.drawn_at <= now:
            said = {"change": one.change, "action": one.action[:300]}
            yield Item(one.drawn_at, Message("{change}: {action} is in your hands", **said), path)
        if one.due is not None and since.date() < one.due - timedelta(days=1) <= now.date():
            said = {"change": one.change, "action": one.action[:300], "day": one.due}
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
        yield Item(task.given_at, Message("{change}: {control} is in your hands", **about), path)
    if task.due is not None and since.date() < task.due - timedelta(days=1) <= now.date():
        yield Item(now, Message("{change}: {control} is due on {day}", **about, day=task.due), path)


def _path(change: str, control: str) -> str:
    return f"/changes/{change}/controls/{control}/" if control else f"/changes/{change}/"


# Webhooks


def add_webhook(url: str, kinds: list[str], *, by: str, at: datetime) -> Webhook:
    """From the next entry on, those of these kinds are sent there; the secret is shown once."""
    if not is_web(url):
        raise PeopleError(
            "url", Message("An address with http:// or https:// is due; given: {url}", url=url or "–")
        )
    newest = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    made: Webhook = Webhook.objects.create(
        url=url, kinds=kinds, secret=secrets.token_urlsafe(32), made_at=at, delivered=newest, next_at=at
    )
    record("webhook added", {"webhook": made.pk, "kinds": kinds, "by": by}, rollout=None, at=at)
    return made


def end_webhook(number: int, *, by: str, at: datetime) -> None:
    """Nothing is sent there any more."""
    if Webhook.objects.filter(pk=number, ended_at=None).update(ended_at=at):
        record("webhook ended", {"webhook": number, "by": by}, rollout=None, at=at)


def deliver(*, now: datetime) -> None:
    """Each webhook is sent what it has not taken, in order; after a failure it waits, longer each time."""
    for hook in Webhook.objects.filter(ended_at=None, next_at__lte=now):
        entries = Entry.objects.filter(sequence__gt=hook.delivered).order_by("sequence")
        if hook.kinds:
            entries = entries.filter(kind__in=hook.kinds)
        for entry in entries[:AT_ONCE]:
            try:
                send_webhook(hook.url, secret=hook.secret, said=_plain(entry))
            except ChannelError as error:
                wait = min(LONGEST_WAIT, timedelta(seconds=5) * 2 ** min(hook.failures, 12))
                Webhook.objects.filter(pk=hook.pk).update(
                    failures=hook.failures + 1, next_at=now + wait, problem=str(error)
                )
                break
            Webhook.objects.filter(pk=hook.pk).update(delivered=entry.sequence, failures=0, problem="")
            hook.failures = 0


def _plain(entry: Entry) -> dict[str, object]:
    body = revealed(json.loads(entry.body), names())
    return {
        "number": int(entry.sequence),
        "kind": entry.kind,
        "at": entry.recorded_at.isoformat(),
        "rollout": entry.rollout_id,
        "digest": entry.digest,
        "body": body,
    }
