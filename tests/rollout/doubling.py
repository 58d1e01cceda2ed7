"""Orders in two stores, customers drawn from a seed: the real source and guard, on a clock of its own."""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from unfelt.adapters.sources import Batch, Epoch
from unfelt.adapters.sources.forms import log_form
from unfelt.adapters.sources.live import LiveSource
from unfelt.documents.change import Change
from unfelt.rollout.decide import Order, Standing, State, next_order
from unfelt.rollout.judging import baseline_guard, judged, watching_guard

BEGAN = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECONDS = 600
"""After which a run that was not decided is given up."""


def plan(home: Path) -> Change:
    """Orders are promised with their total, and kept once."""
    stores = {
        arm: {"database": f"sqlite:///{home / arm}.db", "query": "select number, total from orders"}
        for arm in ("old", "new")
    }
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "orders", "title": "Orders", "owner": "lin@shop.example"},
            "experience": {
                "customer": "cookie:uid",
                "observe": "5s",
                "grace": "1s",
                "columns": {"order": "response:x-order", "total": "response:x-total"},
                "sources": {
                    "kept": {
                        "kind": "reconciliation",
                        "promise": "order",
                        "value": "total",
                        "within": "3s",
                        **stores,
                    }
                },
                "metrics": [
                    {"id": "failed", "bad": "status >= 500", "margin": "0.5%"},
                    {"id": "kept", "source": "kept", "margin": "0.5%"},
                ],
            },
            "guard": {"impact_budget": "60 customers"},
            "rollout": {
                "old": "http://127.0.0.1:1",
                "new": "http://127.0.0.1:2",
                "baseline": "20s",
                "step": "5s",
                "soak": "20s",
            },
        }
    )


@dataclass
class Orders:
    """A rollout in which `doubled` of the orders on new are written twice."""

    home: Path
    seed: int
    doubled: float = 0.05
    rate: int = 60
    """Customers a second; each asks once, and six in ten order."""
    under: str = "same"
    """The key of the second row: the same, or a fresh one."""
    cheated: set[str] = field(default_factory=set)
    """Customers whose order was written twice."""
    batch: Batch = field(default_factory=lambda: Batch(0, None))
    _now: float = 0.0

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._log = self.home / "access.jsonl"
        self._log.touch()
        for arm in ("old", "new"):
            with closing(sqlite3.connect(self.home / f"{arm}.db")) as store:
                store.execute("CREATE TABLE orders (number TEXT, total INTEGER)")

    def run(self) -> str:
        """What the rollout ends with: `back`, `done`, or `open`."""
        change = plan(self.home)
        source = LiveSource(
            change, self.home / "state", log=self._log, form=log_form("envoy"), steady=lambda: self._now
        )
        with closing(source):
            return self._run(change, source)

    def _run(self, change: Change, source: LiveSource) -> str:
        epochs = [Epoch(1, "baseline", 0.5, "a", BEGAN)]
        standing, guard = Standing(State.BASELINE, BEGAN, 0.5), baseline_guard(change)
        for second in range(1, SECONDS):
            self._write(second - 1, epochs[-1])
            self._now, now = float(second), BEGAN + timedelta(seconds=second)
            self.batch = source.collect(self.batch.number, epochs=epochs, lapses=(), now=now)
            decision = judged(guard, self.batch, standing, at=now, trouble=None)
            order = next_order(standing, decision, change, now=now)
            if order is None:
                continue
            if order.final:
                return str(order.state)
            if standing.state is State.BASELINE:
                guard = watching_guard(change, {}, after=guard)
            epochs.append(Epoch(len(epochs) + 1, _phase(order), order.share, "b", now))
            promoted = standing.promoted or order.state is State.PROMOTING
            if promoted and not standing.promoted:
                guard.begin_promotion()
            standing = Standing(order.state, now, order.share, order.step, promoted)
        return "open"

    def _write(self, second: int, epoch: Epoch) -> None:
        """What the customers of that second met, and what the stores got of it."""
        rows: dict[str, list[tuple[str, int]]] = {"old": [], "new": []}
        lines = []
        for number in range(self.rate):
            place = (number + self._chance.random()) / self.rate
            customer = sha256(f"{self.seed} {second} {number}".encode()).hexdigest()
            arm = "new" if int(customer[:12], 16) / 16**12 < epoch.share else "old"
            served = "old" if epoch.phase == "baseline" else arm
            order = f"{served}-{second}-{number}" if self._chance.random() < 0.6 else "-"
            rows[served] += self._kept(order, customer, served)
            at = BEGAN + timedelta(seconds=second + 0.9 * place)
            lines.append(_line(at, customer, epoch, arm=arm, served=served, order=order))
        for arm, some in rows.items():
            with closing(sqlite3.connect(self.home / f"{arm}.db")) as store, store:
                store.executemany("INSERT INTO orders VALUES (?, ?)", some)
        with self._log.open("ab") as log:
            log.writelines(lines)

    def _kept(self, order: str, customer: str, served: str) -> Iterator[tuple[str, int]]:
        if order == "-":
            return
        yield order, 4200
        if served == "new" and self._chance.random() < self.doubled:
            self.cheated.add(customer)
            yield (order if self.under == "same" else f"{order}-again"), 4200


def _phase(order: Order) -> str:
    return "soak" if order.state is State.SOAKING else "watch"


def _line(at: datetime, customer: str, epoch: Epoch, *, arm: str, served: str, order: str) -> bytes:
    said = {
        "time": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "type": "end",
        "id": customer[:16],
        "customer": customer,
        "arm": arm,
        "served": served,
        "attempts": 1,
        "epoch": epoch.number,
        "phase": epoch.phase,
        "share": epoch.share,
        "method": "POST",
        "path": "/checkout",
        "status": 200,
        "duration_ms": 20,
        "flags": "-",
        "bytes": 100,
        "device": "phone",
        "order": order,
        "total": "42.00e2",
    }
    return json.dumps(said).encode() + b"\n"
