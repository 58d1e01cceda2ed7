"""Work whose records, router or disk may not play their part at this moment: tried again, and said."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import Error

from unfelt.adapters.routers import RouterError
from unfelt.rollout.clock import Clock

AGAIN = 10.0
"""Seconds after which the same problem is said once more."""
_Done = TypeVar("_Done")


@dataclass(slots=True)
class Patience:
    """Tries work, says what failed, and has the records reached anew before the next try."""

    clock: Clock
    pause: float
    """Seconds between two tries."""
    reconnect: Callable[[], None]
    complain: Callable[[str], None]
    _said: dict[str, float] = field(init=False, default_factory=dict)
    """When each problem of the last moments was said."""

    def attempt(self, work: Callable[[], _Done]) -> _Done | None:
        """What the work gave; None where the records, the router or the disk did not play their part now."""
        try:
            return work()
        except (Error, RouterError, OSError) as error:
            self._failed(error)
            return None

    def until_done(self, work: Callable[[], object]) -> None:
        """Done and on record, however long that takes; a router that refuses raises RouterError."""
        while True:
            try:
                work()
            except (Error, OSError) as error:
                self._failed(error)
                self.clock.sleep(self.pause)
            else:
                return

    def say(self, problem: str) -> None:
        """The problem is said, unless it was said a moment ago."""
        now = self.clock.steady()
        self._said = {said: at for said, at in self._said.items() if now - at <= AGAIN}
        if problem not in self._said:
            self._said[problem] = now
            with suppress(OSError):  # Nobody can be told: that is no reason to stop.
                self.complain(problem)

    def _failed(self, error: Exception) -> None:
        self.say(str(error))
        self.reconnect()
