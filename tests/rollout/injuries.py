"""What can happen to a rollout from outside, done to real processes at moments drawn from a seed."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from databases import kill, revive
from living import Guarded, Library, began, library, readers, until

from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.place import Place
from unfelt.adapters.routers.envoy.processes import Known

RATE = 75.0
"""Readers a second; each makes four requests."""
GONE = 15.0
"""Seconds after which nobody may be on new, once the guard is gone."""
IN_FLIGHT = 2.0
"""Seconds for which a request may have been under way when Envoy died with it."""


@dataclass(frozen=True)
class Injury:
    """One victim, and how long it lasted; times in seconds since the epoch."""

    victim: str
    at: float
    until: float


@dataclass(frozen=True)
class Told:
    """What came of all of them."""

    injuries: tuple[Injury, ...]
    failed: tuple[float, ...]
    """When requests without a good answer were sent, outside the times when Envoy itself was down."""
    gaps: tuple[tuple[Injury, float], ...]
    """Seconds for which Envoy was down, each time."""
    late: tuple[tuple[Injury, float], ...]
    """For each time without a guard, how long new was still served."""
    batches: tuple[int, ...]
    requests: int


@dataclass
class Ward:
    """A rollout that is hurt again and again."""

    place: Library
    guard: Guarded
    chance: random.Random
    server: Any = None
    """Where the records are PostgreSQL's, that."""
    injuries: list[Injury] = field(default_factory=list)
    seen: int = 0
    """Batches that were judged before the newest guard began."""

    def hurt(self, victim: str) -> None:
        """One injury, and what is due to recover from it: a guard that died is begun again.

        Envoy is killed only while its keeper lives or a guard is at work: else nobody could begin it again.
        """
        if "Envoy" in victim:
            kept = victim == "Envoy killed" and self.processes()[0].is_alive()
            kept or until(lambda: len(self.place.batches()) > self.seen, what="a guard at work")
        at = time.time()
        INJURIES[victim](self)
        self.injuries.append(Injury(victim, at, time.time()))

    def wait(self, least: float, most: float) -> None:
        """A drawn time passes."""
        time.sleep(self.chance.uniform(least, most))

    def processes(self) -> tuple[Known, Known]:
        """The keeper and its Envoy, as they are now."""
        journal = until(lambda: read_journal(Place(self.place.router.absolute())), what="a router")
        return journal.keeper, journal.envoy


def _guard_killed(ward: Ward) -> None:
    ward.guard.send(signal.SIGKILL)
    ward.guard.end()
    ward.seen = len(ward.place.batches())
    ward.wait(0.0, 1.2 * GONE if ward.chance.random() < 0.25 else 4.0)
    ward.guard = ward.place.run()


def _guard_frozen(ward: Ward) -> None:
    with stopped(ward.guard.process.pid):
        ward.wait(0.2, 8.0)


def _keeper_killed(ward: Ward) -> None:
    _kill(ward.processes()[0])


def _envoy_killed(ward: Ward) -> None:
    _kill(ward.processes()[1])


def _both_killed(ward: Ward) -> None:
    for process in ward.processes():
        _kill(process)


def _records_locked(ward: Ward) -> None:
    lock = sqlite3.connect(ward.place.home / "records.db", timeout=30, isolation_level=None)
    with suppress(sqlite3.OperationalError):  # Busy for all of 30 s: nothing was locked, and nothing was hurt.
        lock.execute("BEGIN EXCLUSIVE")
        ward.wait(0.2, 8.0)
    lock.close()


def _database_killed(ward: Ward) -> None:
    kill(ward.server)
    ward.wait(0.2, 8.0)
    revive(ward.server)


def _all_paused(ward: Ward) -> None:
    keeper, envoy = ward.processes()
    with stopped(ward.guard.process.pid, keeper.pid, envoy.pid):
        ward.wait(0.2, 6.0)


