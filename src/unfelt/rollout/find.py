"""Rollouts whose name holds words."""

from unfelt.conf.language import Message
from unfelt.engines.find import Finder, Found, Line
from unfelt.engines.people.access import visible
from unfelt.engines.people.rights import Reader
from unfelt.records.models import Rollout
from unfelt.rollout.phrases import state_name


def rollouts_with(known: Reader, wanted: str, most: int) -> Found:
    """The newest of them, of changes that the reader may open."""
    names = visible(known).values("name")
    rows = Rollout.objects.filter(id__icontains=wanted, change__in=names).order_by("-began")
    lines = [Line(f"/rollouts/{row.id}/", row.id, state_name(row.state), row.id) for row in rows[:most]]
    return Found(lines, rows.count(), "/live/")


FINDERS = (Finder("rollouts", Message("Rollouts"), rollouts_with, 3),)
