"""Simulated rollouts, hurt at moments drawn from a seed, with `verify` run beside them without a pause."""

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from databases import kill, revive, rows_of
from simulated import Simulation, drawn, guard, judge, processes

LONGEST = 3.2
"""Seconds that a lock or a freeze lasts at most: SQLite gives up after two, the lease runs for one."""
PATIENCE = 300.0
"""Seconds in which a guard that nobody hurts any more ends, and a verification does."""
PAUSE = 0.1
"""Seconds between two verifications."""
CONFIRMS = 9
"""After so many verifications somebody agrees to what is proposed."""
SOON = 0.2
"""How often an injury follows the one before at once."""
LOCKS = ("records_entry", "records_guardstate", "records_rollout", "records_lapserow")


@dataclass(frozen=True)
class Told:
    """What came of one rollout."""

    seed: int
    injuries: Counter[str]
    live: tuple[tuple[str, ...], ...]
    """What each verification found while the rollout was under way."""
    after: tuple[str, ...]
    batches: tuple[int, ...]
    codes: tuple[int, ...]
    """How those guards ended that nobody killed."""

    @property
    def is_clean(self) -> bool:
        """Nothing was found that is not so, and nothing was lost, done twice or broken."""
        in_order = self.batches == tuple(range(1, len(self.batches) + 1))
        return not any(self.live) and not self.after and in_order and set(self.codes) <= {0}


@dataclass
class Ward:
    """One rollout under way, its guard, and who verifies it."""

    rollout: Simulation
    server: Any = None
    chance: random.Random = field(init=False)
    guard: Any = field(init=False)
    injuries: Counter[str] = field(default_factory=Counter)
    codes: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.rollout.seed)
        self.begin()

    def begin(self) -> None:
        """A guard is at work."""
        self.guard = processes.Process(target=guard, args=(self.rollout,))
        self.guard.start()

    def wait(self, least: float, most: float) -> None:
        """A drawn time passes."""
        time.sleep(self.chance.uniform(least, most))

    def settle(self) -> None:
        """Some decisions are made, or a moment passes: the next injury may come while a guard begins."""
        if self.chance.random() < SOON:
            return self.wait(0.0, 1.5)
        wanted = len(decisions(self.rollout.database)) + self.chance.randrange(1, 8)
        end = time.monotonic() + PATIENCE
        while len(decisions(self.rollout.database)) < wanted and self.guard.exitcode is None:
            assert time.monotonic() < end, "the guard does not go on"
            time.sleep(0.05)
        return self.wait(0.0, 0.2)

    def hurt(self) -> None:
        """One injury, drawn; a guard that died of it is begun again."""
        name = self.chance.choice([one for one in INJURIES if self.server is not None or one != "database killed"])
        INJURIES[name](self)
        self.injuries[name] += 1

    def end(self) -> None:
        """Somebody takes the customers back and the guard ends by that; or it is killed, for good."""
        if self.chance.random() < 0.5:
            self.rollout.hand.touch()
            self.guard.join(PATIENCE)
            self.codes.append(-1 if self.guard.exitcode is None else self.guard.exitcode)
        self.guard.kill()
        self.guard.join()


def _killed(ward: Ward) -> None:
    ward.guard.kill()
    ward.guard.join()
    ward.wait(0.0, 1.5)
    ward.begin()


def _frozen(ward: Ward) -> None:
    os.kill(ward.guard.pid, signal.SIGSTOP)
    ward.wait(0.1, LONGEST)
    os.kill(ward.guard.pid, signal.SIGCONT)


def _locked(ward: Ward) -> None:
    with locked(ward.rollout.database, ward.chance):
        ward.wait(0.1, LONGEST)


def _killed_under_lock(ward: Ward) -> None:
    with locked(ward.rollout.database, ward.chance):
        ward.wait(0.0, 2.5)
        _killed(ward)
        ward.wait(0.0, 1.0)


def _frozen_under_lock(ward: Ward) -> None:
    with locked(ward.rollout.database, ward.chance):
        ward.wait(0.0, 1.0)
        _frozen(ward)


def _database_killed(ward: Ward) -> None:
    kill(ward.server)
    ward.wait(0.1, LONGEST)
    revive(ward.server)


INJURIES: dict[str, Callable[[Ward], None]] = {
    "killed": _killed,
    "frozen": _frozen,
    "locked": _locked,
    "killed under lock": _killed_under_lock,
    "frozen under lock": _frozen_under_lock,
    "database killed": _database_killed,
}


