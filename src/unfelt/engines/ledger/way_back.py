"""How a rollout came back: when the evidence was complete, when everybody was on old, what chance allows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class WayBack:
    """The times of going back, taken from the chain entry by entry.

    seen: the last look at which the evidence was not complete, None where a person took the customers back.
    decided: the look that made it complete. on_old: when the router had everybody on old.
    """

    seen: datetime | None = None
    decided: datetime | None = None
    on_old: datetime | None = None

    def look(self, action: str, *, at: datetime) -> None:
        """The guard decided so."""
        if self.on_old is None and self.decided is None:
            if action == "back":
                self.decided = at
            else:
                self.seen = at

    def order(self, state: str, *, at: datetime) -> None:
        """The rollout did so; what the router did is on record at the time at which it did it."""
        if self.on_old is None and state == "back":
            self.on_old = at
            self.seen = self.seen if self.decided else None

    @property
    def seconds(self) -> float | None:
        """At most so long after the evidence was complete everybody was on old."""
        return (self.on_old - self.seen).total_seconds() if self.on_old and self.seen else None


def least_affected(
    cells: Sequence[Mapping[str, Any]], *, metric: str | None, segment: str | None, share: float, level: float
) -> float | None:
    """Customers affected before any method could see that cell's harm, on average (STATISTICS §4).

    The rates are those of the cell as counted; None where it has no customers on both versions or no excess.
    """
    cell = next((c for c in cells if (c["metric"], c["segment"]) == (metric, segment)), None)
    if cell is None or not cell["old"]["n"] or not cell["new"]["n"] or not 0 < share < 1:
        return None
    p0, p1 = (cell[arm]["bad"] / cell[arm]["n"] for arm in ("old", "new"))
    from unfelt.kernel.limits import needed_to_see  # It brings numpy along, which most commands do without.

    return float(needed_to_see(p0, p1, share, level=level)) * (p1 - p0) if p1 > p0 else None
