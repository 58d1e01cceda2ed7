"""Whether mail, chat and webhooks go out: when they were last looked at, and who is not reached."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from unfelt.conf.language import Message
from unfelt.records.models import Telling, Webhook

NOTE = "sending.json"
"""Where the console writes down, in the installation, when each of its threads last looked."""
STALE = timedelta(minutes=2)
"""Longer ago, and it has stopped or hangs; the first look may take so long too."""


@dataclass(frozen=True, slots=True)
class Sending:
    """One kind of sending: when it was last done, what goes wrong, how often it had to be begun again."""

    name: str
    looked_at: datetime | None
    problem: str
    restarts: int
    is_alive: bool

    @property
    def state(self) -> Message:
        """In words."""
        if self.is_alive:
            return Message("runs, last look {at} UTC", at=f"{self.looked_at:%Y-%m-%d %H:%M:%S}")
        if self.problem:
            return Message("does not run: {problem}. It is tried again every few seconds", problem=self.problem)
        return Message("does not run, and has said nothing for more than two minutes")


def sendings(note: Path, *, now: datetime) -> tuple[Sending, ...]:
    """As the console wrote them down; none where no console runs."""
    try:
        jobs = json.loads(note.read_text())["jobs"]
        return tuple(_sending(name, job, now) for name, job in jobs.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _sending(name: str, job: Mapping[str, str | int], now: datetime) -> Sending:
    at = datetime.fromisoformat(str(job["looked_at"])).astimezone(UTC) if job["looked_at"] else None
    is_alive = at is not None and now - at < STALE
    return Sending(name, at, str(job["problem"]), int(job["restarts"]), is_alive)


def not_reached() -> tuple[str, ...]:
    """Members and webhooks to which the last attempt failed, and why."""
    people = Telling.objects.exclude(problem="").filter(member__is_active=True).select_related("member")
    hooks = Webhook.objects.exclude(problem="").filter(ended_at=None)
    return (
        *(f"{row.member.name}: {row.problem}" for row in people),
        *(f"{hook.url}: {hook.problem}" for hook in hooks),
    )
