"""The time of a request: everything in it happens at one moment, of business and of this machine."""

from datetime import UTC, datetime

from django.http import HttpRequest

from unfelt.records.business_time import in_business


def now_of(request: HttpRequest) -> datetime:
    """The business time at which it was first asked for; in UTC."""
    kept: datetime | None = getattr(request, "unfelt_now", None)
    if kept is None:
        kept = request.unfelt_now = in_business(machine_now_of(request))
    return kept


def machine_now_of(request: HttpRequest) -> datetime:
    """The time of this machine then: that of workers and rollouts."""
    kept: datetime | None = getattr(request, "unfelt_machine_now", None)
    if kept is None:
        kept = request.unfelt_machine_now = datetime.now(UTC)
    return kept
