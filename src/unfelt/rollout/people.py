"""What people do to a rollout from elsewhere: confirm, and take back."""

from datetime import UTC, datetime
from pathlib import Path

from django.db import DatabaseError, transaction

from unfelt.adapters.routers.envoy.safety import take_back
from unfelt.conf.language import Message
from unfelt.engines.ledger.actions import record
from unfelt.records.models import Rollout
from unfelt.rollout.journal import Journal
from unfelt.rollout.places import Places


def confirm(rollout: Rollout, *, by: str) -> Message | None:
    """The open proposal is agreed to; returns what it was, or None where there is none."""
    with transaction.atomic():
        proposal = Journal(rollout.id).proposal()
        if proposal is None or proposal.confirmed_at is not None:
            return None
        now = datetime.now(UTC)
        proposal.confirmed_at, proposal.confirmed_by = now, by
        proposal.save()
        body = {"action": proposal.action, "share": proposal.share, "by": by, "because": proposal.because}
        record("confirmed", body, rollout=rollout, at=now)
    return Message("{action} to {share:.1%}", action=proposal.action, share=proposal.share)


def back(directory: Path) -> datetime:
    """Everybody is on old: the lease is closed, then the router is written. Needs no database."""
    return take_back(directory)


def router_directories(home: Path, listen: str | None) -> list[Path]:
    """The router that listens there, or all of this installation."""
    if listen:
        return [Places(home).router(listen)]
    return sorted(path for path in (home / "routers").glob("*") if path.is_dir())


def note_back(rollout: Rollout, *, by: str, at: datetime) -> bool:
    """Who took it back is on record; False where the database does not answer."""
    try:
        record("taken_back", {"by": by, "because": "", "share": 0.0}, rollout=rollout, at=at)
    except DatabaseError:
        return False
    return True
