"""The pages over many changes: board, calendar, models, areas of practice, ledger, reports, search."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from unfelt.engines.ledger.gates.compliance import KINDS
from unfelt.engines.people.rights import Reader
from unfelt.web.console.change_pages import opened
from unfelt.web.console.changes import house
from unfelt.web.console.ledger import entries_of, entry_of, kinds_on_record
from unfelt.web.console.list_pages import choices, wanted_by
from unfelt.web.console.members.reader import NothingHereError, may, must, reader
from unfelt.web.console.overview import (
    Day,
    areas_of,
    board_of_gates,
    everything_with,
    month_of,
    risks_of,
    standings_of,
)
from unfelt.web.console.pages import answering, harmless_table
from unfelt.web.console.seeing import board_of
from unfelt.web.console.shown import with_reader
from unfelt.web.printed.gates import gates_page


@require_GET
@answering
@may("read")
def board(request: HttpRequest) -> HttpResponse:
    """Changes by the gate that holds them."""
    shown = board_of_gates(reader(request), wanted_by(request))
    return render(request, "gates_board.html", with_reader(request, {**shown, **choices()}))


@require_GET
@answering
@may("read")
def calendar(request: HttpRequest) -> HttpResponse:
    """A month: windows, freezes, recurring work, and what meets."""
    now = datetime.now(UTC)
    given = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", request.GET.get("month", ""))
    year, month = (int(given[1]), int(given[2])) if given else (now.year, now.month)
    shown = month_of(reader(request), year, month)
    if request.GET.get("as") == "csv":
        return harmless_table(f"{year}-{month:02}.csv", ("day", "kind", "what"), _days(shown["weeks"]))
    return render(request, "calendar.html", with_reader(request, {**shown, "today": now.date()}))


def _days(weeks: list[list[Day]]) -> Iterator[dict[str, str]]:
    for one in (day for week in weeks for day in week if day.is_in_month):
        said = {
            "window": [row.name for row in one.windows],
            "freeze": one.freezes,
            "meets": one.clashes,
            "due": one.due,
        }
        for kind, what in said.items():
            yield from ({"day": one.day.isoformat(), "kind": kind, "what": text} for text in what)


@require_GET
@answering
@may("read")
def assurance(request: HttpRequest) -> HttpResponse:
    """The areas of practice over all changes; one control of them in each."""
    known, chosen = reader(request), house().control(request.GET.get("control", ""))
    shown: dict[str, Any] = areas_of(known)
    if request.GET.get("as") == "csv":
        rows = [
            {
                "area": str(area.title),
                "control": cell.control.id,
                "title": str(cell.control.title),
                **cell.counts,
            }
            for area, cells in shown["areas"]
            for cell in cells
        ]
        return harmless_table("areas.csv", ("area", "control", "title", *KINDS), rows)
    shown["chosen"] = chosen[1] if chosen else None
    shown["standings"] = standings_of(known, chosen[1].id) if chosen else []
    return render(request, "assurance.html", with_reader(request, shown))


@require_GET
@answering
@may("read")
def risks(request: HttpRequest) -> HttpResponse:
    """Risks over all changes that are not done, the gravest first."""
    shown = risks_of(reader(request))
    if request.GET.get("as") == "csv":
        rows = [
            {
                **one.risk.model_dump(mode="json"),
                "change": one.change.change.id,
                "owner": one.change.change.owner,
                "expected": f"{one.expected:g}",
            }
            for one in shown["risks"]
        ]
        columns = ("change", "id", "kind", "on", "what", "chance", "affects", "expected", "response", "barrier")
        return harmless_table("risks.csv", (*columns, "trigger", "owner"), rows)
    return render(request, "risks.html", with_reader(request, shown))


@require_GET
@answering
@may("read")
def change_report(request: HttpRequest, name: str) -> HttpResponse:
    """Gates and compliance of a change, to be read and printed: the page that `unfelt gates --report` writes."""
    shown = opened(request, name)
    return HttpResponse(gates_page(shown.change, house().playbook, shown.case, shown.found))


@require_GET
@answering
@may("read")
def reports(request: HttpRequest) -> HttpResponse:
    """Proof reports of rollouts that have ended, and where the other reports are."""
    cards = [card for card in board_of("", reader(request))["cards"] if card["is_over"]]
    return render(request, "reports.html", with_reader(request, {"cards": cards}))


@require_GET
@answering
@may("audit")
def ledger(request: HttpRequest) -> HttpResponse:
    """The entries of the chain, newest first."""
    must(_everywhere(request), "audit")
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("kind", "q")}
    shown = entries_of(asked["kind"], asked["q"], before=_number(request.GET.get("before")))
    return render(request, "ledger.html", with_reader(request, {**shown, **asked, "kinds": kinds_on_record()}))


@require_GET
@answering
@may("audit")
def ledger_export(request: HttpRequest) -> HttpResponse:
    """What the page shows, as a file."""
    must(_everywhere(request), "audit")
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("kind", "q")}
    rows = entries_of(asked["kind"], asked["q"], before=_number(request.GET.get("before")))["entries"]
    plain = [{**one, "body": json.dumps(one["body"], ensure_ascii=False)} for one in rows]
    columns = ("number", "at", "kind", "by", "change", "rollout", "digest", "body")
    return harmless_table("ledger.csv", columns, plain)


@require_GET
@answering
@may("audit")
def entry(request: HttpRequest, number: int) -> HttpResponse:
    """One entry as it stands in the chain."""
    must(_everywhere(request), "audit")
    found = entry_of(number)
    if found is None:
        raise NothingHereError
    return render(request, "entry.html", with_reader(request, found))


@require_GET
@answering
@may("read")
def search(request: HttpRequest) -> HttpResponse:
    """Everything that holds the words; `#12` is an entry of the ledger."""
    wanted = request.GET.get("q", "").strip()[:200]
    number = re.fullmatch(r"#(\d{1,15})", wanted)
    if number and _everywhere(request).may("audit"):
        return redirect("entry", number=int(number[1]))
    found = everything_with(reader(request), wanted) if wanted else {}
    return render(request, "search.html", with_reader(request, {"q": wanted, "found": found}))


def _everywhere(request: HttpRequest) -> Reader:
    """The reader with the roles that they hold everywhere: the chain is of all teams."""
    known = reader(request)
    return Reader(known.name, known.everywhere)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 16 else None
