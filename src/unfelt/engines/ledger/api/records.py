"""The programme and the chain, for scripts."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from unfelt.engines.asked import Words
from unfelt.engines.ledger.api.shapes import Entries, Programme
from unfelt.engines.people.access import must, must_in_house
from unfelt.queries.changes import programme_shown
from unfelt.queries.ledger import entries_of
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


@router.get("programme/", response={200: Programme, **REFUSED})
def programme(request: HttpRequest) -> Answer:
    """Recurring work, the most pressing first."""
    must(reader(request), "read")
    due = [
        {
            "control": one.work.control,
            "what": one.work.what,
            "owner": one.work.owner,
            "due": one.day,
            "state": one.state,
        }
        for one in programme_shown(now_of(request))["due"]
    ]
    return {"due": due}


@router.get("ledger/", response={200: Entries, **REFUSED})
def ledger(
    request: HttpRequest,
    kind: Words = "",
    q: Words = "",
    before: Annotated[int, Field(ge=0, le=2**62)] | None = None,
) -> Answer:
    """Entries of the chain, newest first, fifty at a time. Takes a role that is held everywhere."""
    known = reader(request)
    must_in_house(known, "audit")
    return entries_of(kind, q, before=before)
