"""A rollout on paper: the real guard, journal and ledger, with customers drawn from a seed and no router.

`python paper.py HOME TICKS SEED [--harm]` writes its records; whoever reads them cannot tell it from a live one.
"""

import random
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from unfelt.adapters.sources import Batch, Epoch, Intake, Lapse, Split
from unfelt.conf.database import connect, home_database
from unfelt.documents.change import Change
from unfelt.engines.ledger.keys import KeyRing
from unfelt.kernel.tally import ANYTHING, Tally
from unfelt.rollout.decide import Order, State, next_order, rollout_of
from unfelt.rollout.places import Places

BEGAN = datetime(2026, 11, 24, tzinfo=UTC)
DEVICES = ("desktop", "phone")
HARM = 0.3
"""How much more often new fails, where it does harm."""


def plan(margin: str = "0.01%") -> Change:
    """One that is never proved within these customers, unless the margin is wide."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "paper", "title": "On paper", "owner": "ann@library.example"},
            "experience": {
                "customer": "cookie:card",
                "observe": "1s",
                "segments": [{"by": "device"}],
                "metrics": [{"id": "refused", "bad": "status >= 500", "margin": margin}],
            },
            "guard": {"impact_budget": "5000 customers", "tick": "1s", "mode": "auto"},
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
    """Customers of one second, and what they met."""

    def __init__(self, seed: int, *, harm: float) -> None:
        self._chance = random.Random(seed)
        self._harm = harm
        self.exposed = self.felt = 0

    def second(self, number: int, share: float, *, is_baseline: bool) -> Batch:
        """What closed in it."""
        counts: dict[tuple[str, str, str | None], list[int]] = {}
        for _ in range(self._chance.randrange(20, 40)):
            arm = "new" if self._chance.random() < share else "old"
            bad = self._chance.random() < 0.01 + (self._harm if arm == "new" and not is_baseline else 0.0)
            self.exposed += arm == "new" and not is_baseline
            self.felt += bad and arm == "new" and not is_baseline
            device = f"device={self._chance.choice(DEVICES)}"
            for metric in ("refused", ANYTHING):
                for segment in (None,) if is_baseline else (None, device):
                    pair = counts.setdefault((arm, metric, segment), [0, 0])
                    pair[0] += 1
                    pair[1] += bad
        within = 0 < share < 1
        tallies = [Tally(a, share, None, s, m, n, bad) for (a, m, s), (n, bad) in counts.items() if within]
        new, old = (
            sum(t.n for t in tallies if (t.arm, t.segment, t.metric) == (a, None, "refused"))
            for a in ("new", "old")
        )
        return Batch(
            number,
            BEGAN + timedelta(seconds=number),
            tallies=tuple(tallies),
            failures=tuple(replace(t, n=0) for t in tallies if t.bad),
            splits=(Split(share, old, new),) if within else (),
            exposed=self.exposed,
            felt=self.felt,
            intake=Intake(lines=60),
        )


def main(
    home: Path, ticks: int, seed: int, *, harm: bool = False, margin: str = "0.01%", every: int = 1000
) -> None:
    """The rollout, up to so many looks or its end."""
    home.mkdir(parents=True, exist_ok=True)
    connect(home_database(home))
    from unfelt.conf.language import Message
    from unfelt.engines.ledger.naming import signer_of
    from unfelt.rollout.journal import Fixed, Journal, Tick
    from unfelt.rollout.judging import baseline_guard, judged, watching_guard
    from unfelt.rollout.sealing import Sealer
    from unfelt.rollout.start import begin, planned
    from unfelt.rollout.status import status_of
    from unfelt.rollout.traffic import PHASES, salt_of

    places = Places(home)
    ring = KeyRing(places.keys)
    signer_of(ring, at=BEGAN)
    row = begin(plan(margin), places=places, at=BEGAN)
    change, journal = planned(row), Journal(row.id)
    sealer = Sealer(journal, ring, every=every)
    seed_of_salt, crowd = f"{row.revision_id}|{row.id}", Crowd(seed, harm=HARM if harm else 0.0)
    guard, status = baseline_guard(change), {}

    def put(order: Order, at: datetime, fixed: Fixed | None = None) -> None:
        number = len(journal.epochs()) + 1
        phase = PHASES.get(order.state, "watch")
        journal.intend(order, epoch=number, at=at)
        journal.moved(
            order, Epoch(number, phase, order.share, salt_of(seed_of_salt, phase), at), at=at, fixed=fixed
        )

    put(Order(State.BASELINE, rollout_of(change).largest_share, Message("both groups are on old")), BEGAN)
    for number in range(1, ticks + 1):
        at, standing = BEGAN + timedelta(seconds=number), journal.standing()
        if number == ticks // 2:
            lapse = Lapse(at - timedelta(seconds=1), at, "unfelt was not running")
            salt = salt_of(seed_of_salt, "watch")
            journal.lapsed(lapse, Epoch(len(journal.epochs()) + 1, "watch", 0.0, salt, at))
            standing = journal.standing()
        batch = crowd.second(number, standing.share, is_baseline=standing.state is State.BASELINE)
        decision = judged(guard, batch, standing, at=at, trouble=None)
        status = status_of(standing, batch, decision, change, trouble=None, lease=5.0, before=status)
        journal.save_tick(Tick(batch, decision, None, standing, guard.state(), status, at))
        sealer.note_decision(at=at)
        order = next_order(standing, decision, change, now=at)
        if order is None or standing.state in (State.DONE, State.BACK):
            continue
        later = at + timedelta(milliseconds=20)
        if standing.state is State.BASELINE:
            values = {"device": DEVICES}
            after = watching_guard(change, values, after=guard)
            put(order, later, Fixed(values, after.state()))
            guard = after
        elif order.share != standing.share:
            put(order, later)
        else:
            journal.enter(order, at=later)
        if journal.standing().promoted:
            guard.begin_promotion()
        if order.final:
            break
    if every > 0:
        sealer.seal(at=at)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]),
        int(sys.argv[3]),
        harm="--harm" in sys.argv,
        margin="20%" if "--wide" in sys.argv else "0.01%",
        every=int(sys.argv[4]) if len(sys.argv) > 4 and sys.argv[4].isdigit() else 1000,
    )
