"""Whom a change reaches, and what is owed for that."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.playbook import Obligation
from unfelt.engines.ledger.standards import standards
from unfelt.engines.people.access import visible
from unfelt.engines.planning.history import others_touching
from unfelt.web.access.changes import opened
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.page import Tab, page


@page("changes/<str:name>/reach/", Message("Reach"), right="read", tabs=(Tab("change", 3),))
def reach(request: HttpRequest, name: str) -> HttpResponse:
    """What customers meet that it can reach, whose that is, what else reaches the same, and what is owed."""
    shown = opened(request, name)
    catalog, known = standards().catalog, set(visible(reader(request)).values_list("name", flat=True))
    found = {one.name: one for one in catalog.touchpoints} if catalog is not None else {}
    more = {
        "touches": [(touch, found.get(touch)) for touch in shown.change.touches],
        "has_catalog": catalog is not None,
        "others": [(other, window) for other, window in others_touching(shown.change) if other in known],
        "owed": list(_owed(shown.change)),
        "met": {duty.duty: duty.met_by for duty in shown.change.duties},
    }
    return render(request, "reach.html", with_change(request, shown, more))


def _owed(change: Change) -> Iterable[Obligation]:
    facts = change.change.facts
    return (
        one
        for one in standards().playbook.obligations
        if all(str(facts.get(fact)) == value for fact, value in one.when.items())
    )
