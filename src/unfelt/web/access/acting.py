"""Who acts on a form, and when."""

from typing import Any

from django.http import HttpRequest

from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import member_at


def by_now(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and when: what every action is told."""
    found = member_at(request)
    return {"by": found.name if found else "", "at": now_of(request)}
