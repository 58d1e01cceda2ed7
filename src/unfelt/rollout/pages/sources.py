"""Where numbers come from, and the routers of this installation."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.adapters.routers import Glimpse
from unfelt.adapters.routers.handles import all_routers, handle
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.people.rights import Reader
from unfelt.queries.overview import newest
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@dataclass(frozen=True, slots=True)
class Source:
    """Where numbers of a change come from; plans hold no passwords."""

    change: Change
    name: str
    kind: str
    where: str


@page("settings/sources/", Message("Sources and routers"), right="read", tabs=(Tab("settings", 4),))
def sources(request: HttpRequest) -> HttpResponse:
    """Where the numbers of changes come from, and the routers of this installation as they are now."""
    found = list(_sources(reader(request), now_of(request)))
    if request.GET.get("as") == "csv":
        rows = [
            {"change": one.change.change.id, "source": one.name, "kind": one.kind, "where": one.where}
            for one in found
        ]
        return harmless_table("sources.csv", ("change", "source", "kind", "where"), rows)
    shown = {"sources": found, "routers": _routers()}
    return render(request, "sources.html", with_reader(request, shown))


def _sources(known: Reader, now: datetime) -> Iterable[Source]:
    for change in newest(known, now).changes.values():
        if change.rollout is not None:
            where = f"{change.rollout.old} / {change.rollout.new}"
            yield Source(change, "requests", "access_log", where)
        for name, source in change.experience.sources.items():
            yield Source(change, name, source.kind, source.where)


def _routers() -> list[tuple[str, Glimpse]]:
    places = all_routers(settings.UNFELT_HOME)
    seen = [(":".join(place.name.rsplit("-", 1)), handle(place).glimpse(place)) for place in places]
    return [(listen, one) for listen, one in seen if one is not None]
