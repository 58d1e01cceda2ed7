"""Scenes in which a change helps here and hurts there, and it is known of each customer which.

Every customer has the failures of each metric on old and on new, drawn together: within a group a metric either
heals or hurts. Who is worse is then no estimate: whoever meets on new a failure that old would have spared them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from contenders import End, Terms

from unfelt.documents.change import Change
from unfelt.engines.guard.calibration.customers import Customers
from unfelt.engines.guard.calibration.trial import Stretch, roll_out
from unfelt.engines.guard.calibration.visits import Asked, Experience, Visits

OBSERVE, TICK = 5.0, 1.0
START = datetime(2026, 1, 1, tzinfo=UTC)
Rates = tuple[float, float]


@dataclass(frozen=True)
class Mixed:
    """rates: for each metric, for each device in turn, how often it is bad on old and on new.

    devices: their parts of the customers. margin: of every metric. onset: seconds after which new differs.
    """

    name: str
    rates: Mapping[str, Sequence[Rates]]
    devices: Mapping[str, float]
    margin: float = 0.001
    budget: int = 150
    rate: float = 20.0
    seconds: float = 3 * 3600.0
    onset: float = 0.0
    segments: bool = True


ONE = {"all": 1.0}
HALVES = {"phone": 0.5, "desktop": 0.5}
SCENES = (
    Mixed("metrics: 3 → 1 % beside 0.3 → 0.9 %", {"a": [(0.03, 0.01)], "b": [(0.003, 0.009)]}, ONE),
    Mixed("segments: phones 1 → 3 %, desktops 3 → 1 %", {"a": [(0.01, 0.03), (0.03, 0.01)]}, HALVES),
    Mixed(
        "bad for most: 81.7 → 89.4 % beside 98.8 → 99.4 %",
        {"a": [(0.817, 0.894)], "b": [(0.988, 0.994)]},
        ONE,
        margin=0.01,
    ),
    Mixed(
        "three metrics: 1 → 1.3, 2 → 1, 0.2 → 0.5 %",
        {"a": [(0.01, 0.013)], "b": [(0.02, 0.01)], "c": [(0.002, 0.005)]},
        ONE,
    ),
    Mixed("slow: 10.3 → 13.9 %, margin 2 %", {"a": [(0.103, 0.139)]}, ONE, margin=0.02),
    Mixed("late: 0.3 → 1.3 % after 40 min", {"a": [(0.003, 0.013)]}, ONE, onset=2400.0),
    Mixed("late: 0.3 → 10 % after 40 min", {"a": [(0.003, 0.1)]}, ONE, onset=2400.0),
)


def plan(scene: Mixed, terms: Terms) -> Change:
    """Its plan: each metric with the margin, and the devices as segment."""
    segments = [{"by": "device", "values": list(scene.devices)}] if len(scene.devices) > 1 else []
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "mixed", "title": scene.name, "owner": "nobody"},
            "experience": {
                "customer": "cookie:uid",
                "observe": f"{OBSERVE:g}s",
                "grace": "0s",
                "segments": segments,
                "metrics": [
                    {"id": name, "bad": "status >= 500", "margin": f"{scene.margin:%}"} for name in scene.rates
                ],
            },
            "guard": {
                "impact_budget": f"{scene.budget} customers",
                "tick": f"{TICK:g}s",
                "false_alarm": f"{terms.alpha:%}",
                "missed_harm": f"{terms.beta:%}",
            },
            "rollout": {"old": "http://127.0.0.1:1", "new": "http://127.0.0.1:2", "largest_share": "50%"},
        }
    )


def play_mixed(scene: Mixed, seed: int) -> End:
    """One run of it through the guard of a live rollout."""
    random = np.random.default_rng((seed, 77))
    count = random.poisson(scene.rate * scene.seconds)
    time = np.sort(random.uniform(0, scene.seconds, count))
    device = random.choice(len(scene.devices), count, p=list(scene.devices.values()))
    names = tuple(scene.devices)
    groups = {"device": device} if len(names) > 1 else {}
    visits = Visits(time, np.arange(count), {"device": names} if groups else {}, groups)
    old, new, worse = [], [], np.zeros(count, dtype=bool)
    for rates in scene.rates.values():
        before, after = np.array(rates)[device].T
        after = np.where(time < scene.onset, before, after)
        luck = random.random(count)  # One number for both: a metric heals or hurts, never both in a group.
        old.append(luck < before)
        new.append(luck < after)
        worse |= new[-1] & ~old[-1]
    asked = tuple(Asked(name, OBSERVE) for name in scene.rates)
    customers = Customers(
        visits,
        asked,
        (Experience.of(visits, asked, old), Experience.of(visits, asked, new)),
        seats=random.random(visits.people),
        harmful=worse,
        tick=TICK,
    )
    whole = Stretch(0.0, scene.seconds, START)
    ending = roll_out(plan(scene, Terms()), customers, stretch=whole, rate=scene.rate)
    return End(ending.action, ending.seconds, ending.affected, ending.at_most)