INJURIES: dict[str, Callable[[Ward], None]] = {
    "guard killed": _guard_killed,
    "guard frozen": _guard_frozen,
    "keeper killed": _keeper_killed,
    "Envoy killed": _envoy_killed,
    "keeper and Envoy killed": _both_killed,
    "records locked": _records_locked,
    "all paused": _all_paused,
    "database killed": _database_killed,
}


@contextmanager
def stopped(*numbers: int) -> Iterator[None]:
    """Within the block these processes stand still."""
    for number in numbers:
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in numbers:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)


def _kill(process: Known) -> None:
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)


def hurt_often(
    home: Path,
    *,
    seed: int,
    times: int,
    server: Any = None,
    examine: Callable[[Library], Any] = lambda place: None,
    within: float = float("inf"),
    is_examined_each_time: bool = False,
) -> Told:
    """A harmless rollout that cannot end, under 300 requests a second, hurt so often; `examine` sees it then.

    server: keeps its records, instead of a file of its own. within: seconds after which it is hurt no more.
    is_examined_each_time: after every injury, while the rollout goes on.
    """
    end = time.monotonic() + within
    chance = random.Random(seed)
    possible = [name for name in INJURIES if name != ("database killed" if server is None else "records locked")]
    victims = [possible[number % len(possible)] for number in range(times)]
    chance.shuffle(victims)
    settings = {"margin": "0.002%", "budget": "2000", "baseline": "1s", "unmeasured": "120s"}
    with library(home, database=server and server.get_uri(), **settings) as place:
        ward = Ward(place, place.run(), chance, server)
        until(lambda: place.state() == "baseline", what="baseline")
        with readers(place.listen, home / "met.txt", rate=RATE, seed=seed) as record:
            for victim in victims:
                if time.monotonic() > end:
                    break
                ward.wait(0.5, 6.0)
                ward.hurt(victim)
                if is_examined_each_time:
                    examine(place)
            healed = len(place.batches())
            until(lambda: len(place.batches()) > healed + 8, what="the rollout to go on after all of it")
            ward.guard.send(signal.SIGINT)
            ward.guard.end()
        examine(place)
        return _told(place, record, tuple(ward.injuries))


def _told(place: Library, record: Path, injuries: tuple[Injury, ...]) -> Told:
    met = [line.split(" ") for line in record.read_text().splitlines(keepends=True) if line.endswith("\n")]
    answered = {True: list[float](), False: list[float]()}
    for at, status, _page in met:
        answered[0 < int(status) < 500].append(float(at))
    gaps = [(one, *_down(one, answered)) for one in injuries if "Envoy" in one.victim]
    on_new = [began(line) for line in place.log() if line["served"] == "new"]
    return Told(
        injuries=injuries,
        failed=tuple(
            at for at in answered[False] if not any(start - IN_FLIGHT <= at <= end for _one, start, end in gaps)
        ),
        gaps=tuple((one, round(end - start, 2)) for one, start, end in gaps),
        late=tuple((one, _last(on_new, one)) for one in injuries if one.victim.startswith("guard")),
        batches=tuple(place.batches()),
        requests=len(met),
    )


def _down(injury: Injury, answered: dict[bool, list[float]]) -> tuple[float, float]:
    """Since when Envoy was down, and when a request was sent that got a good answer again.

    Between `at` and the signal it may still have answered: what counts is sent after it, and after the first
    failure.
    """
    first = min((at for at in answered[False] if injury.at <= at <= injury.until + IN_FLIGHT), default=0.0)
    return injury.at, _next(answered[True], max(injury.until, first))


def _next(times: list[float], after: float) -> float:
    """When the first request after that moment was sent which got a good answer."""
    return min((at for at in times if at > after), default=float("inf"))


def _last(on_new: list[float], injury: Injury) -> float:
    within = [at for at in on_new if injury.at <= at <= injury.until]
    return round(max(within) - injury.at, 2) if within else 0.0
