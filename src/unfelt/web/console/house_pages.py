"""What the house works by, as the documents and routers say it: catalog, playbook, sources and routers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from unfelt.adapters.routers import Glimpse
from unfelt.adapters.routers.handles import all_routers, handle
from unfelt.documents.catalog import Touchpoint
from unfelt.documents.change import Change
from unfelt.documents.load import load_catalog
from unfelt.documents.playbook import Area, Control
from unfelt.documents.problems import DocumentErrors, Problem
from unfelt.documents.source import Reconciliation
from unfelt.engines.people.rights import Reader
from unfelt.web.console.changes import house
from unfelt.web.console.members.reader import may, reader
from unfelt.web.console.overview import newest
from unfelt.web.console.pages import answering, harmless_table
from unfelt.web.console.plans import CATALOG, catalog_here
from unfelt.web.console.shown import with_reader


@require_GET
@answering
@may("read")
def catalog(request: HttpRequest) -> HttpResponse:
    """What customers meet and when nothing is changed, as catalog.yaml says."""
    found, problems = catalog_here(), _problems()
    if request.GET.get("as") == "csv" and found is not None:
        return harmless_table("catalog.csv", _TOUCHPOINT, map(_touchpoint, found.touchpoints))
    return render(request, "catalog.html", with_reader(request, {"catalog": found, "problems": problems}))


_TOUCHPOINT = ("name", "title", "kind", "owner", "traffic", "paths")


def _touchpoint(one: Touchpoint) -> dict[str, Any]:
    said = {"title": str(one.title), "traffic": one.traffic or "", "paths": " ".join(one.paths)}
    return {"name": one.name, "kind": one.kind, "owner": one.owner, **said}


def _problems() -> tuple[Problem, ...]:
    try:
        if CATALOG.exists():
            load_catalog(CATALOG)
    except DocumentErrors as errors:
        return errors.problems
    return ()


@require_GET
@answering
@may("read")
def playbook(request: HttpRequest) -> HttpResponse:
    """The controls that changes here are judged by, and what they owe by law or contract."""
    wanted = request.GET.get("q", "").strip()[:200]
    found = house()
    areas = [(area, [one for one in area.controls if _holds(area, one, wanted)]) for area in found.playbook.areas]
    if request.GET.get("as") == "csv":
        rows = [_control(area, one) for area, controls in areas for one in controls]
        return harmless_table("playbook.csv", _CONTROL, rows)
    shown = {"playbook": found.playbook, "areas": [both for both in areas if both[1]], "q": wanted}
    return render(request, "playbook.html", with_reader(request, shown))


_CONTROL = ("area", "control", "title", "question", "gates", "tiers", "owner", "evidence", "limits", "clauses")


def _control(area: Area, one: Control) -> dict[str, Any]:
    return {
        "area": str(area.title),
        "control": one.id,
        "title": str(one.title),
        "question": str(one.question),
        "gates": " ".join(one.gates),
        "tiers": " ".join(one.tiers),
        "owner": one.owner,
        "evidence": " ".join(one.evidence),
        "limits": "; ".join(f"{name} {limit}" for name, limit in one.limits.items()),
        "clauses": "; ".join(f"{name} {clauses}" for name, clauses in area.clauses.items()),
    }


def _holds(area: Area, one: Control, wanted: str) -> bool:
    said = f"{one.id} {area.title!s} {one.title!s} {one.question!s} {' '.join(one.gates)}"
    return wanted.lower() in said.lower()


@dataclass(frozen=True, slots=True)
class Source:
    """Where numbers of a change come from; plans hold no passwords."""

    change: Change
    name: str
    kind: str
    where: str


@require_GET
@answering
@may("read")
def sources(request: HttpRequest) -> HttpResponse:
    """Where the numbers of changes come from, and the routers of this installation as they are now."""
    found = list(_sources(reader(request)))
    if request.GET.get("as") == "csv":
        rows = [
            {"change": one.change.change.id, "source": one.name, "kind": one.kind, "where": one.where}
            for one in found
        ]
        return harmless_table("sources.csv", ("change", "source", "kind", "where"), rows)
    shown = {"sources": found, "routers": _routers()}
    return render(request, "sources.html", with_reader(request, shown))


def _sources(known: Reader) -> Iterable[Source]:
    for change in newest(known).changes.values():
        if change.rollout is not None:
            where = f"{change.rollout.old} / {change.rollout.new}"
            yield Source(change, "requests", "access_log", where)
        for name, source in change.experience.sources.items():
            if isinstance(source, Reconciliation):
                where = f"{source.old.database} / {source.new.database}"
            else:
                where = f"{source.old or '–'} / {source.new or '–'}"
            yield Source(change, name, source.kind, where)


def _routers() -> list[tuple[str, Glimpse]]:
    places = all_routers(settings.UNFELT_HOME)
    seen = [(":".join(place.name.rsplit("-", 1)), handle(place).glimpse(place)) for place in places]
    return [(listen, one) for listen, one in seen if one is not None]
