"""What else differs in a rollout, and accepting it."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from unfelt.adapters.sources.harms import unseen_by
from unfelt.conf.language import Message
from unfelt.engines.differences.actions import accept
from unfelt.engines.differences.asked import AcceptanceAsked
from unfelt.engines.differences.shown import differences_of
from unfelt.engines.people.access import open_rollout, team_of
from unfelt.records.models import Rollout
from unfelt.rollout.start import planned
from unfelt.web.access.guarding import who
from unfelt.web.access.reader import reader
from unfelt.web.frame.forms import asked_in
from unfelt.web.frame.page import action, page
from unfelt.web.frame.shown import with_reader


@page("rollouts/<str:rollout>/differences/", Message("What else differs"), right="read", section="board")
def differences(request: HttpRequest, rollout: str) -> HttpResponse:
    """What customers meet on new and not on old, that no metric of the plan names."""
    known = reader(request)
    open_rollout(known, rollout)
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    shown = {
        "id": row.id,
        "ended": row.ended is not None,
        "differing": differences_of(row),
        "unseen": unseen_by(planned(row)),
        "may_accept": row.ended is None and known.may("waive", team_of(row.change)),
    }
    return render(request, "differences.html", with_reader(request, shown))


@action("rollouts/<str:rollout>/differences/accept/", right="waive")
def accept_differences(request: HttpRequest, rollout: str) -> HttpResponse:
    """A line of the list is accepted, with the reason that was typed."""
    open_rollout(reader(request), rollout, "waive")
    asked = asked_in(request, AcceptanceAsked)
    row = Rollout.objects.get(pk=rollout)
    accept(row, asked.named(), by=who(request), reason=asked.reason, at=datetime.now(UTC))
    return redirect("differences", rollout=rollout)
