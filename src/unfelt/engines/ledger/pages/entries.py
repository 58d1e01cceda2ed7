"""The entries of the chain."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from unfelt.conf.language import Message
from unfelt.engines.people.access import NothingHereError, must
from unfelt.queries.ledger import entries_of, entry_of, kinds_on_record
from unfelt.web.access.reader import everywhere
from unfelt.web.frame.page import Tab, page
from unfelt.web.frame.shown import with_reader
from unfelt.web.frame.tables import harmless_table


@page(
    "ledger/",
    Message("Ledger"),
    right="audit",
    tabs=(
        Tab("assurance", 4),
        Tab("settings", 10, Message("Audit"), "?kind=people"),
    ),
)
def ledger(request: HttpRequest) -> HttpResponse:
    """The entries of the chain, newest first."""
    must(everywhere(request), "audit")
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("kind", "q")}
    shown = entries_of(asked["kind"], asked["q"], before=_number(request.GET.get("before")))
    return render(request, "ledger.html", with_reader(request, {**shown, **asked, "kinds": kinds_on_record()}))


@page("ledger.csv", Message("Ledger"), right="audit")
def ledger_export(request: HttpRequest) -> HttpResponse:
    """What the page shows, as a file."""
    must(everywhere(request), "audit")
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("kind", "q")}
    rows = entries_of(asked["kind"], asked["q"], before=_number(request.GET.get("before")))["entries"]
    plain = [{**one, "body": json.dumps(one["body"], ensure_ascii=False)} for one in rows]
    columns = ("number", "at", "kind", "by", "change", "rollout", "digest", "body")
    return harmless_table("ledger.csv", columns, plain)


@page("ledger/<int:number>/", Message("Ledger"), right="audit", section="assurance")
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry as it stands in the chain."""
    must(everywhere(request), "audit")
    found = entry_of(number)
    if found is None:
        raise NothingHereError
    return render(request, "entry.html", with_reader(request, found))


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 16 else None
