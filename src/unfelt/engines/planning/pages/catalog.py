"""What customers meet, as catalog.yaml says."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.documents.catalog import Touchpoint
from unfelt.documents.load import load_catalog
from unfelt.documents.problems import DocumentErrors, Problem
from unfelt.engines.ledger.standards import HERE, catalog_beside, standards
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page("settings/catalog/", Message("Catalog"), right="read", tabs=(Tab("settings", 2),))
def catalog(request: HttpRequest) -> HttpResponse:
    """What customers meet and when nothing is changed, as catalog.yaml says."""
    found, problems = standards().catalog, _problems()
    if request.GET.get("as") == "csv" and found is not None:
        return harmless_table("catalog.csv", _TOUCHPOINT, map(_touchpoint, found.touchpoints))
    return render(request, "catalog.html", with_reader(request, {"catalog": found, "problems": problems}))


_TOUCHPOINT = ("name", "title", "kind", "owner", "traffic", "paths")


def _touchpoint(one: Touchpoint) -> dict[str, Any]:
    said = {"title": str(one.title), "traffic": one.traffic or "", "paths": " ".join(one.paths)}
    return {"name": one.name, "kind": one.kind, "owner": one.owner, **said}


def _problems() -> tuple[Problem, ...]:
    try:
        if catalog_beside(HERE).exists():
            load_catalog(catalog_beside(HERE))
    except DocumentErrors as errors:
        return errors.problems
    return ()
