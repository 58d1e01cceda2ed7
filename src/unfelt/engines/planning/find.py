"""Changes that hold words."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import QuerySet

from unfelt.conf.language import Message
from unfelt.engines.find import Finder, Found, Line
from unfelt.engines.people.access import visible
from unfelt.engines.people.rights import Reader
from unfelt.records.models import ChangeRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes are asked for: any text of the plan, and what the address says besides."""

    text: str = ""
    team: str = ""
    tier: str = ""
    owner: str = ""

    def query(self) -> str:
        """As it stands in an address."""
        said = {"q": self.text, "team": self.team, "tier": self.tier, "owner": self.owner}
        return urlencode({name: value for name, value in said.items() if value})


def rows_of(known: Reader, wanted: Wanted) -> QuerySet[ChangeRow]:
    """Those that are wanted, the newest plan first."""
    rows = visible(known)
    if wanted.text:
        rows = rows.filter(revision__canonical__icontains=json.dumps(wanted.text, ensure_ascii=False)[1:-1])
    for name in ("team", "tier", "owner"):
        if getattr(wanted, name):
            rows = rows.filter(**{name: getattr(wanted, name)})
    return rows.order_by("-saved_at", "name")


def changes_with(known: Reader, wanted: str, most: int) -> Found:
    """The newest of the changes whose plans hold the words."""
    asked = Wanted(wanted)
    rows = rows_of(known, asked)
    return Found([_line(row) for row in rows[:most]], rows.count(), f"/changes/?{asked.query()}")


def _line(row: ChangeRow) -> Line:
    plain = {
        "name": row.name,
        "title": row.title,
        "titles": row.titles.plain(),
        "owner": row.owner,
        "team": row.team,
    }
    return Line(f"/changes/{row.name}/", row.title, f"{row.name} · {row.owner}", plain)


FINDERS = (Finder("changes", Message("Changes"), changes_with, 1),)
