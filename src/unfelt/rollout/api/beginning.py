"""Rollouts begun by scripts."""

from django.http import HttpRequest
from ninja import Router, Status

from unfelt.conf.language import Message
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.ledger.standards import standards
from unfelt.rollout.api.shapes import Begun
from unfelt.rollout.beginning import begin as begin_rollout
from unfelt.rollout.preconditions import must_be_in_window, must_be_let_go
from unfelt.web.access.changes import opened
from unfelt.web.access.clock import now_of
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


@router.post("{name}/begin/", response={202: Begun, **REFUSED})
def begin(request: HttpRequest, name: str) -> Answer:
    """The rollout starts, where the gates let it; 409 says what holds it."""
    shown = opened(request, name, "move")
    must_be_in_window(shown.change, None, at=now_of(request))
    must_be_let_go(shown.change, standards(), at=now_of(request), must_say=True)
    if not shown.may_begin:
        raise GateError(Message("A rollout of this change is under way or done, or its plan has no `rollout`."))
    begin_rollout(name)
    return Status(202, {"change": name, "starting": True})
