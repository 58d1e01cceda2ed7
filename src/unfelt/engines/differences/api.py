"""What else differs in a rollout, for scripts."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from unfelt.engines.differences.actions import accept
from unfelt.engines.differences.asked import AcceptanceAsked
from unfelt.engines.differences.shown import differences_of
from unfelt.engines.people.access import open_rollout
from unfelt.records.models import Rollout
from unfelt.web.access.reader import reader
from unfelt.web.frame.mounts import Mount
from unfelt.web.frame.shapes import REFUSED

router = Router()


class DifferencesShown(Schema):
    """Lines with what differs, for how many customers; how many more there are; how many wait for a person."""

    lines: list[dict[str, Any]]
    more: int
    waiting: int


@router.get("{rollout}/differences/", response={200: DifferencesShown, **REFUSED})
def differences(request: HttpRequest, rollout: str) -> Any:  # noqa: ANN401  (the response is declared)
    """What customers meet on new and not on old, that no metric of the plan names."""
    open_rollout(reader(request), rollout)
    return differences_of(Rollout.objects.get(pk=rollout))


@router.post("{rollout}/differences/accept/", response={200: DifferencesShown, **REFUSED})
def accept_differences(request: HttpRequest, rollout: str, asked: AcceptanceAsked) -> Any:  # noqa: ANN401
    """These differences no longer hold the promotion."""
    known = reader(request)
    open_rollout(known, rollout, "waive")
    row = Rollout.objects.get(pk=rollout)
    accept(row, asked.named(), by=known.name, reason=asked.reason, at=datetime.now(UTC))
    return differences_of(row)


MOUNTS = (Mount("differences", "/rollouts/", router, "rollouts"),)
