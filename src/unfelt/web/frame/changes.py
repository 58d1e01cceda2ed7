"""What every page about a change shows: what it is, what holds it, and the one thing to do next."""

from typing import Any

from django.http import HttpRequest

from unfelt.engines.ledger.phrases import debts_line, tier_name, totals_line, whose
from unfelt.engines.teamwork.reading import comments_on, tasks_of
from unfelt.queries.changes import Shown
from unfelt.rollout.beginning import beginning_of
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.page import problem_of
from unfelt.web.frame.shown import with_reader


def with_change(request: HttpRequest, shown: Shown, more: dict[str, Any]) -> dict[str, Any]:
    """What a page about that change shows, with who reads it and what was refused."""
    name, problem = shown.change.change.id, problem_of(request)
    about = {
        "shown": shown,
        "change": shown.change.change,
        "tier": tier_name(shown.case.tier),
        "why": str(shown.case.why),
        "debts": debts_line(shown.found, shown.case),
        "total": totals_line(shown.summed),
        "whose_is": lambda one: whose(one, shown.change),
        "comments": comments_on(name, ""),
        "tasks": tasks_of(name),
        "problem": problem,
        "typed_comment": request.POST.get("text", "") if problem else "",
        "beginning": beginning_of(name),
        "may_begin": reader(request).may("move", shown.team) and shown.may_begin,
        "now": now_of(request),
    }
    return with_reader(request, {**about, **more})
