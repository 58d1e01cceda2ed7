"""The time of a request: everything in it happens at one moment."""

from datetime import UTC, datetime

from django.http import HttpRequest


def now_of(request: HttpRequest) -> datetime:
    """When it was first asked for; in UTC."""
    kept: datetime | None = getattr(request, "unfelt_now", None)
    if kept is None:
        kept = request.unfelt_now = datetime.now(UTC)
    return kept
