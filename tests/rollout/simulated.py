"""The real worker, lease, journal and workflow of a rollout in a process of their own.

Router and customers are simulated. Both keep what they know in files, as Envoy and the live source do, so that a
process that is killed can be begun again; a rollout takes seconds.
"""

import json
import multiprocessing
import os
import random
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from unfelt.adapters.routers import Ended, Position, RouterState
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.adapters.sources import Batch, Epoch, Lapse
from unfelt.adapters.sources.keeping import read_batch, write_batch
from unfelt.conf.database import home_database
from unfelt.documents.change import Change
from unfelt.testing.paper import BEGAN, DEVICES, WIDE, Circumstances, Crowd, PaperRollout
from unfelt.testing.paper import plan as plan_of

SILENCE = 1.0
"""Seconds for which the router need not ask for the lease."""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["warm"])


@dataclass(frozen=True)
class Simulation:
    """One rollout: where it lives, how customers are drawn, and what its plan says."""

    home: Path
    database: str
    seed: int
    given: Circumstances

    @property
    def workflows(self) -> str:
        """Where its steps are kept."""
        if self.database.startswith("sqlite"):
            return f"sqlite:///{self.home / 'workflows.db'}"
        return self.database

    @property
    def change(self) -> Change:
        """The plan: ten looks a second under a lease of one."""
        plain = plan_of(self.given).model_dump(mode="json")
        plain["guard"] |= {"tick": "100ms", "unmeasured": "60s"}
        plain["rollout"] |= {"baseline": "1s", "step": "300ms", "soak": "500ms", "lease": "1s"}
        return Change.model_validate(plain)

    @property
    def directory(self) -> Path:
        """Of the router."""
        return self.home / "router"

    @property
    def hand(self) -> Path:
        """It exists once somebody has taken the customers back."""
        return self.home / "back"


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


def keep(path: Path, plain: Mapping[str, Any]) -> None:
    """All of it is in the file, or what was there before."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(plain))
    draft.replace(path)


class Router:
    """Where customers are, in a file."""

    def __init__(self, directory: Path, lease: Any, now: Callable[[], datetime] = utc_now) -> None:
        self._lease, self._file, self._now = lease, directory / "position.json", now

    def start(self) -> RouterState:
        """It runs already."""
        return self.state()

    def move(self, position: Position) -> datetime:
        """The position is in the file."""
        keep(self._file, asdict(position))
        return self._now()

    def state(self) -> RouterState:
        """By the file; it has asked for the lease just now."""
        there = self._file.exists()
        position = Position(**json.loads(self._file.read_text())) if there else Position(0, "watch", 0.0, "", None)
        alive = position.lease is not None and self._lease.answers(position.lease)
        return RouterState(position, True, alive, 0, 0, self._now())

    def heartbeat(self) -> None:
        """It answers."""

    def ended(self) -> Ended | None:
        """It does not count."""
        return None

    def forget_log(self) -> None:
        """There is no log."""

    def tend_log(self) -> None:
        """There is no log."""

    def stop(self) -> None:
        """Nothing runs."""


class Source:
    """Customers drawn from a seed; the batch that was not passed yet is kept, and comes again when asked for."""

    def __init__(self, rollout: Simulation) -> None:
        self._seed, self._harm = rollout.seed, rollout.given.harm
        self._metrics = [metric.id for metric in rollout.change.experience.metrics]
        self._file = rollout.home / "batch.json"

    def collect(self, after: int, *, epochs: Sequence[Epoch], lapses: Sequence[Lapse], now: datetime) -> Batch:
        """The batch after that one, or the one that was made and not passed."""
        kept = json.loads(self._file.read_text()) if self._file.exists() else {"number": 0, "body": ""}
        if kept["number"] == after + 1:
            return read_batch(kept["body"])
        assert kept["number"] == after, "the guard and its source are not where they were left"
        batch = self._drawn(after + 1, epochs[-1], before=kept["body"] and read_batch(kept["body"]), now=now)
        keep(self._file, {"number": batch.number, "body": write_batch(batch)})
        return batch

    def _drawn(self, number: int, epoch: Epoch, *, before: Batch | str, now: datetime) -> Batch:
        crowd = Crowd(self._seed * 100_000 + number, harm=self._harm, began=LONG_AGO, metrics=self._metrics)
        batch = crowd.second(number, epoch.share, is_baseline=epoch.phase == "baseline")
        exposed, felt = (before.exposed, before.felt or 0) if isinstance(before, Batch) else (0, 0)
        if epoch.phase != "baseline":
            exposed, felt = exposed + batch.exposed, felt + (batch.felt or 0)
        until = now - timedelta(milliseconds=50)
        return replace(batch, until=until, read=now, exposed=exposed, felt=felt)

    def segments(self, *, most: int) -> dict[str, tuple[str, ...]]:
        """Those of the crowd."""
        return {"device": DEVICES[:most]}

    def fix_segments(self, values: Mapping[str, Sequence[str]]) -> None:
        """They are those of the crowd."""

    def close(self) -> None:
        """Every file is closed."""


def guard(rollout: Simulation) -> None:
    """One guard at work on it, from wherever it is to its end."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_test, daemon=True).start()
    rollout.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    from unfelt.rollout.retries import answered

    lease = LeaseServer(directory=rollout.directory, silence=SILENCE)
    try:
        _at(rollout.database)
        answered(lambda: work(rollout, lease), say=print)
    finally:
        lease.shutdown()


