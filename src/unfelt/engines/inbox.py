"""What waits for whom, of engines: `PARTS["inbox"]` of one names a module with `WAITING`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.engines.people.rights import Reader
from unfelt.records.models import Member


@dataclass(frozen=True, slots=True)
class Press:
    """A button that does it from the list: what it says, where it is sent, and with which fields."""

    label: Message
    address: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Waits:
    """One thing: where it is done, what it is, and by which day. is_late: although no day is named."""

    address: str
    label: str
    detail: str = ""
    due: date | None = None
    press: Press | None = None
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of thing that waits for a member."""

    name: str
    title: Message
    of: Callable[[Reader, Member, datetime], Iterable[Waits]]


def waiting_for(known: Reader, member: Member, now: datetime) -> list[tuple[Message, list[Waits]]]:
    """What engines have for them, by title; what nothing waits of is left out."""
    found = [
        (one.title, list(one.of(known, member, now))) for one in plugins.registered("inbox", "WAITING").values()
    ]
    return [(title, some) for title, some in found if some]
