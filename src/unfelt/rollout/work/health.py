"""Whether what a worker is there for is done: when each timer last ended well, and what is wrong with it."""

from dataclasses import dataclass
from datetime import datetime

from unfelt.conf.language import Message
from unfelt.engines.jobs import Job, jobs
from unfelt.records.covering import is_there
from unfelt.records.jobs import OPEN
from unfelt.records.models import JobRun
from unfelt.rollout.work.workers import SILENT, alive


@dataclass(frozen=True, slots=True)
class TimerHealth:
    """One timer: when its newest tick ended well, and what is wrong with it."""

    job: Job
    looked_at: datetime | None
    problem: str
    is_alive: bool

    @property
    def label(self) -> str:
        """What people call it."""
        return str(self.job.label)

    @property
    def state(self) -> Message:
        """In words."""
        if self.is_alive and self.looked_at is not None:
            return Message("runs, last look {at} UTC", at=f"{self.looked_at:%Y-%m-%d %H:%M:%S}")
        if self.problem:
            return Message("does not run: {problem}. It is tried again by itself", problem=self.problem)
        return Message("does not run, and has said nothing for more than two minutes")


def timers(*, now: datetime) -> tuple[TimerHealth, ...]:
    """Every timer that is registered; none where no worker runs."""
    if not is_there(JobRun) or not alive(now):
        return ()
    ticks = {run.job: run for run in JobRun.objects.filter(is_tick=True, state__in=OPEN)}
    return tuple(_health(job, ticks.get(job.name), now) for job in jobs().values() if job.every is not None)


def _health(job: Job, tick: JobRun | None, now: datetime) -> TimerHealth:
    """It is alive where its newest tick ended well not longer ago than it may take, and two minutes."""
    at = tick.succeeded_at if tick else None
    problem = str(Message.of(tick.problem)) if tick and tick.problem else ""
    every = job.every or SILENT
    return TimerHealth(job, at, problem, is_alive=at is not None and now - at < every + SILENT)
