"""Customers made of counts: a shop for the guard's tests, with windows that close in order and lag behind."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from unfelt.adapters.sources import Split
from unfelt.documents.change import Change
from unfelt.engines.guard import ANYTHING, Decision, Guard, Tally
from unfelt.kernel.tally import together_name

START = datetime(2026, 1, 1, tzinfo=UTC)
DEVICES = {"phone": 0.5, "desktop": 0.4, "tablet": 0.1}


def plan(
    *,
    metrics=None,
    segments=True,
    budget="40 customers",
    first="5%",
    largest="50%",
    later=(),
    peaks=(),
    **guard: object,
):
    """The plan of a small shop; observe 3 s, tick 0.5 s."""
    values = [{"by": "device", "margin": "5%", "values": list(DEVICES)}] if segments else []
    some = metrics or [{"id": "failed", "margin": "2%"}, {"id": "slow", "margin": "2%"}]
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "shop", "title": "Shop", "owner": "nobody"},
            "experience": {
                "customer": "cookie:uid",
                "observe": "3s",
                "grace": "500ms",
                "later": list(later),
                "segments": values,
                "metrics": [{"bad": "status >= 500", **metric} for metric in some],
            },
            "guard": {"impact_budget": budget, "tick": "500ms", "must_see": list(peaks), **guard},
            "rollout": {
                "old": "http://127.0.0.1:1",
                "new": "http://127.0.0.1:2",
                "first_share": first,
                "largest_share": largest,
            },
        }
    )


@dataclass
class Shop:
    """base, harm: chance of each metric to be bad on old, and on new in addition, per device."""

    seed: int
    base: dict[str, float]
    harm: dict[tuple[str, str], float] = field(default_factory=dict)
    rate: float = 100.0
    skew: float = 1.0
    """The share really used, over the share asked for."""
    affected: int = 0

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.open = deque()
        self.exposed = 0

    def arrive(self, *, seconds, share, now):
        """New customers of one tick; returns the split."""
        count = self.random.poisson(self.rate * seconds)
        new = self.random.random(count) < share * self.skew
        device = self.random.choice(list(DEVICES), size=count, p=list(DEVICES.values()))
        bad = {}
        hurt = np.zeros(count, dtype=bool)
        for metric, base in self.base.items():
            extra = np.array([self.harm.get((metric, d), 0.0) for d in device]) * new
            spared, harmed = self.random.random(count) >= base, self.random.random(count) < extra
            hurt |= spared & harmed
            bad[metric] = ~spared | harmed
        self.affected += int(hurt.sum())
        self.exposed += int(new.sum())
        self.open.append((now, share, new, device, bad))
        return Split(share, int((~new).sum()), int(new.sum()))

    def tallies(self, *, now, wait, counted):
        """Tallies of the arrivals `wait` seconds ago; without denominators if not counted."""
        due = [batch for batch in self.open if batch[0] + wait == now]
        return [tally for batch in due for tally in tallies_of(*batch[1:], counted=counted)]

    def move(self, now):
        """The share changes: windows that are open straddle it and are excluded."""
        self.open = deque(batch for batch in self.open if batch[0] + 3.0 <= now)

    def in_flight(self, now):
        """Customers on new whose window is open."""
        return int(sum(batch[2].sum() for batch in self.open if batch[0] + 3.5 > now))


def tallies_of(share, new, device, bad, *, counted):
    flags = {**bad, ANYTHING: np.logical_or.reduce(list(bad.values()))}
    met = np.array(list(bad.values())).T
    for pattern in np.unique(met[met.any(axis=1)], axis=0) if counted and len(bad) > 1 else ():
        name, just = together_name(np.array(list(bad))[pattern]), (met == pattern).all(axis=1)
        yield from _told(name, share, new, device, just, counted=True, among=just)
    for metric, failed in flags.items():
        yield from _told(metric, share, new, device, failed, counted=counted, among=np.ones(len(new), dtype=bool))


def _told(metric, share, new, device, failed, *, counted, among):
    for segment in (None, *DEVICES):
        group = among if segment is None else among & (device == segment)
        for arm, chosen in (("new", group & new), ("old", group & ~new)):
            count, bads = int(chosen.sum()), int((chosen & failed).sum())
            if bads or (counted and count):
                name = segment and f"device={segment}"
                yield Tally(arm, share, None, name, metric, count if counted else 0, bads)


def roll_out(change, shop, *, seconds=120.0, guard=None, stop=("back", "promote", "spent"), reload=False):
    """The decisions of a rollout, moved as the guard says; windows 3 s and 0.5 s late, failures after 1 s."""
    guard, share, now, decisions = guard or Guard(change), 0.0, 0.0, []
    while now < seconds:
        now += 0.5
        splits = [shop.arrive(seconds=0.5, share=share, now=now)] if share else [Split(0.5, 25, 25)][:0]
        decision = guard.observe(
            shop.tallies(now=now, wait=3.5, counted=True),
            shop.tallies(now=now, wait=1.0, counted=False),
            splits,
            exposed=shop.exposed,
            in_flight=shop.in_flight(now),
            at=START + timedelta(seconds=now),
            share=share,
        )
        decisions.append(decision)
        if reload:
            guard = Guard.restore(change, guard.state())
        if decision.action in stop:
            break
        if decision.share != share:
            share = decision.share
            shop.move(now)
    return decisions, guard


def last(decisions) -> Decision:
    """The one that ended it."""
    return decisions[-1]


def print_outcomes(name, base, harm, *, runs=40):
    """One line of the table in docs/reasons/guarantees.md."""
    ends = []
    for seed in range(runs):
        shop = Shop(300 + seed, {"failed": base, "slow": base}, harm)
        ends.append((roll_out(plan(), shop)[0], shop.affected))
    actions = Counter(last(decisions).action for decisions, _affected in ends)
    named = sum(last(decisions).segment == "device=phone" for decisions, _affected in ends)
    seconds, affected, at_most = (
        "/".join(f"{np.percentile(values, p):g}" for p in (50, 90, 100))
        for values in (
            [len(decisions) / 2 for decisions, _affected in ends],
            [affected for _decisions, affected in ends],
            [last(decisions).affected.at_most for decisions, _affected in ends],
        )
    )
    print(f"{name:28s} {dict(actions)}  s {seconds}  affected {affected}  at most {at_most}  phone named {named}")


if __name__ == "__main__":
    print("median/90 %/highest of 40 rollouts")
    for rate in (0.0, 0.002, 0.005):
        print_outcomes(f"harmless, base {rate:.1%}", rate, {})
    for part in (0.6, 0.3, 0.1):
        print_outcomes(f"{part:.0%} of phones slow", 0.002, {("slow", "phone"): part})
