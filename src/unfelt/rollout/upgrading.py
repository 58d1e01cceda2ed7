"""A rollout that a newer unfelt goes on with: the guard takes in again, from the ledger, all that it has seen."""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from unfelt.documents.change import Change
from unfelt.engines.guard import VERSION, Guard
from unfelt.engines.ledger.actions import record
from unfelt.records.models import Entry, GuardState, Rollout
from unfelt.rollout import entries
from unfelt.rollout.replaying import KINDS, Replay, Row, replayed

FIRST = 1
"""The version of guards that did not write theirs down."""


def rows_of(rollout: str, *, begin: int = 0, end: int | None = None, until: int | None = None) -> Iterator[Row]:
    """The rows after `begin`, and those after the seal at `end` up to the next decision: they follow from it.

    until: the last entry that is read, whatever has been written since.
    """
    rows = Entry.objects.filter(rollout_id=rollout, kind__in=KINDS, sequence__gt=begin).order_by("sequence")
    if until is not None:
        rows = rows.filter(sequence__lte=until)
    yield from _read(rows, end=end)


def agreed_before(rollout: str, seal: int) -> Iterator[Row]:
    """The newest proposal before that seal and what became of it."""
    kinds = ("proposal", "confirmed", "order", "moved")
    rows = Entry.objects.filter(rollout_id=rollout, kind__in=kinds, sequence__lt=seal).order_by("sequence")
    newest = rows.filter(kind="proposal").values_list("sequence", flat=True).last()
    if newest is not None:
        yield from _read(rows.filter(sequence__gte=newest), end=None)


def _read(rows: QuerySet[Entry], *, end: int | None) -> Iterator[Row]:
    for sequence, kind, at, text in rows.values_list("sequence", "kind", "recorded_at", "body").iterator():
        if end is not None and sequence > end and kind == "decision":
            return
        try:
            body = json.loads(text)
        except ValueError:
            body = {}
        yield Row(sequence, kind, at, body)


def guard_version(rollout: Rollout) -> tuple[int, int]:
    """The version of the guard that is at work on it, and the entry since which it is (0: from the beginning)."""
    told = Entry.objects.filter(rollout=rollout, kind__in=("begun", "upgraded")).order_by("sequence").last()
    body = json.loads(told.body)
    return (body["to"], told.sequence) if told.kind == "upgraded" else (body.get("guard", FIRST), 0)


def upgraded(rollout: Rollout, change: Change, *, at: datetime) -> Guard:
    """This version's guard, where the inputs on record lead it; that it is at work from here on is on record."""
    replay = Replay.from_beginning(change, at=rollout.began)
    replay.takes_in = True
    guard = replayed(replay, rows_of(rollout.id), is_exact=False).guard
    if replay.standing.promoted:
        guard.begin_promotion()
    state = guard.state()
    before, _since = guard_version(rollout)
    body = {"from": before, "to": VERSION, "guard": hashlib.sha256(state).hexdigest()}
    with transaction.atomic():
        record(entries.UPGRADED, body, rollout=rollout, at=at)
        GuardState.objects.filter(rollout=rollout).update(state=state)
    return guard
