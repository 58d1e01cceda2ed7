"""A rollout on paper: the real guard, journal and ledger, with customers drawn from a seed and no router.

`python -m unfelt.testing.paper HOME --ticks 300 --seed 1` writes its records; who reads them cannot tell them from
those of a live one.
"""

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from unfelt.adapters.sources import Batch, Epoch, Intake, Lapse, Split
from unfelt.conf.database import connect, home_database
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.ledger.keys import KeyRing
from unfelt.kernel.tally import ANYTHING, Arm, Tally
from unfelt.rollout.decide import FINAL, Order, State, next_order, rollout_of
from unfelt.rollout.places import Places

if TYPE_CHECKING:
    from unfelt.rollout.journal import Fixed

BEGAN = datetime(2026, 11, 24, tzinfo=UTC)
DEVICES = ("desktop", "phone")
TIGHT, WIDE = "0.01%", "20%"
"""Margins: one that is never proved within these customers, and one that soon is."""
HARM = 0.3
"""How much more often new fails, where it does harm."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What becomes of a rollout on paper, and how its plan has it.

    harm: how much more often new fails. every: so many decisions are sealed together. silent: the second from
    which on the source says nothing.
    """

    margin: str = TIGHT
    harm: float = 0.0
    every: int = 1000
    budget: int = 5000
    mode: str = "auto"
    when_spent: str = "back"
    silent: int | None = None


