"""What waits for whoever asks, for scripts."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from unfelt.engines.inbox import Waits
from unfelt.engines.people.access import must
from unfelt.engines.teamwork.api.shapes import Work
from unfelt.queries.inbox import work_of
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import member_of
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


@router.get("mine/", response={200: Work, **REFUSED})
def work(request: HttpRequest) -> Answer:
    """What waits for the token's member."""
    known = reader(request)
    must(known, "read")
    found = work_of(known, member_of(known), now_of(request))
    return {
        "sign": [_line(one.change, one.standing) for one in found["sign"]],
        "do": [{**_line(one.change, one.standing), "due": one.task.due} for one in found["do"]],
        "questions": [said for _mention, said in found["questions"]],
        "shut": [_line(one.change, held) for one in found["shut"] for held in one.gate.holding],
        "others": [_other(str(title), one) for title, some in found["others"] for one in some],
    }


def _other(title: str, one: Waits) -> dict[str, Any]:
    said = {"detail": one.detail, "address": one.address, "due": one.due, "is_late": one.is_late}
    return {"title": title, "what": one.label, **said}


def _line(change: Any, standing: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "change": change.change.id,
        "control": standing.control.id,
        "what": str(standing.control.title),
        "due": None,
    }