@contextmanager
def locked(database: str, chance: random.Random) -> Iterator[None]:
    """Within the block another process holds the records: all of them (SQLite), or one table (PostgreSQL)."""
    if database.startswith("sqlite"):
        lock = sqlite3.connect(database.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        with closing(lock):
            with suppress(sqlite3.OperationalError):  # Busy for all of 30 s: nothing was locked, nothing was hurt.
                lock.execute("BEGIN IMMEDIATE")
            yield
        return
    with psycopg.connect(database) as connection:
        connection.execute(f"LOCK TABLE {chance.choice(LOCKS)} IN EXCLUSIVE MODE")
        yield


class Verifier:
    """Verifies again and again, in a process of its own, until it is asked for the last one; it also agrees."""

    def __init__(self, rollout: Simulation) -> None:
        self.found: list[tuple[str, ...]] = []
        self._pipe, theirs = processes.Pipe()
        self._process = processes.Process(target=judge, args=(rollout, theirs))
        self._process.start()
        theirs.close()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def _go_on(self) -> None:
        while not self._stop.wait(PAUSE):
            found = self._ask("confirm" if len(self.found) % CONFIRMS == 0 else "verify")
            if found is not None:
                self.found.append(found)

    def _ask(self, word: str = "verify") -> tuple[str, ...] | None:
        self._pipe.send(word)
        assert self._pipe.poll(PATIENCE), "the verification does not end"
        found: tuple[str, ...] | None = self._pipe.recv()
        return found

    def last(self) -> tuple[str, ...]:
        """What the newest one found, begun after this was asked."""
        self._stop.set()
        self._thread.join()
        found = None
        while found is None:
            found = self._ask()
        self._pipe.close()
        self._process.join()
        return found


def prepared(home: Path, *, seed: int, template: Path) -> Simulation:
    """An installation whose records are a copy of those empty ones."""
    home.mkdir(mode=0o700, parents=True)
    shutil.copy(template, home / "records.db")
    return drawn(home, f"sqlite:///{home / 'records.db'}", seed=seed)


def empty_records(path: Path) -> Path:
    """A database with its tables and nothing in them."""
    put_in_place(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def put_in_place(database: str) -> None:
    """The tables are there."""
    code = "import sys; from unfelt.conf.database import connect; connect(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, database], check=True)


def play(rollout: Simulation, *, times: int, server: Any = None) -> Told:
    """The rollout, hurt so often, verified all the while and at the end."""
    ward = Ward(rollout, server)
    verifier = Verifier(rollout)
    try:
        for _injury in range(times):
            ward.settle()
            if ward.guard.exitcode is None:
                ward.hurt()
        ward.settle()
        ward.end()
    finally:
        ward.guard.kill()
        after = verifier.last()
    batches = tuple(json.loads(row["body"])["batch"] for row in decisions(rollout.database))
    return Told(rollout.seed, ward.injuries, tuple(verifier.found), after, batches, tuple(ward.codes))


def decisions(database: str) -> list[dict[str, Any]]:
    """The decisions on record, in order."""
    query = "SELECT body FROM records_entry WHERE kind = 'decision' ORDER BY sequence"
    if not database.startswith("sqlite"):
        return rows_of(database, query)
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]


def summary(told: list[Told]) -> str:
    """Counts for people."""
    injuries: Counter[str] = sum((one.injuries for one in told), Counter())
    live = [found for one in told for found in one.live]
    lines = [
        f"{sum(one.is_clean for one in told)} of {len(told)} rollouts clean; after: "
        f"{sum(not one.after for one in told)} of {len(told)}; live: {sum(not any(one.live) for one in told)} of "
        f"{len(told)} rollouts, {sum(not found for found in live)} of {len(live)} verifications",
        f"{sum(len(one.batches) for one in told)} decisions; injuries: {dict(injuries)}",
    ]
    for one in told:
        if not one.is_clean:
            first = next((found for found in one.live if found), ())
            lines.append(
                f"seed {one.seed}: {dict(one.injuries)} live {first[:2]} after {one.after[:2]} {one.codes}"
            )
    return "\n".join(lines)


def prepared_on(server: Any, home: Path, *, seed: int, template: str = "empty") -> Simulation:
    """An installation whose records are a database of its own on that server, a copy of the empty one."""
    home.mkdir(mode=0o700, parents=True)
    name = f"seed{seed}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return drawn(home, server.get_uri(name), seed=seed)


def empty_database(server: Any, name: str = "empty") -> None:
    """A database of that name with its tables and nothing in them."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    put_in_place(server.get_uri(name))