def plan(given: Circumstances) -> Change:
    """The plan of every rollout on paper."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "paper", "title": "On paper", "owner": "ann@library.example"},
            "experience": {
                "customer": "cookie:card",
                "observe": "1s",
                "segments": [{"by": "device"}],
                "metrics": [{"id": "refused", "bad": "status >= 500", "margin": given.margin}],
            },
            "guard": {
                "impact_budget": f"{given.budget} customers",
                "tick": "1s",
                "mode": given.mode,
                "when_spent": given.when_spent,
            },
            "rollout": {
                "router": "envoy",
                "listen": "127.0.0.1:1",
                "old": "http://127.0.0.1:2",
                "new": "http://127.0.0.1:3",
                "baseline": "5s",
                "first_share": "10%",
                "largest_share": "50%",
                "promoting": ["75%"],
                "step": "2s",
                "soak": "2s",
            },
        }
    )


class Crowd:
    """Customers, a second at a time, and what they met."""

    def __init__(self, seed: int, *, harm: float, began: datetime, metrics: Sequence[str]) -> None:
        self._chance = random.Random(seed)  # noqa: S311  (a simulation)
        self._harm, self._began, self._metrics = harm, began, tuple(metrics)
        self._exposed = self._felt = 0

    def second(self, number: int, share: float, *, is_baseline: bool) -> Batch:
        """What closed in it."""
        counts: dict[tuple[Arm, str, str | None], list[int]] = {}
        for _customer in range(self._chance.randrange(20, 40)):
            self._meet(counts, share, is_baseline=is_baseline)
        within = 0 < share < 1
        tallies = [Tally(a, share, None, s, m, n, bad) for (a, m, s), (n, bad) in counts.items() if within]
        new, old = (self._all_of(tallies, arm) for arm in ("new", "old"))
        return Batch(
            number,
            self._began + timedelta(seconds=number),
            tallies=tuple(tallies),
            failures=tuple(replace(tally, n=0) for tally in tallies if tally.bad),
            splits=(Split(share, old, new),) if within else (),
            exposed=self._exposed,
            felt=self._felt,
            intake=Intake(lines=60),
            read=self._began + timedelta(seconds=number),
        )

    def _meet(
        self, counts: dict[tuple[Arm, str, str | None], list[int]], share: float, *, is_baseline: bool
    ) -> None:
        arm: Arm = "new" if self._chance.random() < share else "old"
        is_on_new = arm == "new" and not is_baseline
        bad = {
            metric: self._chance.random() < 0.01 + (self._harm if is_on_new and not number else 0.0)
            for number, metric in enumerate(self._metrics)
        }
        bad[ANYTHING] = any(bad.values())
        self._exposed += is_on_new
        self._felt += is_on_new and bad[ANYTHING]
        device = f"device={self._chance.choice(DEVICES)}"
        for metric, is_bad in bad.items():
            for segment in (None,) if is_baseline else (None, device):
                pair = counts.setdefault((arm, metric, segment), [0, 0])
                pair[0] += 1
                pair[1] += is_bad

    def _all_of(self, tallies: Iterable[Tally], arm: str) -> int:
        return sum(one.n for one in tallies if (one.arm, one.segment, one.metric) == (arm, None, self._metrics[0]))


class PaperRollout:
    """One attempt, looked at as often as `look` is called; Django is connected to the records of its home.

    change: the plan, that of every rollout on paper if left out. It looks every second, at each customer for one,
    in groups by `device` alone.
    """

    def __init__(
        self,
        home: Path,
        *,
        seed: int,
        given: Circumstances | None = None,
        change: Change | None = None,
        began: datetime = BEGAN,
    ) -> None:
        self._given = given = given or Circumstances()
        change = change or plan(given)
        home.mkdir(parents=True, exist_ok=True)
        connect(home_database(home))
        from unfelt.engines.ledger.appending import sign_chain
        from unfelt.engines.ledger.naming import signer_of
        from unfelt.rollout.journal import Journal
        from unfelt.rollout.judging import baseline_guard
        from unfelt.rollout.sealing import Sealer
        from unfelt.rollout.start import begin, planned

        places = Places(home)
        signer = signer_of(KeyRing(places.keys), at=began)
        row = begin(change, places=places, at=began)
        sign_chain(signer, at=began)
        self.change, self.journal = planned(row), Journal(row.id)
        self.sealer = Sealer(self.journal, KeyRing(places.keys), every=given.every)
        self._salts = f"{row.revision_id}|{row.id}"
        metrics = [metric.id for metric in change.experience.metrics]
        self._crowd = Crowd(seed, harm=given.harm, began=began, metrics=metrics)
        self._guard, self._status, self._number = baseline_guard(self.change), dict[str, Any](), 0
        both = Message("both groups are assigned and logged, all on old")
        self._put(Order(State.BASELINE, rollout_of(self.change).largest_share, both), at=began)

    def look(self, *, at: datetime) -> bool:
        """One tick and what follows from it; False once the rollout has ended."""
        from unfelt.rollout.bodies import Tick
        from unfelt.rollout.judging import judged
        from unfelt.rollout.status import status_of

        self._number += 1
        standing = self.journal.standing()
        is_baseline = standing.state is State.BASELINE
        batch, trouble = self._read(standing.share, is_baseline=is_baseline)
        decision = judged(self._guard, batch, standing, at=at, trouble=trouble)
        self._status = status_of(
            standing, batch, decision, self.change, trouble=trouble, lease=5.0, before=self._status
        )
        order = next_order(standing, decision, self.change, now=at)
        saved = self.journal.guard_state()
        after = saved.saved_at if saved else None
        tick = Tick(batch, decision, trouble, standing, self._guard.state(), self._status, at, after)
        self.journal.save_tick(tick, is_proposing=order is not None and order.asks)
        self.sealer.note_decision(at=at)
        if order is not None and order.asks:
            agreed = self.journal.propose(order, at=at)
            order = agreed and replace(order, share=agreed.share)
        if order is not None and standing.state not in FINAL:
            self._do(order, at=at + timedelta(milliseconds=20))
        return order is None or not order.final

    def _read(self, share: float, *, is_baseline: bool) -> tuple[Batch, Message | None]:
        silent = self._given.silent
        if silent is None or self._number < silent:
            return self._crowd.second(self._number, share, is_baseline=is_baseline), None
        late = Message("telemetry is {seconds:.0f} s late: the router's log has stopped", seconds=7)
        return Batch(self._number, None), late

    def lapse(self, *, at: datetime) -> None:
        """Everybody is put on old, as after an interruption of a second."""
        lapse = Lapse(at - timedelta(seconds=1), at, "unfelt was not running")
        self.journal.lapsed(lapse, self._epoch("watch", 0.0, at))

    def _do(self, order: Order, *, at: datetime) -> None:
        from unfelt.rollout.journal import Fixed
        from unfelt.rollout.judging import watching_guard

        standing = self.journal.standing()
        if standing.state is State.BASELINE:
            guard = watching_guard(self.change, {"device": DEVICES}, after=self._guard)
            self._put(order, at=at, fixed=Fixed({"device": DEVICES}, guard.state()))
            self._guard = guard
        elif order.share != standing.share:
            self._put(order, at=at)
        else:
            self.journal.enter(order, at=at)
        if self.journal.standing().promoted:
            self._guard.begin_promotion()

    def _put(self, order: Order, *, at: datetime, fixed: "Fixed | None" = None) -> None:
        from unfelt.rollout.traffic import PHASES

        epoch = self._epoch(PHASES.get(order.state, "watch"), order.share, at)
        self.journal.intend(order, epoch=epoch.number, at=at)
        self.journal.moved(order, epoch, at=at, fixed=fixed)

    def _epoch(self, phase: str, share: float, at: datetime) -> Epoch:
        from unfelt.rollout.traffic import salt_of

        return Epoch(len(self.journal.epochs()) + 1, phase, share, salt_of(self._salts, phase), at)


def main() -> None:
    """A rollout of so many seconds, with a lapse in the middle, or up to its end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("--ticks", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1000)
    parser.add_argument("--pace", type=float, default=0.0, help="seconds of real time for each second on paper")
    parser.add_argument("--harm", type=float, nargs="?", const=HARM, default=0.0)
    parser.add_argument("--until", help="the state in which it stops")
    parser.add_argument("--wide", action="store_true")
    parser.add_argument("--budget", type=int, default=5000)
    parser.add_argument("--mode", default="auto")
    parser.add_argument("--hold", action="store_true", help="once the budget is spent")
    parser.add_argument("--silent", type=int, help="the second from which on the source says nothing")
    asked = parser.parse_args()
    given = Circumstances(
        margin=WIDE if asked.wide else TIGHT,
        harm=asked.harm,
        every=asked.every,
        budget=asked.budget,
        mode=asked.mode,
        when_spent="hold" if asked.hold else "back",
        silent=asked.silent,
    )
    rollout = PaperRollout(asked.home, seed=asked.seed, given=given)
    at = BEGAN
    for number in range(1, asked.ticks + 1):
        at = BEGAN + timedelta(seconds=number)
        if number == asked.ticks // 2:
            rollout.lapse(at=at)
        if not rollout.look(at=at) or rollout.journal.standing().state == asked.until:
            break
        time.sleep(asked.pace)
    rollout.sealer.seal(at=at)


if __name__ == "__main__":
    main()
