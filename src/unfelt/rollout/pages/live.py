"""Rollouts: the board, one as it goes on, its report, and acting on it."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from unfelt.conf.language import Message
from unfelt.engines.people.access import NoRightError, open_rollout
from unfelt.engines.rights import who_may
from unfelt.queries.rollouts import beside_the_board, board_of, course_of, live_of, pins_of
from unfelt.records.models import Rollout
from unfelt.rollout.asked import Agreed, PinAsked
from unfelt.rollout.interventions import is_under_way, take_back, team_of_router, unpin
from unfelt.rollout.interventions import pin as pin_to_old
from unfelt.rollout.people import confirm as agree
from unfelt.rollout.report import report_of
from unfelt.rollout.start import planned
from unfelt.web.access.clock import now_of
from unfelt.web.access.guarding import who
from unfelt.web.access.reader import may_take_back, owes_second_factor, reader
from unfelt.web.frame.forms import asked_in, pressed
from unfelt.web.frame.page import Tab, action, answering, page
from unfelt.web.frame.said import no_right
from unfelt.web.frame.shown import with_reader, without_records
from unfelt.web.frame.tables import as_file, harmless_table


@page("live/", Message("Rollouts"), right="read", tabs=(Tab("main", 3, Message("Live")),))
def board(request: HttpRequest) -> HttpResponse:
    """All rollouts: those that wait for a person, those under way, those that have ended."""
    known = reader(request)
    shown = {**board_of(request.GET.get("q", "")[:200], known), **beside_the_board(known, now_of(request))}
    return render(request, "board.html", with_reader(request, shown))


@page("rollouts/<str:rollout>/", Message("Rollout"), right="read", section="board")
def live(request: HttpRequest, rollout: str) -> HttpResponse:
    """One rollout as it stands, and as it goes on."""
    open_rollout(reader(request), rollout)
    shown = {**live_of(rollout), "pins": pins_of(settings.UNFELT_HOME, rollout)}
    return render(request, "live.html", with_reader(request, shown))


@page("rollouts/<str:rollout>/report/", Message("Proof report"), right="read", section="board")
def report(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proof report, to be read and printed."""
    open_rollout(reader(request), rollout)
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    shown = {"report": report_of(row, planned(row)), "id": row.id, "course": course_of(row.id)}
    return render(request, "report.html", with_reader(request, shown))


@page("rollouts/<str:rollout>/report.json", Message("Proof report"), right="read")
def report_json(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proof report as data."""
    open_rollout(reader(request), rollout)
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    text = json.dumps(report_of(row, planned(row)), ensure_ascii=False, indent=1)
    return HttpResponse(text, content_type="application/json", headers=as_file(f"{row.id}.json"))


@page("rollouts.csv", Message("Rollouts"), right="read")
def export(request: HttpRequest) -> HttpResponse:
    """The list of rollouts as it is shown, for a spreadsheet."""
    columns = ("id", "change", "title", "state", "began", "ended", "share", "at_most", "budget")
    return harmless_table("rollouts.csv", columns, _wanted_cards(request))


def _wanted_cards(request: HttpRequest) -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = board_of(request.GET.get("q", "")[:200], reader(request))["cards"]
    return cards


@require_POST
def back(request: HttpRequest, rollout: str) -> HttpResponse:
    """Everybody is on old: the router first, the records afterwards. The session alone says who may.

    Of a rollout that is over no note says whose it is: the records do.
    """
    if not may_take_back(request, team_of_router(settings.UNFELT_HOME, rollout)):
        return no_right(request, NoRightError(*who_may("back")))
    if is_under_way(settings.UNFELT_HOME, rollout):
        return _back(request, rollout)
    return answering(_back_when_over)(request, rollout)


def _back_when_over(request: HttpRequest, rollout: str) -> HttpResponse:
    open_rollout(reader(request), rollout, "back")
    return _back(request, rollout)


def _back(request: HttpRequest, rollout: str) -> HttpResponse:
    reopen = pressed(request, "reopen")
    took = take_back(settings.UNFELT_HOME, rollout, by=who(request), reopen=bool(reopen))
    if "application/json" in request.headers.get("Accept", ""):
        return HttpResponse(json.dumps(took.plain()), content_type="application/json", status=took.status)
    shown = without_records(request, {"took": took, "id": rollout})
    return render(request, "taken.html", shown, status=took.status)


@action("rollouts/<str:rollout>/confirm/", right="move")
def confirm(request: HttpRequest, rollout: str) -> HttpResponse:
    """The proposal that was read is agreed to; another one is not. Who has a second factor has shown it lately."""
    open_rollout(reader(request), rollout, "move")
    if owes_second_factor(request):
        return redirect(f"/accounts/2fa/reauthenticate/?next=/rollouts/{rollout}/")
    row = Rollout.objects.get(pk=rollout)
    agree(row, by=who(request), proposal=asked_in(request, Agreed).proposal)
    return redirect("live", rollout=rollout)


@action("rollouts/<str:rollout>/pin/", right="move")
def pin(request: HttpRequest, rollout: str) -> HttpResponse:
    """Customers are pinned to old by the ids that were typed, one a line, or let go by pseudonym."""
    open_rollout(reader(request), rollout, "move")
    home, by, asked = settings.UNFELT_HOME, who(request), asked_in(request, PinAsked)
    if asked.unpin:
        problem = unpin(home, rollout, asked.unpin, by=by)
    else:
        problem = pin_to_old(home, rollout, asked.pin, by=by)
    if problem is None:
        return redirect(f"/rollouts/{rollout}/#pins")
    return render(request, "said.html", with_reader(request, {"said": problem}), status=409)
