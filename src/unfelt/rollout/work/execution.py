"""One claimed run, in a thread of its own: what it is told, what it says, and how it ended."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from django.db import Error, connection

from unfelt.conf.language import Message
from unfelt.engines.jobs import Call
from unfelt.rollout.work.failure import said_of
from unfelt.rollout.work.queue import Claim

COARSE = timedelta(seconds=1)
"""Progress is written down no more often."""
Clock = Callable[[], datetime]


class Stop(Enum):
    """Why a job is asked to return before it is done."""

    CANCELLED = "somebody cancelled it"
    ENDING = "the worker ends"
    LOST = "another worker has it"


@dataclass(frozen=True, slots=True)
class Place:
    """The installation that a worker works for."""

    home: Path
    base: str


class Execution:
    """The thread in which a run is done. It writes down its progress; all else of the row is the worker's."""

    def __init__(
        self, claimed: Claim, place: Place, *, clock: Clock, until: datetime, over: Callable[[], None]
    ) -> None:
        self.claimed = claimed
        self.until = until
        """The claim holds until then, unless the worker is heard of again."""
        self.sign_of_life = clock()
        self.stop: Stop | None = None
        self.stopped_at: datetime | None = None
        self.was_told = False
        """It asked whether to return, and heard that it should."""
        self.said: Message | None = None
        self.problem: Message | None = None
        self._place, self._clock, self._over = place, clock, over
        self._written_at: datetime | None = None
        self._written: tuple[int, int | None] = (claimed.run.done, claimed.run.of)
        self.thread = threading.Thread(target=self._run, name=f"job: {claimed.job.name}", daemon=True)
        self.thread.start()

    @property
    def is_over(self) -> bool:
        """Its thread has ended."""
        return not self.thread.is_alive()

    def hangs(self, now: datetime) -> bool:
        """It has said nothing for too long."""
        return not self.is_over and now - self.sign_of_life > self.claimed.job.longest

    def end(self, why: Stop) -> None:
        """It is asked to return; the first reason holds."""
        if self.stop is None:
            self.stop, self.stopped_at = why, self._clock()

    def _is_cancelled(self) -> bool:
        if self._clock() >= self.until:
            self.end(Stop.LOST)
        self.was_told = self.was_told or self.stop is not None
        return self.stop is not None

    def _progress(self, done: int, of: int | None = None, note: Message | None = None, /) -> None:
        now = self.sign_of_life = self._clock()
        if (done, of) == self._written and note is None:
            return
        if self._written_at is not None and now - self._written_at < COARSE and done != of:
            return
        self._written_at, self._written = now, (done, of)
        said = {"note": note.plain()} if note else {}
        try:
            self.claimed.row.update(done=done, of=of, **said)
        except Error:
            return  # How far it is, is shown the next time; the work itself goes on.

    def _run(self) -> None:
        run = self.claimed.run
        about = {"home": self._place.home, "base": self._place.base, "key": run.key, "begin": run.done}
        about["arguments"] = run.arguments
        call = Call(now=self._clock(), progress=self._progress, is_cancelled=self._is_cancelled, **about)
        try:
            self.said = self.claimed.job.work(call)
        except BaseException as error:  # noqa: BLE001  (whatever ends this thread ends nothing else, and is shown)
            self.problem = said_of(error)
        finally:
            connection.close()
            self._over()
