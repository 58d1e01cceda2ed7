"""Verifying: the ledger against itself, its decisions decided again, and the records beside it against both."""

import json
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.conf import settings
from securesystemslib.signer import SSlibKey

from unfelt.conf.database import connect
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import VERSION, Guard, GuardError
from unfelt.engines.ledger.checking import Ledger, check_ledger
from unfelt.engines.ledger.faults import Fault, entry_fault
from unfelt.engines.ledger.sealing import unsealed
from unfelt.records.models import Artefact, Entry, Rollout
from unfelt.records.snapshot import snapshot
from unfelt.rollout.agreement import UNREADABLE, Found, disagreements, record_of
from unfelt.rollout.judging import baseline_plan
from unfelt.rollout.replaying import Replay, replayed
from unfelt.rollout.start import planned
from unfelt.rollout.upgrading import agreed_before, guard_version, rows_of

FEW = 3000
"""So many decisions are decided again in this process; more are shared out."""


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
            verdict.faults += disagreements(rollout, ledger, last.get(rollout.id))
        except UNREADABLE:
            verdict.faults.append(
                Fault(record_of(rollout), Message("it cannot be held against what the ledger has left"))
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
