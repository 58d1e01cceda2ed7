"""A simulated rollout in one process on a clock of its own, hurt between any two statements to the database.

Run where no other records are open: it is forked from a process that has none (`warm`).
"""

import json
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from simulated import Router, Simulation, Source, agree, drawn

BEGAN = datetime(2026, 11, 28, tzinfo=UTC)
PATIENCE = 2.0
"""Seconds for which SQLite waits for a lock."""
DECISIONS = 40
"""After so many nobody hurts it any more."""
STRIKES = ("verified", "verified", "verified", "killed", "frozen", "locked", "clock set")
UNHEARD = ("verified", "verified", "killed", "unacknowledged", "unacknowledged")
"""Where the database keeps what it was given, and dies before it can say so."""
WRITES = ("BEGIN", "INSERT", "UPDATE", "DELETE")


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Clock:
    """Both clocks of a machine on which only what is asked for takes time."""

    steady_at: float = 0.0
    ahead: float = 0.0
    """How far the wall clock has been set."""
    idle: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.steady_at + self.ahead)

    def steady(self) -> float:
        return self.steady_at

    def sleep(self, seconds: float) -> None:
        self.steady_at += max(0.01, seconds)
        self.idle()


@dataclass
class Lease:
    """As it is served, without a server."""

    clock: Clock
    path: str = ""
    until: float | None = None
    lapsed: bool = True
    opened: int = 0

    def open(self) -> str:
        self.opened += 1
        self.path, self.until, self.lapsed = f"/lease/{self.clock.steady_at}/{self.opened}", None, False
        return self.path

    def extend(self, seconds: float) -> None:
        self.until = self.clock.steady_at + seconds

    def close(self) -> None:
        self.lapsed = True

    def remaining(self) -> float:
        left = 0.0 if self.until is None else self.until - self.clock.steady_at
        self.lapsed = self.lapsed or (self.until is not None and left <= 0)
        return 0.0 if self.lapsed else left

    def alive(self) -> bool:
        return self.remaining() > 0

    def answers(self, path: str) -> bool:
        return path == self.path and self.alive()


@dataclass
class Fate:
    """What happens to it, and before which statement."""

    chance: random.Random
    clock: Clock
    verify: Callable[[], tuple[str, ...]]
    strikes: Sequence[str]
    injuries: Counter[str] = field(default_factory=Counter)
    live: list[tuple[str, ...]] = field(default_factory=list)
    locked_until: float = 0.0
    is_over: bool = False
    _left: int = 20

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not self.is_over:
            self._left -= 1
            if self._left <= 0:
                self._left = self.chance.randrange(1, 60)
                self._strike()
            if sql.lstrip().upper().startswith(WRITES):
                self._wait_for_lock()
        return execute(sql, params, many, context)

    def _strike(self) -> None:
        name = self.chance.choice(self.strikes)
        self.injuries[name] += 1
        if name == "verified":
            self.live.append(self.verify())
        elif name == "killed":
            raise Killed
        elif name == "frozen":
            self.clock.steady_at += self.chance.uniform(0.1, 4.0)
        elif name == "locked":
            self.locked_until = self.clock.steady_at + self.chance.uniform(0.1, 6.0)
        elif name == "unacknowledged":
            _lose_the_answer()
        else:
            self.clock.ahead += self.chance.uniform(-3.0, 3.0)

    def _wait_for_lock(self) -> None:
        from django.db import OperationalError

        if self.clock.steady_at < self.locked_until:
            self.clock.steady_at = min(self.locked_until, self.clock.steady_at + PATIENCE)
            if self.clock.steady_at < self.locked_until:
                raise OperationalError("database is locked")


@dataclass(frozen=True)
class Told:
    """What came of one rollout."""

    seed: int
    injuries: Counter[str]
    live: tuple[tuple[str, ...], ...]
    after: tuple[str, ...]
    batches: tuple[int, ...]
    final: str

    @property
    def is_clean(self) -> bool:
        """Nothing was found that is not so, and every batch was judged once and in order."""
        in_order = self.batches == tuple(range(1, len(self.batches) + 1))
        return not any(self.live) and not self.after and in_order


def _lose_the_answer() -> None:
    from django.db import OperationalError, connection, transaction

    def die() -> None:
        raise OperationalError("server closed the connection unexpectedly")

    if connection.in_atomic_block:
        transaction.on_commit(die)


