"""Verifying: the ledger against itself, its decisions decided again, and the records beside it against both."""

import hashlib
import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from securesystemslib.signer import SSlibKey

from unfelt.conf.database import connect
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import VERSION, Guard, GuardError
from unfelt.engines.ledger.checking import Ledger, check_ledger
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.sealing import unsealed
from unfelt.records.models import Artefact, Entry, EpochRow, GuardState, LapseRow, Rollout
from unfelt.records.snapshot import snapshot
from unfelt.rollout.decide import Standing
from unfelt.rollout.judging import baseline_plan
from unfelt.rollout.replaying import Replay, replayed
from unfelt.rollout.start import planned
from unfelt.rollout.traffic import salt_of
from unfelt.rollout.upgrading import agreed_before, guard_version, rows_of

FEW = 3000
"""So many decisions are decided again in this process; more are shared out."""
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, ObjectDoesNotExist)
"""What reading a row that was changed may raise."""


@dataclass(frozen=True, slots=True)
class Part:
    """The entries of a rollout from one seal (or its beginning) to the next (or its end)."""

    rollout: str
    begin: int
    end: int | None
    decisions: int
    until: int
    """The newest entry of the snapshot: whoever decides the part again reads no further."""
    takes_in: bool = False
    """It begins with the rows of another version of the guard."""
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What deciding one part again gave."""

    faults: tuple[Fault, ...]
    decisions: int
    stands: Standing | None
    guard: str
    """The digest of the guard after the newest decision, or of the one that watches anew, as on record."""


@dataclass(slots=True)
class Verdict:
    """What verification found. `faults` is empty if every row is what was written."""

    ledger: Ledger
    rollouts: int = 0
    decisions: int = 0
    undecided: int = 0
    """Decisions of other versions of the guard, which this one cannot make again."""
    unsealed: int = 0
    """Entries that are signed for in the very transaction that writes them, and are not."""
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_signed(self) -> bool:
        """Whether somebody who is trusted signed for any of it."""
        return self.ledger.signed_until > 0

    @property
    def is_whole(self) -> bool:
        """Everything could be checked."""
        return self.is_signed and not self.undecided and not self.unsealed

    @property
    def unsigned(self) -> int:
        """Entries after the newest signature."""
        return self.ledger.entries - self.ledger.signed_until

    @property
    def unsigned_since(self) -> datetime | None:
        """When the first of them was written; None where there are none."""
        newer = Entry.objects.filter(sequence__gt=self.ledger.signed_until).order_by("sequence")
        since: datetime | None = newer.values_list("recorded_at", flat=True).first()
        return since


def verify(
    trusted: Mapping[str, SSlibKey], *, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Verdict:
    """Everything on record at one moment is checked, while others go on writing.

    progress: is told how many decisions of how many were decided again.
    """
    with snapshot():
        return _verified(trusted, progress)


def _verified(trusted: Mapping[str, SSlibKey], progress: Callable[[int, int], None]) -> Verdict:
    until = Entry.objects.order_by("-sequence").values_list("sequence", flat=True).first() or 0
    rollouts = list(Rollout.objects.select_related("revision").order_by("began"))
    parts = [part for rollout in rollouts for part in _parts(rollout, until=until)]
    total = sum(part.decisions for part in parts)
    last: dict[str, Found] = {}
    with _deciders(parts, total) as decide_again:
        again = decide_again(parts)  # Where there are many they have begun by now, in processes of their own.
        ledger = check_ledger(trusted)
        verdict = Verdict(ledger)
        for part, found in zip(parts, again, strict=True):
            verdict.decisions += found.decisions
            verdict.faults += found.faults
            last[part.rollout] = found
            progress(verdict.decisions, total)
    for rollout in rollouts:
        try:
            verdict.undecided += _undecided(rollout)
            verdict.faults += _beside(rollout, ledger, last.get(rollout.id))
        except UNREADABLE:
            verdict.faults.append(
                Fault(_record_of(rollout), Message("it cannot be held against what the ledger has left"))
            )
    verdict.rollouts, verdict.unsealed = len(rollouts), unsealed(after=ledger.signed_until)
    if ledger.faults and not verdict.faults:
        # Something was changed with everything fitted to it: bit by bit, the row that it was is found.
        exact = [replace(part, is_exact=True) for part in parts]
        with _deciders(exact, total) as decide_again:
            verdict.faults += [fault for found in decide_again(exact) for fault in found.faults]
    verdict.faults = _in_order([*ledger.faults, *verdict.faults])
    return verdict


def _in_order(faults: Sequence[Fault]) -> list[Fault]:
    return sorted(dict.fromkeys(faults), key=lambda one: (one.sequence is None, one.sequence or 0))


def _parts(rollout: Rollout, *, until: int) -> Iterator[Part]:
    """What can be decided again: nothing of what another version decided, but for its inputs."""
    try:
        version, since = guard_version(rollout)
    except UNREADABLE:
        version, since = VERSION, 0  # The ledger's own check has named it.
    if version != VERSION:
        return
    seals = list(
        Entry.objects.filter(rollout=rollout, kind="seal", sequence__gt=since)
        .order_by("sequence")
        .values_list("sequence", "body")
    )
    begin, decisions = 0, 0
    for sequence, text in seals:
        try:
            decisions = int(json.loads(text)["decisions"])
        except (ValueError, KeyError, TypeError):
            continue  # The ledger's own check has named it.
        yield Part(rollout.id, begin, sequence, decisions, until, takes_in=begin < since)
        begin = sequence
    left = Entry.objects.filter(rollout=rollout, kind="decision", sequence__gt=begin).count()
    if left or not seals:
        yield Part(rollout.id, begin, None, left, until, takes_in=begin < since)


def _undecided(rollout: Rollout) -> int:
    """How many decisions another version made."""
    version, since = guard_version(rollout)
    made = Entry.objects.filter(rollout=rollout, kind="decision")
    found: int = (made if version != VERSION else made.filter(sequence__lt=since)).count()
    return found


@contextmanager
def _deciders(parts: Sequence[Part], total: int) -> Iterator[Callable[[Sequence[Part]], Iterable[Found]]]:
    """What decides parts again, in their order: this process, or as many as the machine has cores."""
    if total <= FEW or len(parts) == 1:
        yield lambda some: map(decide_part, some)
        return
    context = multiprocessing.get_context("spawn")
    begin = partial(connect, settings.UNFELT_DATABASE, migrate=False)
    with ProcessPoolExecutor(mp_context=context, initializer=begin) as pool:
        yield lambda some: pool.map(decide_part, some)


def decide_part(part: Part) -> Found:
    """The decisions of the part, decided again from what is on record."""
    rollout = Rollout.objects.select_related("revision").get(pk=part.rollout)
    try:
        replay = _beginning(rollout, part)
    except (GuardError, *UNREADABLE) as error:
        fault = entry_fault(part.begin, Message("it cannot be replayed from here: {problem}", problem=str(error)))
        return Found((fault,), 0, None, "")
    is_exact = part.is_exact or part.end is None
    replayed(replay, rows_of(part.rollout, begin=part.begin, end=part.end, until=part.until), is_exact=is_exact)
    found = Found(tuple(replay.faults), replay.decisions, replay.standing, replay.told)
    return _exactly(part, found) if found.faults and not is_exact else found


def _exactly(part: Part, found: Found) -> Found:
    """The same with the guard compared after every decision: the first row from which it differs is the one."""
    exact = decide_part(replace(part, is_exact=True))
    return replace(exact, decisions=found.decisions) if exact.faults else found


def _beginning(rollout: Rollout, part: Part) -> Replay:
    change = _plan(rollout)
    if part.begin == 0:
        replay = Replay.from_beginning(change, at=rollout.began)
        replay.takes_in = part.takes_in
        return replay
    body = json.loads(Entry.objects.get(sequence=part.begin).body)
    state = bytes(Artefact.objects.get(digest=body["guard"]).content)
    told = Entry.objects.filter(rollout=rollout, kind="segments", sequence__lt=part.begin)
    plan = change if told.exists() else baseline_plan(change)
    agreed = agreed_before(part.rollout, part.begin)
    return Replay.from_seal(change, body["stands"], Guard.restore(plan, state), agreed=agreed)


def _plan(rollout: Rollout) -> Change:
    """The plan as this attempt is judged, by what the ledger says of its beginning."""
    begun = json.loads(Entry.objects.get(rollout=rollout, kind="begun").body)
    rollout.attempt, rollout.budget = begun["attempt"], begun["budget"]
    return planned(rollout)


# The records beside the ledger, from which a rollout goes on


def _beside(rollout: Rollout, ledger: Ledger, found: Found | None) -> Iterator[Fault]:
    begun = ledger.begun.get(rollout.id)
    row = _record_of(rollout)
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


def _record_of(rollout: Rollout) -> Message:
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
