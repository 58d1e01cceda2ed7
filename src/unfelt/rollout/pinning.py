"""Pinning single customers to `old` by hand: at the router first, on record afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.db import Error

from unfelt.adapters.routers.handles import handle
from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.entry_kinds import EntryKind
from unfelt.records.models import Rollout
from unfelt.rollout import entries


@dataclass(frozen=True, slots=True)
class Pinned:
    """A customer who is pinned, by pseudonym."""

    name: str
    by: str
    at: str


def pinned_at(directory: Path) -> list[Pinned]:
    """Who is pinned at that router, the newest first."""
    found = [Pinned(name, told["by"], told["at"]) for name, told in handle(directory).pinned(directory).items()]
    return sorted(found, key=lambda one: one.at, reverse=True)


def pin_customers(directory: Path, names: Sequence[str], *, rollout: str, by: str) -> bool:
    """They are on old; whether that is on record too. Doing it again records what could not be recorded."""
    now = datetime.now(UTC)
    handle(directory).pin(directory, names, by=by, at=now)
    why = Message("{n} customers pinned to old by hand", n=len(names))
    return _record(entries.PINNED, names, rollout=rollout, by=by, at=now, because=why)


def unpin_customers(directory: Path, names: Sequence[str], *, rollout: str, by: str) -> bool:
    """They are drawn like everybody else; whether that is on record too."""
    handle(directory).unpin(directory, names)
    why = Message("{n} customers no longer pinned to old", n=len(names))
    return _record(entries.UNPINNED, names, rollout=rollout, by=by, at=datetime.now(UTC), because=why)


def _record(
    kind: EntryKind, names: Sequence[str], *, rollout: str, by: str, at: datetime, because: Message
) -> bool:
    try:
        row = Rollout.objects.filter(pk=rollout).first()
        body = {"customers": sorted(names), "by": by, "because": because.plain()}
        record(kind, body, rollout=row, at=at)
    except Error:
        return False
    return True
