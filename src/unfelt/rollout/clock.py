"""Time as the rollout sees it; a test brings its own."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """The machine's clocks: one that tells the time, one that never jumps."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since some fixed moment; it goes on while the process is stopped."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Nothing happens for that long."""
        time.sleep(max(0.0, seconds))


@dataclass(slots=True)
class Drift:
    """How far the wall clock has run away from the steady one since it was last asked."""

    clock: Clock
    _offset: float = field(init=False)

    def __post_init__(self) -> None:
        self._offset = self._apart()

    def ask(self) -> float:
        """Seconds that the wall clock moved beyond the steady clock since the last time."""
        before, self._offset = self._offset, self._apart()
        return self._offset - before

    def _apart(self) -> float:
        return self.clock.now().timestamp() - self.clock.steady()
