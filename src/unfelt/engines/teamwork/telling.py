"""Members are told what is new for them: tried again until it is taken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import available_timezones

from django.db import InterfaceError, OperationalError
from django.db.models import Q

from unfelt.adapters.channels import ChannelError
from unfelt.adapters.channels.chat import KINDS, is_chat, send_chat
from unfelt.adapters.channels.mail import send_mail
from unfelt.conf.language import Message, in_language
from unfelt.conf.settings import Mail
from unfelt.engines.jobs import wait_after
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.people import names
from unfelt.engines.people.reading import PeopleError, brand
from unfelt.engines.teamwork.actions import sees
from unfelt.engines.teamwork.asking import asked_by
from unfelt.engines.teamwork.entries import TOLD
from unfelt.engines.teamwork.news import Item, Wishes, letter, short_letter
from unfelt.records.models import (
    ApprovalAsked,
    ChangeRow,
    Lesson,
    Member,
    Mention,
    Request,
    Rollout,
    Task,
    Telling,
    WaiverAsked,
)

LONGEST_WAIT = timedelta(hours=1)
PATIENT = 5
"""So many times the whole letter is tried alone."""


@dataclass(frozen=True, slots=True)
class House:
    """Where the console is, for links, its mail server, and by what chat robots are sent to."""

    base: str
    mail: Mail | None
    chat: Callable[..., None] = send_chat


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
        raise PeopleError(
            "chat",
            Message("That is no address of a chat robot of {kinds}, such as dingtalk://TOKEN.", kinds=KINDS),
        )
    if zone not in available_timezones():
        raise PeopleError("zone", Message("{zone} is no time zone such as Asia/Shanghai.", zone=zone or "–"))
    wished = {"mail": mail, "chat": chat, "every": every, "zone": zone}
    wished |= {"quiet_from": quiet[0], "quiet_to": quiet[1]}
    Telling.objects.update_or_create(
        member=member,
        defaults={**wished, "problem": "", "failures": 0, "next_at": None},
        create_defaults={**wished, "told_at": at},
    )


def tell_everybody(
    house: House,
    *,
    now: datetime,
    progress: Callable[[int], object] = lambda _done: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Each member who is due is told what is new since the last time; who could not be is told later.

    What goes wrong with one, whatever it is, is shown to them and stops no other. Returns how many were told.
    """
    told, due = 0, Q(next_at=None) | Q(next_at__lte=now)
    for row in Telling.objects.select_related("member").filter(due, member__is_active=True):
        if is_cancelled():
            break
        try:
            told += _tell_one(row, house, now=now)
        except (OperationalError, InterfaceError):
            raise  # The records are away: nobody can be told, and nothing noted.
        except Exception as error:  # noqa: BLE001  (nobody else waits for what one letter meets)
            _failed(row, [type(error).__name__], now=now)
        progress(told)
    return told


def _tell_one(row: Telling, house: House, *, now: datetime) -> bool:
    """Whether they were told something. The letter goes first: if that cannot be put on record, it goes twice."""
    ways = _ways(row, house)
    if not wishes_of(row).is_due(row.told_at, now) or not ways:
        return False
    items = _items(row, now)
    if items and not Telling.objects.filter(pk=row.pk, told_at=row.told_at).exists():
        return False  # Another worker told them meanwhile.
    problems = _tell(row, items, ways, house) if items else []
    if items and len(problems) == len(ways):
        _failed(row, problems, now=now)
        return False
    Telling.objects.filter(pk=row.pk).update(told_at=now, problem="; ".join(problems), failures=0, next_at=None)
    if items:
        record(TOLD, {"person": row.member.name, "items": len(items)}, rollout=None, at=now)
    return bool(items)


def _items(row: Telling, now: datetime) -> list[Item]:
    """What is new for them; after a while without a letter, that something is, where it cannot be read."""
    try:
        return list(news_for(row.member, since=row.told_at, now=now))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if row.failures < PATIENT:
            raise
        return [Item(now, Message("What is new for you cannot be shown"), "/")]


def _failed(row: Telling, problems: list[str], *, now: datetime) -> None:
    failures = row.failures + 1
    Telling.objects.filter(pk=row.pk).update(
        problem="; ".join(problems),
        failures=failures,
        next_at=now + wait_after(failures, longest=LONGEST_WAIT),
    )


Way = Callable[[str, str], None]
"""Takes subject and text; ChannelError where it does not."""


def _ways(row: Telling, house: House) -> list[Way]:
    ways: list[Way] = []
    if row.mail and row.member.email and house.mail:
        server, to = house.mail, row.member.email
        ways.append(lambda subject, text: send_mail(server, to=to, subject=subject, text=text))
    if row.chat:
        ways.append(lambda subject, text: house.chat(row.chat, subject=subject, text=text))
    return ways


def _tell(row: Telling, items: list[Item], ways: list[Way], house: House) -> list[str]:
    """By every way that they wish; returns what went wrong with each that failed.

    Who has not been reached for a while gets a letter that holds nothing of anybody's, so that one text that no
    server takes does not keep all others from them.
    """
    with in_language(row.member.language or "en"):
        letters = [_whole(items, house)]
        if row.failures >= PATIENT:
            letters.append(short_letter(len(items), house.base))
        found = [_problem(way, letters) for way in ways]
    return [problem for problem in found if problem]


def _whole(items: list[Item], house: House) -> tuple[str, str]:
    """With every item that can be put into words; at least how many there are."""
    named = brand()
    try:
        return letter(items, house.base, house=named.name, contact=named.contact)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return short_letter(len(items), house.base)


def _problem(way: Way, letters: list[tuple[str, str]]) -> str:
    """Why none of the letters was taken; nothing where one was."""
    problem = ""
    for subject, text in letters:
        try:
            way(subject, text)
        except ChannelError as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001  (another way may still reach them)
            problem = type(error).__name__
        else:
            return ""
    return problem


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
