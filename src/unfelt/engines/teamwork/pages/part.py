"""What the plan asks of whoever reads it, and who has read it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.people.persons import is_same
from unfelt.engines.people.phrases import role_name
from unfelt.engines.teamwork.acknowledgements import Acknowledgement, acknowledge, acknowledged
from unfelt.engines.teamwork.asked import AcknowledgeAsked
from unfelt.engines.teamwork.parts import named_in, part_of
from unfelt.records.models import ChangeRow
from unfelt.web.access.changes import me_at, opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.changes import with_change
from unfelt.web.frame.forms import asked_in
from unfelt.web.frame.page import Tab, action, page
from unfelt.web.frame.tables import harmless_table

COLUMNS = ("name", "roles", "member", "acknowledged_at", "is_stale", "revision")


@page("changes/<str:name>/part/", Message("Your part"), right="read", tabs=(Tab("change", 7),))
def part(request: HttpRequest, name: str) -> HttpResponse:
    """Roles, steps with their times, the window and the way back, for who reads it; and who has acknowledged."""
    shown, known = opened(request, name), reader(request)
    found = acknowledged(shown.change)
    if request.GET.get("as") == "csv":
        return harmless_table(f"{name}-acknowledgements.csv", COLUMNS, _rows(shown.change, found))
    roles = {one.name: one.roles for one in named_in(shown.change)}
    mine = [one for one in found if is_same(one.name, known.name)]
    more = {
        "part": part_of(shown.change, known.name),
        "people": [(one, roles[one.name]) for one in found],
        "holding": sum(one.holds for one in found),
        "mine": mine,
        "may_press": known.may("comment", shown.team) and not all(one.holds for one in mine),
        "revision": ChangeRow.objects.values_list("revision_id", flat=True).get(name=name),
    }
    return render(request, "part.html", with_change(request, shown, more))


def _rows(change: Change, found: tuple[Acknowledgement, ...]) -> list[dict[str, Any]]:
    roles = {one.name: ", ".join(role_name(role) for role in one.roles) for one in named_in(change)}
    return [
        {
            "name": one.name,
            "roles": roles[one.name],
            "member": one.member or "",
            "acknowledged_at": one.at.isoformat() if one.at else "",
            "is_stale": one.stale,
            "revision": one.revision,
        }
        for one in found
    ]


@action("changes/<str:name>/part/read/", right="comment", shows="part")
def part_read(request: HttpRequest, name: str) -> HttpResponse:
    """They have read the plan and their part in it."""
    opened(request, name, "comment")
    asked = asked_in(request, AcknowledgeAsked)
    acknowledge(name, seen=asked.revision, by=me_at(request), at=now_of(request))
    return redirect("part", name=name)
