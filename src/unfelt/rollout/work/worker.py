"""A worker: looks for what is due, runs it, and says that it is alive; several share the records."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import Error, connection, transaction

from unfelt.conf.language import Message
from unfelt.engines.jobs import Job
from unfelt.rollout.work import queue, workers
from unfelt.rollout.work.execution import Clock, Execution, Place, Stop
from unfelt.rollout.work.failure import said_of

MOST = 16
"""Runs at once in one worker."""
MOST_HANGING = 3
"""So many threads of a job hang in this process, and it is left to others."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker looks and says that it is alive, and after how long without that it is taken for dead.

    grace: for jobs to return once they are asked to.
    """

    look: timedelta = timedelta(seconds=0.5)
    beat: timedelta = timedelta(seconds=5)
    lease: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(seconds=5)


def silent(_line: str) -> None:
    """Nobody wants to read it."""


def wall_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


class Worker:
    """Runs what is due, each run in a thread of its own, so that one that hangs stops no other."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        place: Place,
        *,
        pace: Pace | None = None,
        clock: Clock = wall_clock,
        say: Callable[[str], None] = silent,
    ) -> None:
        self.name = workers.name_here()
        self.pace = pace or Pace()
        self.failures = 0
        """Attempts that failed here."""
        self._jobs, self._place, self._clock, self._say = jobs, place, clock, say
        self._wake = threading.Event()
        self._running: list[Execution] = []
        self._hanging: list[Execution] = []
        self._offset = timedelta()
        self._began = self._beaten_at = clock()
        self._is_known = False
        self._said = ""

    def now(self) -> datetime:
        """The time of the database where it is a server: workers on several machines have one clock."""
        return self._clock() + self._offset

    def run(self, stopped: threading.Event) -> None:
        """Until it is stopped; then what it has is finished within the grace, or waits for another worker."""
        while not stopped.is_set():
            self._attempt(lambda: self._turn(self.now()))
            self._wake.wait(self.pace.look.total_seconds())
            self._wake.clear()
        self._attempt(self._close)

    def announce(self) -> None:
        """It is on record that it runs, before it begins."""
        self._attempt(self._beat)

    def run_once(self, stopped: threading.Event) -> None:
        """What is due now is done, and the worker ends; sooner where it is stopped."""
        self._beat()
        due = self.now()
        while not stopped.is_set() and (self._claim(due) or self._running):
            self._wake.wait(self.pace.look.total_seconds())
            self._wake.clear()
            self._beat_if_due()
            self._look_after(self.now())
            self._settle()
        self._close()

    def complain(self, error: BaseException) -> None:
        """It is said what ended it, before it is begun again."""
        self._say(str(Message("the worker ended ({problem}) and is begun again", problem=str(said_of(error)))))

    def _attempt(self, turn: Callable[[], object]) -> None:
        """Records that do not answer now may do so the next time; each problem is said once until it is over."""
        try:
            turn()
        except Error as error:
            said = str(Message("the records do not answer: {problem}", problem=type(error).__name__))
            if said != self._said:
                self._say(said)
            self._said = said
            connection.close()
        else:
            self._said = ""

    def _turn(self, now: datetime) -> None:
        self._settle()
        self._beat_if_due()
        self._look_after(now)
        self._claim(now)

    def _beat_if_due(self) -> None:
        if not self._is_known or self._clock() - self._beaten_at >= self.pace.beat:
            self._beat()

    def _beat(self) -> None:
        """It is on record that this worker lives, and that it has what it has; timers that are missing are set."""
        self._offset = _offset(self._clock)
        now = self.now()
        with transaction.atomic():
            held = queue.beat((one.claimed for one in self._running), now=now)
            workers.seen(self.name, began=self._began, now=now)
        for one in self._running:
            if one.claimed.run.pk in held:
                one.until = now + self.pace.lease
            else:
                one.end(Stop.LOST)
        queue.keep_ticking(self._jobs.values(), now=now)
        self._beaten_at, self._is_known = self._clock(), True

    def _claim(self, due: datetime) -> int:
        hanging = [one.claimed.job.name for one in self._hanging if not one.is_over]
        free = [job for job in self._jobs.values() if hanging.count(job.name) < MOST_HANGING]
        room = MOST - len(self._running)
        lease = self.pace.lease
        claimed = queue.claim(free, worker=self.name, now=due, lease=lease, most=room) if room > 0 else []
        for one in claimed:
            if one.run.problem == queue.LOST.plain():
                self._say(f"{one.job.name}: taken over, attempt {one.run.attempts}")
            until = self.now() + lease
            self._running.append(Execution(one, self._place, clock=self.now, until=until, over=self._wake.set))
        return len(claimed)

    def _look_after(self, now: datetime) -> None:
        """Those that somebody cancelled are told; those that hang or do not hear are given up."""
        cancelled = queue.to_cancel(self.name) if self._running else set()
        for one in list(self._running):
            if one.claimed.run.pk in cancelled:
                one.end(Stop.CANCELLED)
            is_deaf = one.stopped_at is not None and now - one.stopped_at > self.pace.grace
            if one.is_over or not (is_deaf or one.hangs(now)):
                continue
            self._give_up(one, now)

    def _give_up(self, one: Execution, now: datetime) -> None:
        if one.stop is Stop.CANCELLED:
            queue.end_cancelled(one.claimed, now=now)
        elif one.stop is None:
            longest = one.claimed.job.longest
            problem = Message("it said nothing for more than {n} s", n=f"{longest.total_seconds():g}")
            self._failed(one, problem, now)
        one.end(Stop.LOST)
        self._running.remove(one)
        self._hanging = [hung for hung in (*self._hanging, one) if not hung.is_over]

    def _settle(self) -> None:
        """What became of those that are over is on record."""
        for one in [one for one in self._running if one.is_over]:
            self._put_down(one, self.now())
            self._running.remove(one)

    def _put_down(self, one: Execution, now: datetime) -> None:
        name, claimed, stop = one.claimed.job.name, one.claimed, one.stop if one.was_told else None
        if stop is Stop.LOST:
            self._say(f"{name}: another worker has it")
        elif stop is Stop.CANCELLED or (one.stop is Stop.CANCELLED and one.problem is not None):
            queue.end_cancelled(claimed, now=now)
            self._say(f"{name}: cancelled")
        elif one.problem is not None:
            self._failed(one, one.problem, now)
        elif stop is Stop.ENDING:
            self._leave(one, now)
        elif queue.end_well(claimed, one.said, now=now) and one.said is not None:
            self._say(f"{name}: {one.said}")

    def _failed(self, one: Execution, problem: Message, now: datetime) -> None:
        if queue.end_failed(one.claimed, problem, now=now):
            self.failures += 1
            self._say(f"{one.claimed.job.name}: {problem}")

    def _leave(self, one: Execution, now: datetime) -> None:
        if queue.release(one.claimed, now=now):
            self._say(f"{one.claimed.job.name}: left to another worker")

    def _close(self) -> None:
        for one in self._running:
            one.end(Stop.ENDING)
        end = time.monotonic() + self.pace.grace.total_seconds()
        for one in self._running:
            one.thread.join(max(0.0, end - time.monotonic()))
        self._settle()
        for one in self._running:
            self._leave(one, self.now())
        workers.gone(self.name)


def _offset(clock: Clock) -> timedelta:
    """How far the database's clock is ahead of ours; a file has none."""
    if connection.vendor != "postgresql":
        return timedelta()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    found: timedelta = there - clock()
    return found


@contextmanager
def working(worker: Worker) -> Iterator[None]:
    """Within the block the worker runs beside it, and is begun again whatever ends it."""
    stopped = threading.Event()
    worker.announce()

    def keep() -> None:
        while not stopped.is_set():
            try:
                worker.run(stopped)
            except BaseException as error:  # noqa: BLE001  (the thread is there as long as the block)
                worker.complain(error)
                stopped.wait(worker.pace.look.total_seconds())
            finally:
                connection.close()

    thread = threading.Thread(target=keep, name="worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(worker.pace.grace.total_seconds() + 5)
