"""The records beside the ledger, from which a rollout goes on, against what the ledger says."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from unfelt.conf.language import Message
from unfelt.engines.ledger.checking import Ledger
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.records.models import Entry, EpochRow, GuardState, LapseRow, Rollout
from unfelt.rollout.decide import Standing
from unfelt.rollout.start import planned
from unfelt.rollout.traffic import salt_of

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ObjectDoesNotExist)
"""What reading a row that was changed may raise."""


@dataclass(frozen=True, slots=True)
class Found:
    """What deciding one part again gave."""

    faults: tuple[Fault, ...]
    decisions: int
    stands: Standing | None
    guard: str
    """The digest of the guard after the newest decision, or of the one that watches anew, as on record."""


def disagreements(rollout: Rollout, ledger: Ledger, found: Found | None) -> Iterator[Fault]:
    begun = ledger.begun.get(rollout.id)
    row = record_of(rollout)
    if begun is None:
        yield Fault(row, Message("the ledger does not know that it began"))
        return
    fixed = {
        "attempt": (rollout.attempt, begun["attempt"]),
        "budget": (rollout.budget, begun["budget"]),
        "revision": (rollout.revision_id, begun["plan"]),
        "began": (rollout.began, begun["at"]),
        "change": (rollout.change, planned(rollout).change.id),
    }
    if found is not None and found.stands is not None and not found.faults:
        stands, last = found.stands, _newest(rollout, "decision")
        fixed |= {
            "state": (rollout.state, str(stands.state)),
            "state_since": (rollout.state_since, stands.since),
            "step": (rollout.step, stands.step),
            "promoted_at": (rollout.promoted_at is not None, stands.promoted),
            "segments": (rollout.segments, _newest(rollout, "segments") or {}),
            "at_most": (_at_most(rollout), last["at_most"] if last else None),
        }
    for name, (kept, written) in fixed.items():
        if kept != written:
            said = Message(
                "{name} is {kept}, and by the ledger {written}", name=name, kept=str(kept), written=str(written)
            )
            yield Fault(row, said)
    yield from _epoch_faults(rollout)
    yield from _lapse_faults(rollout)
    yield from coverage_faults(rollout)
    state = GuardState.objects.filter(rollout=rollout).first()
    if state is not None and found is not None and found.guard:
        kept = hashlib.sha256(bytes(state.state)).hexdigest()
        if kept != found.guard:
            where = Message("the guard of rollout {rollout}", rollout=rollout.id)
            yield Fault(where, Message("what it remembers is not what is on record after its newest decision"))


def record_of(rollout: Rollout) -> Message:
    return Message("the record of rollout {rollout}", rollout=rollout.id)


def _newest(rollout: Rollout, kind: str) -> dict[str, Any] | None:
    text = (
        Entry.objects.filter(rollout=rollout, kind=kind)
        .order_by("-sequence")
        .values_list("body", flat=True)
        .first()
    )
    body: dict[str, Any] | None = json.loads(text) if text else None
    return body


def _at_most(rollout: Rollout) -> int | None:
    found: int | None = rollout.status.get("affected", {}).get("at_most")
    return found


def _epoch_faults(rollout: Rollout) -> Iterator[Fault]:
    moves = Entry.objects.filter(rollout=rollout, kind__in=("moved", "lapse")).order_by("sequence")
    written = {}
    for at, text in moves.values_list("recorded_at", "body"):
        body = json.loads(text)
        if "epoch" in body:
            written[body["epoch"]] = (body["phase"], body["share"], at)
    seed = f"{rollout.revision_id}|{rollout.id}"
    ends = dict(zip(written, [at for _, _, at in list(written.values())[1:]], strict=False))
    kept = {row.number: row for row in EpochRow.objects.filter(rollout=rollout)}
    for number in sorted(kept.keys() | written.keys()):
        where = Message("epoch {number} of rollout {rollout}", number=number, rollout=rollout.id)
        if number not in kept or number not in written:
            yield Fault(where, Message("it is in only one of ledger and records"))
            continue
        row = kept[number]
        wanted = (*written[number], ends.get(number))
        if (row.phase, row.share, row.began, row.ended) != wanted or row.salt not in salts(seed, row.phase):
            yield Fault(where, Message("it is not what the ledger says"))


def salts(seed: str, phase: str) -> tuple[str, ...]:
    """The salts that the phase may have: none where a rollout without a guard was taken back."""
    return (salt_of(seed, phase), salt_of(seed, "baseline"), "") if phase == "watch" else (salt_of(seed, phase),)


def coverage_faults(rollout: Rollout) -> Iterator[Fault]:
    """No decision covers a time that had not come, by the guard's own clock, when what it is about was read.

    Not when it was recorded: a look that was read and not yet recorded may outlive a clock that is set back.
    Decisions of an unfelt that did not yet bound the log's times by its own clock are left as they are.
    """
    decisions = Entry.objects.filter(rollout=rollout, kind="decision").order_by("sequence")
    for sequence, text in decisions.values_list("sequence", "body").iterator():
        try:
            body = json.loads(text)
            read, until = body.get("read"), body["until"]
            is_early = bool(read and until) and datetime.fromisoformat(until) > datetime.fromisoformat(read)
        except UNREADABLE:
            continue  # The ledger's own check has named it.
        if is_early:
            said = Message("it covers {until}, later than {read}, when it was read", until=until, read=read)
            yield entry_fault(sequence, said)


def _lapse_faults(rollout: Rollout) -> Iterator[Fault]:
    rows = Entry.objects.filter(rollout=rollout, kind="lapse").values_list("body", flat=True)
    written = sorted((b["began"], b["ended"] or "", b["why"]) for b in map(json.loads, rows))
    kept = sorted(
        (row.began.isoformat(), row.ended.isoformat() if row.ended else "", row.why)
        for row in LapseRow.objects.filter(rollout=rollout)
    )
    if kept != written:
        where = Message("the lapses of rollout {rollout}", rollout=rollout.id)
        yield Fault(where, Message("they are not those of the ledger"))
