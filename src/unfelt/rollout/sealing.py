"""Seals: the tallies of many decisions and the guard after them as artefacts, and a signature over the chain."""

import json
from datetime import datetime

from django.db import transaction

from unfelt.engines.ledger.actions import keep_artefact, record
from unfelt.engines.ledger.appending import sign_chain
from unfelt.engines.ledger.keys import KeyRing
from unfelt.engines.ledger.naming import signer_of
from unfelt.engines.ledger.sealing import AT_MOST, sign_for
from unfelt.engines.ledger.tally_file import rows_of, write_tallies
from unfelt.records.models import Entry, GuardState, Rollout
from unfelt.rollout import entries
from unfelt.rollout.bodies import standing_row
from unfelt.rollout.journal import Journal

EVERY = 1000
"""Decisions between two seals; a stranger replays from one to the next."""
TALLIES, GUARD = "tallies", "guard"
"""The kinds of artefact."""


class Sealer:
    """Seals the decisions of one rollout, so many at a time and at its end."""

    def __init__(self, journal: Journal, ring: KeyRing, *, every: int = EVERY) -> None:
        self._journal = journal
        self._ring = ring
        self._every = every
        self._waiting: int | None = None
        self._signed: datetime | None = None

    def note_decision(self, *, at: datetime) -> None:
        """One more decision is on record; it is sealed with the others once there are enough."""
        if self._waiting is None:
            self._waiting = len(unsealed(self._journal.rollout))
        else:
            self._waiting += 1
        if self._waiting >= self._every:
            self.seal(at=at)
        elif self._signed is None or at - self._signed >= AT_MOST:
            self._signed = at  # A key that cannot be used now is asked for again then, and `verify` says so.
            sign_for(self._ring, at=at)

    def seal(self, *, at: datetime) -> None:
        """Every decision so far is sealed and signed for."""
        signer = signer_of(self._ring, at=at)
        with transaction.atomic():
            rollout = self._journal.rollout
            decisions = unsealed(rollout)
            if decisions:
                _record_seal(rollout, decisions, self._journal, at=at)
            sign_chain(signer, at=at)
        self._waiting = 0


def unsealed(rollout: Rollout) -> list[Entry]:
    """The decisions of a rollout since its last seal."""
    entries = Entry.objects.filter(rollout=rollout)
    last = entries.filter(kind="seal").order_by("-sequence").values_list("sequence", flat=True).first() or 0
    return list(entries.filter(kind="decision", sequence__gt=last).order_by("sequence"))


def _record_seal(rollout: Rollout, decisions: list[Entry], journal: Journal, *, at: datetime) -> None:
    rows = rows_of((entry.sequence, json.loads(entry.body)) for entry in decisions)
    guard = GuardState.objects.get(pk=rollout.pk)
    body = {
        "first": decisions[0].sequence,
        "last": decisions[-1].sequence,
        "decisions": len(decisions),
        "tallies": keep_artefact(TALLIES, write_tallies(rows), at=at),
        "guard": keep_artefact(GUARD, bytes(guard.state), at=at),
        "stands": standing_row(journal.standing()),
    }
    record(entries.SEAL, body, rollout=rollout, at=at)
