"""A rollout by the real source and the real guard over a log that is written here, second by second."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from unfelt.adapters.routers import Ended
from unfelt.adapters.sources import Batch, Epoch
from unfelt.adapters.sources.forms import log_form
from unfelt.adapters.sources.live import LiveSource
from unfelt.documents.change import Change
from unfelt.engines.guard import Decision, Guard
from unfelt.engines.guard.balance import Balance, Counted
from unfelt.engines.guard.trouble import Lately, Reading, trouble_of

BEGAN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ENDS = ("back", "promote", "spent")
SALT = "drawn"


def plan(**guard: str) -> Change:
    """One metric, looked at for a second."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "catalogue", "title": "A new catalogue", "owner": "ann@library.example"},
            "experience": {
                "customer": "cookie:card",
                "observe": "1s",
                "grace": "1s",
                "metrics": [{"id": "refused", "bad": "status >= 500", "margin": "8%"}],
            },
            "guard": {"impact_budget": "400 customers", "unmeasured": "20s"} | guard,
        }
    )


def spelled(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S.%f}Z"


def line(
    time: datetime | str, customer: str | None, arm: str, more: Mapping[str, Any] = MappingProxyType({})
) -> bytes:
    """One line as the router writes it at the end of a request."""
    told = {
        "time": time if isinstance(time, str) else spelled(time),
        "type": "end",
        "id": f"{random.getrandbits(64):x}",
        "customer": customer,
        "arm": arm,
        "served": arm if arm in ("old", "new") else "none",
        "attempts": 1,
        "epoch": 1,
        "phase": "watch",
        "share": 0.2,
        "method": "GET",
        "path": "/",
        "status": 200,
        "duration_ms": 3,
        "flags": "-",
        "bytes": 10,
    }
    return json.dumps(told | dict(more)).encode() + b"\n"


@dataclass
class Clocks:
    """The time of day and the steady clock of who reads."""

    now: datetime = BEGAN
    steady: float = 0.0

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.steady += seconds


@dataclass
class Play:
    """A service whose `new` refuses that part of its customers, watched from share 0.2 on."""

    home: Path
    harm: float
    seed: int = 1
    rate: int = 40
    change: Change = field(default_factory=plan)
    clocks: Clocks = field(default_factory=Clocks)
    share: float = 0.2
    epoch: int = 1
    troubles: list[str] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    shares: list[float] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    counts: bool = False
    """The router tells how many requests it has ended."""
    ended: int = 0
    balance: Balance = field(default_factory=Balance)

    def __post_init__(self) -> None:
        self.log = self.home / "access.jsonl"
        self.log.touch()
        self.draw = random.Random(self.seed)
        self.source = LiveSource(
            self.change,
            self.home / "state",
            log=self.log,
            form=log_form("envoy"),
            steady=lambda: self.clocks.steady,
        )
        self.guard = Guard(self.change)
        self.epochs = [Epoch(1, "watch", self.share, SALT, BEGAN)]
        self.lately = Lately()
        self.held: list[bytes] | None = None
        """Lines that the log does not hold yet, where they are held back."""

    def second(self, *added: bytes, lapses: tuple[Any, ...] = ()) -> str:
        """A second of customers, with those lines among theirs; what the guard says to it."""
        lines = self._customers()
        self.ended += len(lines) + 2
        for one in added:
            lines.insert(self.draw.randrange(len(lines) + 1), one)
        self.clocks.go_on(1)
        lines += [line(self.clocks.now, None, "none", {"epoch": self.epoch, "status": 204}) for _ in range(2)]
        self.write(lines)
        return self.look(lapses=lapses)

    def write(self, lines: list[bytes]) -> None:
        if self.held is not None:
            self.held += lines
            return
        with self.log.open("ab") as file:
            file.writelines(lines)

    def release(self) -> None:
        """The lines that were held back come all at once."""
        held, self.held = self.held or [], None
        self.write(held)

    def _customers(self) -> list[bytes]:
        found = []
        for _ in range(self.rate):
            customer = f"c{self.draw.getrandbits(40):x}"
            place = int(sha256(f"{SALT}{customer}".encode()).hexdigest()[:8], 16) / 16**8
            arm = "new" if place < self.share else "old"
            bad = self.draw.random() < 0.01 + (self.harm if arm == "new" else 0.0)
            at = self.clocks.now + timedelta(seconds=self.draw.random() * 0.9)
            status = 503 if bad else 200
            told = {"epoch": self.epoch, "share": self.share, "status": status}
            found.append((at, line(at, customer, arm, told)))
        return [one for _, one in sorted(found)]

    def look(self, *, lapses: tuple[Any, ...] = ()) -> str:
        now = self.clocks.now
        number = self.batches[-1].number if self.batches else 0
        batch = self.source.collect(number, epochs=self.epochs, lapses=lapses, now=now)
        ended = Ended(0, self.ended, self.ended) if self.counts else None
        counted = Counted(self.clocks.steady, ended, ended, batch.intake.ended, batch.intake.unparsed)
        self.balance = self.balance.after(replace(counted, is_whole=not batch.intake.behind))
        self.lately = self.lately.after(batch.intake, self.balance.found)
        trouble = trouble_of(Reading(batch, now, BEGAN, timedelta(0), self.lately), self.change)
        decision = self.guard.observe(
            batch.tallies,
            failures=batch.failures,
            splits=batch.splits,
            exposed=batch.exposed,
            in_flight=batch.in_flight,
            felt=batch.felt,
            at=now,
            share=self.share,
            unmeasured=trouble,
        )
        self.batches.append(batch)
        self.decisions.append(decision)
        self.troubles += [str(trouble)] if trouble else []
        if decision.action in ("widen", "hold") and decision.share not in (None, self.share):
            self._move(decision.share)
        self.shares.append(self.share)
        return decision.action

    def _move(self, share: float) -> None:
        self.epoch, self.share = self.epoch + 1, min(share, 0.5)
        old = self.epochs[-1]
        self.epochs[-1] = Epoch(old.number, old.phase, old.share, old.salt, old.began, self.clocks.now)
        self.epochs.append(Epoch(self.epoch, "watch", self.share, SALT, self.clocks.now))

    def run(self, seconds: int, *, adding: Any = None) -> str:
        """Until the guard has decided or the time is over; `adding` gives the lines of each second."""
        for number in range(seconds):
            action = self.second(*(adding(self, number) if adding else ()))
            if action in ENDS:
                return action
        return self.decisions[-1].action

    def close(self) -> None:
        self.source.close()
