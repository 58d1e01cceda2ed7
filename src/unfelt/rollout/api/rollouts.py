"""Rollouts: as they stand, taken back, agreed to, and single customers pinned."""

from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status

from unfelt.conf.language import Message
from unfelt.engines.asked import Words
from unfelt.engines.ledger.gates.facts import GateError
from unfelt.engines.people.access import must, open_rollout
from unfelt.queries.rollouts import board_of, live_of, pins_of
from unfelt.records.models import Rollout
from unfelt.rollout.api.shapes import Cards, Live, Pins, Took
from unfelt.rollout.asked import Agreed, PinAsked
from unfelt.rollout.interventions import pin, take_back, unpin
from unfelt.rollout.people import confirm as agree
from unfelt.rollout.report import report_of
from unfelt.rollout.start import planned
from unfelt.web.access.reader import reader
from unfelt.web.access.tokens import MACHINE
from unfelt.web.frame.shapes import REFUSED, Problem

router = Router()

Name = str


@router.get("", response={200: Cards, **REFUSED})
def rollouts(request: HttpRequest, q: Words = "") -> Any:  # noqa: ANN401  (the response is declared)
    """Every rollout in a few numbers, newest first."""
    must(reader(request), "read")
    return {"rollouts": board_of(q, reader(request))["cards"]}


@router.get("{rollout}/", response={200: Live, **REFUSED})
def rollout(request: HttpRequest, rollout: str) -> Any:  # noqa: ANN401
    """One rollout as it stands."""
    open_rollout(reader(request), rollout)
    return live_of(rollout)


@router.get("{rollout}/report/", response={200: dict[str, Any], **REFUSED})
def report(request: HttpRequest, rollout: str) -> Any:  # noqa: ANN401
    """The proof report."""
    open_rollout(reader(request), rollout)
    row = Rollout.objects.select_related("revision").get(pk=rollout)
    return report_of(row, planned(row))


@router.post("{rollout}/back/", response={200: Took, 409: Took, 401: Problem, 403: Problem, 404: Problem})
def back(request: HttpRequest, rollout: str, reopen: bool = False) -> Any:  # noqa: ANN401
    """Everybody is on old. With the installation's token neither database nor guard is needed.

    A rollout that is done answers 409 and what going back would do; `reopen=true` goes back all the same.
    """
    known = reader(request)
    if known is not MACHINE:
        must(known, "back")
        open_rollout(known, rollout, "back")
    took = take_back(settings.UNFELT_HOME, rollout, by=known.name, reopen=reopen)
    return Status(took.status, took.plain())


@router.post("{rollout}/confirm/", response={200: Live, **REFUSED})
def confirm(request: HttpRequest, rollout: str, asked: Agreed) -> Any:  # noqa: ANN401
    """The proposal that was read is agreed to; another one is not."""
    known = reader(request)
    open_rollout(known, rollout, "move")
    agree(Rollout.objects.get(pk=rollout), by=known.name, proposal=asked.proposal)
    return live_of(rollout)


@router.get("{rollout}/pins/", response={200: Pins, **REFUSED})
def pins(request: HttpRequest, rollout: str) -> Any:  # noqa: ANN401
    """Who is pinned to old by hand."""
    open_rollout(reader(request), rollout)
    return {"pins": [asdict(one) for one in pins_of(settings.UNFELT_HOME, rollout) or ()]}


@router.post("{rollout}/pins/", response={200: Pins, **REFUSED})
def change_pins(request: HttpRequest, rollout: str, asked: PinAsked) -> Any:  # noqa: ANN401
    """Ids are pinned to old, pseudonyms are let go; returns who is pinned now."""
    home, known = settings.UNFELT_HOME, reader(request)
    open_rollout(known, rollout, "move")
    problem = pin(home, rollout, asked.pin, by=known.name) if asked.pin else None
    if asked.unpin and problem is None:
        problem = unpin(home, rollout, asked.unpin, by=known.name)
    if problem is not None:
        raise GateError(Message("{problem}", problem=problem))
    return {"pins": [asdict(one) for one in pins_of(home, rollout) or ()]}