def _at(database: str) -> None:
    from warm import keep_records_in

    keep_records_in(database)


def _end_with_the_test() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def work(simulation: Simulation, lease: LeaseServer) -> None:
    """The guard begins, or goes on, and seals what it decided."""
    from unfelt.engines.ledger.appending import sign_chain
    from unfelt.engines.ledger.keys import KeyRing
    from unfelt.engines.ledger.naming import signer_of
    from unfelt.records.models import Rollout
    from unfelt.rollout.clock import Clock
    from unfelt.rollout.journal import Journal
    from unfelt.rollout.places import Places
    from unfelt.rollout.retries import answered
    from unfelt.rollout.sealing import Sealer
    from unfelt.rollout.start import begin, open_rollout, planned
    from unfelt.rollout.traffic import Traffic
    from unfelt.rollout.worker import Worker
    from unfelt.rollout.workflow import run

    places, plan, now = Places(simulation.home), simulation.change, datetime.now(UTC)
    signer = signer_of(KeyRing(places.keys), at=now)
    if Rollout.objects.filter(ended__isnull=False).exists():
        return
    row = open_rollout(plan.change.id) or begin(plan, places=places, at=now)
    sign_chain(signer, at=now)
    journal, change, clock = Journal(row.id), planned(row), Clock()
    traffic = Traffic(
        change, journal, Router(simulation.directory, lease), lease, clock, f"{row.revision_id}|{row.id}"
    )
    sealer = Sealer(journal, KeyRing(places.keys), every=simulation.given.every)
    by_hand = simulation.hand.exists
    worker = Worker(
        change, journal, traffic, Source(simulation), clock, sealer, taken_back=by_hand, complain=print
    )
    try:
        worker.open()
        run(row.id, worker, database=simulation.workflows)
        answered(lambda: sealer.seal(at=datetime.now(UTC)), say=print)
    finally:
        worker.close()


def judge(rollout: Simulation, pipe: Connection) -> None:
    """`verify`, once for each word through the pipe: what it found, or None where the records are away.

    `confirm`: the open proposal, where there is one, is agreed to before.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _at(rollout.database)
    from django.db import Error, connection

    from unfelt.engines.ledger.keys import KeyRing
    from unfelt.rollout.places import Places
    from unfelt.rollout.verifying import verify

    while True:
        try:
            word = pipe.recv()
        except EOFError:
            return
        try:
            if word == "confirm":
                agree()
            verdict = verify(KeyRing(Places(rollout.home).keys).public())
        except Error:
            connection.close()
            pipe.send(None)
        else:
            pipe.send(tuple(str(fault) for fault in verdict.faults))


def agree() -> None:
    """Somebody agrees to what the guard proposes."""
    from unfelt.records.models import Rollout
    from unfelt.rollout.people import confirm

    for row in Rollout.objects.filter(ended=None):
        confirm(row, by="ann")


def drawn(home: Path, database: str, *, seed: int) -> Simulation:
    """A harmless rollout, a harmful one or one that is soon proved, as the seed has it."""
    chance = random.Random(seed)
    kind = chance.choice(["endless", "endless", "wide", "harm"])
    given = Circumstances(
        margin="20%" if kind == "wide" else "0.01%",
        harm=0.04 if kind == "harm" else 0.0,
        every=chance.choice([7, 30, 1000]),
        mode=chance.choice(["auto", "auto", "back", "advise"]),
    )
    return Simulation(home, database, seed, given)


def ended_by_hand(home: Path, state: str) -> None:
    """A rollout on paper that was taken back by hand as soon as it was in that state, and sealed."""
    _at(home_database(home))
    rollout = PaperRollout(home, seed=1, given=Circumstances(margin=WIDE))
    from unfelt.conf.language import Message
    from unfelt.rollout.decide import Order, State

    at = BEGAN
    while rollout.journal.standing().state != state:
        at += timedelta(seconds=1)
        assert rollout.look(at=at), f"it ended before it was {state}"
    newest, at = rollout.journal.epochs()[-1], at + timedelta(milliseconds=500)
    epoch = Epoch(newest.number + 1, "watch", 0.0, newest.salt, at)
    for _once_more in range(2):
        rollout.journal.went_back(Order(State.BACK, 0.0, Message("taken back by hand")), epoch)
    rollout.sealer.seal(at=at)


def hold(database: str, pipe: Connection) -> None:
    """A snapshot is held from before the first word to after the second: what was seen in it, and what refused."""
    _at(database)
    from django.db import Error

    from unfelt.records.models import Entry, GuardState, Rollout
    from unfelt.records.snapshot import snapshot

    def seen() -> list[Any]:
        return [
            Entry.objects.count(),
            *GuardState.objects.values_list("batch"),
            *Rollout.objects.values_list("status"),
        ]

    with snapshot():
        pipe.send(seen())
        pipe.recv()
        again = seen()
        try:
            Rollout.objects.update(step=9)
        except Error as error:
            pipe.send((again, str(error)))
