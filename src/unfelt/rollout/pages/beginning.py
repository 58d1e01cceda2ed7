"""Rollouts begun in the browser."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from unfelt.engines.ledger.standards import standards
from unfelt.rollout.beginning import begin as begin_rollout
from unfelt.rollout.preconditions import must_be_in_window, must_be_let_go
from unfelt.rollout.refusal import CannotStart
from unfelt.web.access.changes import opened
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import owes_second_factor
from unfelt.web.frame.page import action


@action("changes/<str:name>/begin/", right="move")
def begin(request: HttpRequest, name: str) -> HttpResponse:
    """The rollout begins, where the gates let it. Who has a second factor has shown it lately."""
    shown: Any = opened(request, name, "move")
    if owes_second_factor(request):
        return redirect(f"/accounts/2fa/reauthenticate/?next=/changes/{name}/")
    try:
        must_be_in_window(shown.change, None, at=now_of(request))
        must_be_let_go(shown.change, standards(), at=now_of(request), must_say=True)
    except CannotStart:
        return redirect("change", name=name)  # It says there what holds it.
    begin_rollout(name)
    return redirect("change", name=name)
