"""What is written of unregistered differences."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.conf.refusal import NotDoneError
from unfelt.engines.differences.entries import ACCEPTED, FOUND, NAMES
from unfelt.engines.differences.standing import Differences, key_of
from unfelt.engines.ledger.actions import record
from unfelt.engines.ledger.appending import in_turn
from unfelt.engines.ledger.people import names, revealed
from unfelt.records.models import Entry, Rollout


class NotAccepted(NotDoneError):  # noqa: N818  (reads as what it says)
    """A difference cannot be accepted, and why."""


def on_record(rollout_id: str, *, named: bool = False) -> Differences:
    """All that is on record of that rollout; with people's names where `named`."""
    known = names() if named else {}
    rows = Entry.objects.filter(rollout_id=rollout_id, kind__in=NAMES).order_by("sequence")
    bodies = ((kind, json.loads(body)) for kind, body in rows.values_list("kind", "body"))
    return Differences.of((kind, revealed(body, known)) for kind, body in bodies)


def note_found(rollout: Rollout, found: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """What was found is on record, each once."""
    known = on_record(rollout.id).found if found else {}
    for body in found:
        if key_of(body["feature"]) not in known:
            record(FOUND, body, rollout=rollout, at=at)


def accept(rollout: Rollout, features: Sequence[Mapping[str, Any]], *, by: str, reason: str, at: datetime) -> int:
    """These differences no longer hold the promotion; returns how many of them had.

    NotAccepted for what was never found, and after the rollout has ended.
    """
    with in_turn():
        if Rollout.objects.filter(pk=rollout.pk).exclude(ended=None).exists():
            raise NotAccepted(
                Message("{rollout} has ended: there is nothing to hold any more.", rollout=rollout.id)
            )
        standing = on_record(rollout.id)
        unknown = [one for one in features if key_of(one) not in standing.found]
        if unknown:
            raise NotAccepted(
                Message(
                    "{rollout} has no such difference. See what there is: unfelt differences {rollout}",
                    rollout=rollout.id,
                )
            )
        waited = {key_of(body["feature"]) for body in standing.waiting()}
        plain = [{"kind": one["kind"], "route": one["route"], "value": one["value"]} for one in features]
        record(ACCEPTED, {"by": by, "features": plain, "reason": reason}, rollout=rollout, at=at)
    return len(waited & {key_of(one) for one in features})
