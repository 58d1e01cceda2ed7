"""What members are told, of engines: `PARTS["news"]` of one names a module with `NEWS`."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import Error

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.records.models import Member

log = logging.getLogger("unfelt.notifications")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that they are told: since when it is so, the sentence, and where in the console it is."""

    at: datetime
    text: Message
    path: str


@dataclass(frozen=True, slots=True)
class News:
    """One kind of news: what is new of it for a member, after one moment and up to another."""

    name: str
    of: Callable[[Member, datetime, datetime], Iterable[Item]]


def news_for(member: Member, *, since: datetime, now: datetime) -> Iterator[Item]:
    """All that is new for them in that time, in its order. A plug-in that fails keeps nothing else back."""
    kinds = plugins.registered("news", "NEWS").values()
    found = [item for kind in kinds for item in _of(kind, member, since, now)]
    yield from sorted(found, key=lambda item: item.at)


def _of(kind: News, member: Member, since: datetime, now: datetime) -> list[Item]:
    try:
        return list(kind.of(member, since, now))
    except Exception as error:
        if isinstance(error, Error) or kind.of.__module__.startswith("unfelt."):
            raise  # Everything is told later, when the records answer or we have mended it.
        log.exception("the news of %s cannot be told", kind.name)
        return []
