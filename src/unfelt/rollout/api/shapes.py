"""What goes in and what comes out, of rollouts."""

from datetime import datetime
from typing import Any

from ninja import Schema

from unfelt.web.frame.shapes import InBoth


class Card(Schema):
    """A rollout in a few numbers."""

    id: str
    change: str
    title: str
    titles: InBoth
    state: str
    is_over: bool
    waits: bool
    attempt: int
    began: str
    ended: str | None
    share: float
    at_most: float
    exposed: float
    budget: int
    because: dict[str, Any] | None


class Cards(Schema):
    """Rollouts, newest first."""

    rollouts: list[Card]


class Live(Schema):
    """A rollout as it stands: the newest look, what is proposed, and the newest lines of its log."""

    card: Card
    status: dict[str, Any] | None
    proposal: dict[str, Any] | None
    log: list[dict[str, Any]]


class Took(Schema):
    """What came of going back."""

    ok: bool
    on_old_since: str | None
    recorded: bool
    said: str
    reopens: bool


class Pin(Schema):
    """A customer who is on old by hand, by pseudonym."""

    name: str
    at: datetime | None
    by: str


class Pins(Schema):
    """Everybody who is."""

    pins: list[Pin]


class Begun(Schema):
    """A rollout that is starting."""

    change: str
    starting: bool
