"""Who acts on a form of the settings, and what they sent."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest

from unfelt.web.console.members.reader import member_at


def by_now(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and when: what every action is told."""
    found = member_at(request)
    return {"by": found.name if found else "", "at": datetime.now(UTC)}


def number_in(text: str | None) -> int:
    """A number that a form sent; 0 where it is none."""
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0
