"""Who acts on a form, and what they sent."""

from datetime import date
from typing import Any

from django.http import HttpRequest

from unfelt.conf.language import Message
from unfelt.engines.teamwork.actions import TeamworkError
from unfelt.web.access.clock import now_of
from unfelt.web.access.reader import member_at


def by_now(request: HttpRequest) -> dict[str, Any]:
    """Who acts, and when: what every action is told."""
    found = member_at(request)
    return {"by": found.name if found else "", "at": now_of(request)}


def number_in(text: str | None) -> int:
    """A number that a form sent; 0 where it is none."""
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0


def day_in(text: str) -> date | None:
    """The day that a field holds, none where it is empty; TeamworkError where it is none."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise TeamworkError(Message("A day is due, such as 2027-01-31; given: {text}", text=text)) from None
