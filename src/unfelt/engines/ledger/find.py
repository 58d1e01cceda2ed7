"""Controls that hold words."""

from unfelt.conf.language import Message
from unfelt.documents.playbook import Control
from unfelt.engines.find import Finder, Found, Line
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.rights import Reader


def controls_with(_known: Reader, wanted: str, most: int) -> Found:
    """Controls whose name, title or question holds the words."""
    found = [one for one in standards().playbook.controls if _holds(one, wanted.lower())]
    lines = [
        Line(f"/assurance/?control={one.id}", str(one.title), str(one.question), one.id) for one in found[:most]
    ]
    return Found(lines, len(found))


def _holds(one: Control, wanted: str) -> bool:
    return wanted in f"{one.id} {one.title!s} {one.question!s}".lower()


FINDERS = (Finder("controls", Message("Controls"), controls_with, 2),)
