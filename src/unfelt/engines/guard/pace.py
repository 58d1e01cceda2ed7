"""How fast customers come, learned from what is seen, and since when the share is what it is."""

from dataclasses import dataclass, replace
from datetime import datetime

from unfelt.documents.change import Change
from unfelt.documents.source import PromiseSource


@dataclass(frozen=True, slots=True)
class Pace:
    """Fresh customers per second (a decaying mean), the last tick and change, since when unmeasured.

    arrived, seconds: the decaying sums whose quotient is the rate.
    """

    arrived: float = 0.0
    seconds: float = 0.0
    at: datetime | None = None
    share: float | None = None
    changed: datetime | None = None
    unmeasured: datetime | None = None

    @property
    def rate(self) -> float | None:
        """Customers per second; None until it was seen."""
        return self.arrived / self.seconds if self.seconds > 0 else None


def watch_pace(pace: Pace, *, fresh: int, share: float | None, at: datetime, memory: float) -> Pace:
    """The pace one tick on. memory: seconds after which a past second counts 1/e."""
    moved = pace.changed is None or share != pace.share
    pace = replace(pace, share=share, changed=at if moved else pace.changed)
    if pace.at is None:
        return replace(pace, at=at)
    passed = max(0.0, (at - pace.at).total_seconds())
    kept = 2.718281828459045 ** (-passed / memory)
    return replace(pace, at=at, arrived=pace.arrived * kept + fresh, seconds=pace.seconds * kept + passed)


def lead_seconds(plan: Change) -> float:
    """From exposure to the tick that counts it: the longest window, its grace, late promises and one tick."""
    kept = [source.within for source in plan.experience.sources.values() if isinstance(source, PromiseSource)]
    late = max((within.total_seconds() for within in kept), default=0.0)
    wait = plan.experience.grace.total_seconds() + plan.guard.tick.total_seconds()
    return observe_seconds(plan) + late + wait


def observe_seconds(plan: Change) -> float:
    """The longest window of the metrics (later looks apart)."""
    windows = [metric.observe or plan.experience.observe for metric in plan.experience.metrics]
    return max(window.total_seconds() for window in windows)
