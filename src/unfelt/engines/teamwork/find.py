"""Comments that hold words."""

from unfelt.conf.language import Message
from unfelt.engines.find import Finder, Found, Line
from unfelt.engines.people.access import visible
from unfelt.engines.people.rights import Reader
from unfelt.engines.teamwork.reading import Said, comments_like
from unfelt.engines.teamwork.requests import lessons_like
from unfelt.records.models import Lesson

SHOWN = 160
"""Letters of a comment that are shown."""


def comments_with(known: Reader, wanted: str, most: int) -> Found:
    """The newest of them, on changes that the reader may open."""
    found = comments_like(wanted, visible(known).values("name"), most=most)
    return Found([_line(one) for one in found], len(found))


def _line(said: Said) -> Line:
    control = f"controls/{said.control}/" if said.control else ""
    detail = f"{said.by} · {said.change} · {said.said_at:%Y-%m-%d %H:%M} UTC"
    return Line(f"/changes/{said.change}/{control}#comments", said.text[:SHOWN], detail, said)


def lessons_with(known: Reader, wanted: str, most: int) -> Found:
    """The newest of them, in either language, of changes that the reader may open."""
    found = lessons_like(wanted, visible(known).values("name"), most=most)
    return Found([_lesson(one) for one in found], len(found))


def _lesson(one: Lesson) -> Line:
    action = f" → {one.action[:SHOWN]}" if one.action else ""
    detail = f"{one.change} · {one.drawn_at:%Y-%m-%d %H:%M} UTC"
    return Line(f"/changes/{one.change}/review/#lessons", one.text[:SHOWN] + action, detail, one)


FINDERS = (
    Finder("comments", Message("Comments"), comments_with, 4),
    Finder("lessons", Message("Lessons"), lessons_with, 5),
)
