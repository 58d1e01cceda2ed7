"""Jobs: what workers do and did, and the end of one that is no longer wanted."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from unfelt.engines.asked import Number, Words
from unfelt.engines.jobs import jobs as known_jobs
from unfelt.engines.people.access import NothingHereError, must
from unfelt.rollout.work import queue
from unfelt.rollout.work.listing import RunShown, ended_runs, open_runs, run_of
from unfelt.rollout.work.workers import alive
from unfelt.web.access.clock import machine_now_of
from unfelt.web.access.reader import reader
from unfelt.web.frame.shapes import REFUSED, Answer

router = Router()


class WorkerShown(Schema):
    """A worker that runs."""

    host: str
    pid: int
    began: datetime
    seen_at: datetime


class JobRunShown(Schema):
    """A run of a job, or a tick of a timer; done and of: its progress, where it says one."""

    number: int
    job: str
    label: str
    key: str
    is_tick: bool
    state: str
    asked_by: str
    asked_at: datetime
    next_at: datetime
    began: datetime | None
    ended: datetime | None
    succeeded_at: datetime | None
    attempts: int
    done: int
    of: int | None
    note: str
    problem: str


class Jobs(Schema):
    """Workers that run, runs that have not ended, and the newest hundred that have."""

    workers: list[WorkerShown]
    open: list[JobRunShown]
    ended: list[JobRunShown]


@router.get("jobs/", response={200: Jobs, **REFUSED})
def jobs(request: HttpRequest, job: Words = "") -> Answer:
    """What workers do and did; of one job if it is named."""
    must(reader(request), "read")
    workers = alive(machine_now_of(request))
    running = [one.plain() for one in open_runs() if job in ("", one.run.job)]
    return {"workers": workers, "open": running, "ended": [one.plain() for one in ended_runs(job=job)]}


@router.get("jobs/{number}/", response={200: JobRunShown, **REFUSED})
def job(request: HttpRequest, number: Number) -> Answer:
    """One run."""
    must(reader(request), "read")
    return _found(number).plain()


@router.post("jobs/{number}/cancel/", response={200: JobRunShown, **REFUSED})
def cancel(request: HttpRequest, number: Number) -> Answer:
    """The run ends: at once where no worker has it, else within seconds. One that has ended stays as it is."""
    must(reader(request), "admin")
    queue.cancel(number, job=known_jobs().get(_found(number).run.job), now=machine_now_of(request))
    return _found(number).plain()


def _found(number: int) -> RunShown:
    found = run_of(number)
    if found is None:
        raise NothingHereError
    return found
