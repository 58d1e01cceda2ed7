"""What happened to the customers, counted."""

from collections import Counter, defaultdict, deque
from typing import Any

LATEST = 50_000
"""Latencies remembered of each kind: the latest ones."""


class Measures:
    """Counts of one run of the traffic."""

    def __init__(self) -> None:
        self.cut_short = 0
        self._customers = self._journeys = self._returning = self._orders = 0
        self._statuses: Counter[int] = Counter()
        self._errors: Counter[str] = Counter()
        self._seconds: dict[str, dict[str, deque[float]]] = {
            "latency_ms": defaultdict(lambda: deque(maxlen=LATEST)),
            "checkout_ms": defaultdict(lambda: deque(maxlen=LATEST)),
        }

    def arrived(self, *, known: bool) -> None:
        """Somebody came in, or came back."""
        self._journeys += 1
        self._customers += not known
        self._returning += known

    def answered(self, device: str, path: str, *, status: int, seconds: float) -> None:
        """A request got its answer."""
        self._statuses[status] += 1
        self._seconds["latency_ms"][device].append(seconds)
        if path == "/checkout":
            self._seconds["checkout_ms"][device].append(seconds)
            self._orders += status == 200

    def failed(self, error: Exception) -> None:
        """A request got no answer."""
        self._errors[type(error).__name__] += 1

    def summary(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {
            "customers": self._customers,
            "journeys": self._journeys,
            "returning": self._returning,
            "cut_short": self.cut_short,
            "requests": self._statuses.total() + self._errors.total(),
            "statuses": {str(status): count for status, count in sorted(self._statuses.items())},
            "errors": dict(self._errors),
            "orders": self._orders,
        } | {kind: _by_device(seconds) for kind, seconds in self._seconds.items()}


def _by_device(seconds: dict[str, deque[float]]) -> dict[str, dict[str, float]]:
    return {device: _quantiles(sorted(values)) for device, values in sorted(seconds.items())}


def _quantiles(values: list[float]) -> dict[str, float]:
    def at(part: float) -> float:
        return round(1000 * values[min(len(values) - 1, int(part * len(values)))], 2)

    return {"n": len(values), "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "max": at(1)}
