"""Work whose records, router or disk may not play their part at this moment: tried again, and said."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import Error, OperationalError, connection

from unfelt.adapters.routers import RouterError
from unfelt.adapters.sources import RetryableSourceError
from unfelt.conf.language import Message
from unfelt.engines.ledger.keys import KeyRingError
from unfelt.rollout.clock import Clock

AGAIN = 10.0
"""Seconds after which the same problem is said once more."""
RETRY = 0.5
"""Seconds between two tries of what has to be done before anything begins."""
BEGIN_WITHIN = 60.0
"""Seconds for which records that do not answer are asked again before anything has begun."""
_Done = TypeVar("_Done")


def answered(work: Callable[[], _Done], *, say: Callable[[str], None]) -> _Done:
    """What the work gave, once the records answer; raises when they have not for a minute.

    A guard that is begun again while another process holds the records has customers waiting for it.
    """
    end, said = time.monotonic() + BEGIN_WITHIN, False
    while True:
        try:
            return work()
        except OperationalError as error:
            connection.close()
            if time.monotonic() >= end or not _may_pass(error):
                raise
            if not said:
                say(
                    str(Message("The records do not answer ({problem}): asked again for a minute.", problem=error))
                )
            said = True
            time.sleep(RETRY)


def _may_pass(error: OperationalError) -> bool:
    """Whether waiting can help: a file that cannot be opened stays so, a lock goes, a server comes back."""
    return connection.vendor != "sqlite" or "locked" in str(error)


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
        """What the work gave; None where records, router, source or disk did not play their part now."""
        try:
            return work()
        except (Error, RouterError, RetryableSourceError, KeyRingError, OSError) as error:
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
