"""Members are told what is new for them: tried again until it is taken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import available_timezones

from django.db import InterfaceError, OperationalError
from django.db.models import Q

from unfelt.adapters.channels import ChannelError, Fetch, Means
from unfelt.adapters.channels.registered import channels, given_channels, send_to
from unfelt.adapters.http import fetch
from unfelt.conf.language import Message, in_language
from unfelt.conf.settings import Mail
from unfelt.engines.jobs import wait_after
from unfelt.engines.ledger.actions import record
from unfelt.engines.news import Item, news_for
from unfelt.engines.people.reading import PeopleError, brand
from unfelt.engines.teamwork.entries import TOLD
from unfelt.engines.teamwork.letters import Wishes, letter, short_letter
from unfelt.records.models import (
    Member,
    Telling,
)

LONGEST_WAIT = timedelta(hours=1)

PATIENT = 5
"""So many times the whole letter is tried alone."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Where the console is, for links, its mail server, and by what everything else is called."""

    base: str
    mail: Mail | None
    fetch: Fetch = fetch

    @property
    def means(self) -> Means:
        """What channels send with."""
        return Means(self.mail, self.fetch)


def wishes_of(row: Telling) -> Wishes:
    """As they were given."""
    return Wishes(timedelta(minutes=row.every), row.quiet_from, row.quiet_to, row.zone)


def wish(
    member: Member,
    *,
    mail: bool,
    given: Mapping[str, str],
    every: int,
    quiet: tuple[time | None, time | None],
    zone: str,
    at: datetime,
) -> None:
    """So they are told from here on, at those addresses by channel; PeopleError where that cannot be."""
    addresses = "\n".join(_checked(name, given[name]) for name in given_channels() if given.get(name))
    if zone not in available_timezones():
        raise PeopleError("zone", Message("{zone} is no time zone such as Asia/Shanghai.", zone=zone or "–"))
    wished = {"mail": mail, "chat": addresses, "every": every, "zone": zone}
    wished |= {"quiet_from": quiet[0], "quiet_to": quiet[1]}
    Telling.objects.update_or_create(
        member=member,
        defaults={**wished, "problem": "", "failures": 0, "next_at": None},
        create_defaults={**wished, "told_at": at},
    )


def _checked(name: str, address: str) -> str:
    problem = channels()[name].problem(address)
    if len(address.split()) != 1:
        problem = Message("An address has neither spaces nor line breaks.")
    if problem is not None:
        raise PeopleError(way_field(name), problem)
    return address


def way_field(channel: str) -> str:
    """What the address for that channel is called in a form."""
    return f"way:{channel}"


def tell_everybody(
    house: Sender,
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


def _tell_one(row: Telling, house: Sender, *, now: datetime) -> bool:
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


def _ways(row: Telling, house: Sender) -> list[Way]:
    ways: list[Way] = []
    if row.mail and row.member.email and house.mail:
        mail, to = channels()["mail"], row.member.email
        ways.append(lambda subject, text: mail.send(to, subject=subject, text=text, means=house.means))
    ways += [partial(_send_to, address, house.means) for address in row.chat.splitlines()]
    return ways


def _send_to(address: str, means: Means, subject: str, text: str) -> None:
    send_to(address, subject=subject, text=text, means=means)


def _tell(row: Telling, items: list[Item], ways: list[Way], house: Sender) -> list[str]:
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


def _whole(items: list[Item], house: Sender) -> tuple[str, str]:
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