def play(home: Path, template: Path, *, seed: int, strikes: Sequence[str] = STRIKES) -> Told:
    """The rollout of that seed from its beginning to its end, or until it has been hurt enough."""
    from warm import keep_records_in

    home.mkdir(mode=0o700, parents=True)
    shutil.copy(template, home / "records.db")
    simulation = drawn(home, f"sqlite:///{home / 'records.db'}", seed=seed)
    keep_records_in(simulation.database)
    from django.db import connection

    chance, clock = random.Random(seed), Clock()
    fate = Fate(chance, clock, lambda: _beside(simulation), strikes)
    simulation.directory.mkdir(mode=0o700)
    with connection.execute_wrapper(fate):
        _to_its_end(simulation, fate)
    after = _beside(simulation)
    state, batches = _outcome()
    connection.close()
    return Told(seed, fate.injuries, tuple(fate.live), after, batches, state)


def _beside(simulation: Simulation) -> tuple[str, ...]:
    """What somebody finds who verifies at this very moment, over a connection of their own."""
    found: list[tuple[str, ...]] = []

    def look() -> None:
        from django.db import connections

        from unfelt.engines.ledger.keys import KeyRing
        from unfelt.rollout.places import Places
        from unfelt.rollout.verifying import verify

        verdict = verify(KeyRing(Places(simulation.home).keys).public())
        found.append(tuple(str(fault) for fault in verdict.faults))
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    return found[0] if found else ("the verification broke off",)


def _outcome() -> tuple[str, tuple[int, ...]]:
    from unfelt.records.models import Entry, Rollout

    looks = Entry.objects.filter(kind="decision").order_by("sequence").values_list("body", flat=True)
    row = Rollout.objects.first()
    return row.state if row else "", tuple(json.loads(body)["batch"] for body in looks)


def _to_its_end(simulation: Simulation, fate: Fate) -> None:
    """Begun again after each kill, as the workflow engine would: a step that was finished is not done again."""
    from django.db import Error, connection

    recorded: list[Any] = []
    while True:
        try:
            if _at_work(simulation, fate, recorded):
                return
        except (Killed, Error):
            connection.close()
            fate.clock.steady_at += fate.chance.uniform(0.0, 4.0)


def _at_work(simulation: Simulation, fate: Fate, recorded: list[Any]) -> bool:
    """Whether it is over."""
    from unfelt.engines.ledger.appending import sign_chain
    from unfelt.engines.ledger.keys import KeyRing
    from unfelt.engines.ledger.naming import signer_of
    from unfelt.records.models import Entry
    from unfelt.rollout.journal import Journal
    from unfelt.rollout.places import Places
    from unfelt.rollout.sealing import Sealer
    from unfelt.rollout.start import begin, open_rollout, planned
    from unfelt.rollout.traffic import Traffic
    from unfelt.rollout.worker import Worker

    clock, chance = fate.clock, fate.chance
    places, ring, plan = Places(simulation.home), KeyRing(Places(simulation.home).keys), simulation.change
    if _outcome()[0] in ("back", "done"):
        return True
    sign_chain(signer_of(ring, at=clock.now()), at=clock.now())
    row = open_rollout(plan.change.id) or begin(plan, places=places, at=clock.now())
    journal, change, lease = Journal(row.id), planned(row), Lease(clock)
    router = Router(simulation.directory, lease, clock.now)
    traffic = Traffic(change, journal, router, lease, clock, f"{row.revision_id}|{row.id}")
    sealer = Sealer(journal, ring, every=simulation.given.every)
    worker = Worker(change, journal, traffic, Source(simulation), clock, sealer, simulation.hand.exists)

    def idle() -> None:
        if not fate.is_over and chance.random() < 0.05:
            with suppress(Exception):
                agree()
        if Entry.objects.filter(kind="decision").count() >= DECISIONS and not simulation.hand.exists():
            fate.is_over = chance.random() < 0.5
            simulation.hand.touch()

    clock.idle = lambda: None
    worker.open()
    clock.idle = idle
    while True:
        if not recorded:
            recorded.append(worker.watch())
        is_over = worker.carry_out(recorded[0])
        recorded.clear()
        if is_over:
            fate.is_over = True
            sealer.seal(at=clock.now())
            return True


def several(
    home: Path, template: Path, seeds: Sequence[int], pipe: Connection, strikes: Sequence[str] = STRIKES
) -> None:
    """One after the other; each is told as it ends."""
    for seed in seeds:
        pipe.send(play(home / str(seed), template, seed=seed, strikes=strikes))
    pipe.close()
