"""What members are told of the programme: recurring work of theirs, on the day it is due, once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from unfelt.conf.language import Message
from unfelt.conf.settings import settings
from unfelt.documents.load import load_programme
from unfelt.documents.problems import DocumentErrors
from unfelt.documents.programme import Programme, Work
from unfelt.engines.ledger.gates.calendar import Due, calendar
from unfelt.engines.ledger.gates.reading import counted_of, programme_name
from unfelt.engines.news import Item
from unfelt.records.models import Member

PAGE = "/programme/"


def recurring_news(member: Member, *, since: datetime, now: datetime) -> Iterator[Item]:
    """Items of theirs whose day has begun between the two, and those that failed on the day before.

    It is looked at as a day begins (UTC). Nothing where there is no programme, or it cannot be read: every page of
    the console says that.
    """
    programme = _programme() if _day(since) < _day(now) else None
    if programme is None or not any(is_theirs(work, member) for work in programme.work):
        return
    for due in calendar(programme, counted_of(programme_name(programme)), now=now):
        if is_theirs(due.work, member) and has_come(due, since=since, now=now):
            yield Item(now, _said(due), PAGE)


def is_theirs(work: Work, member: Member) -> bool:
    """Its owner is written as their name or their address."""
    return work.owner.casefold() in {name.casefold() for name in (member.name, member.email) if name}


def has_come(due: Due, *, since: datetime, now: datetime) -> bool:
    """Its day began in that time; the day of one that failed, which is due at once, ended in it."""
    if _has_failed(due):
        return _day(since) <= due.day < _day(now)
    return _day(since) < due.day <= _day(now)


def _has_failed(due: Due) -> bool:
    return due.last is not None and due.last.verdict != "pass"


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _said(due: Due) -> Message:
    about = {"control": due.work.control, "what": due.work.what[:300]}
    if _has_failed(due):
        return Message("Recurring work has not passed: {what} ({control})", **about)
    return Message("Recurring work is due on {day}: {what} ({control})", **about, day=due.day)


def _programme() -> Programme | None:
    file = settings().programme or Path("programme.yaml")
    try:
        return _read(file, file.stat().st_mtime_ns)
    except (OSError, DocumentErrors):
        return None


@lru_cache(maxsize=1)
def _read(file: Path, _written: int) -> Programme:
    """Read again when the file was written again."""
    return load_programme(file)
