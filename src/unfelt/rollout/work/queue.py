"""Runs of jobs as rows: asked for once by key, claimed in one transaction, ended only by whose claim holds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from unfelt.conf.language import Message
from unfelt.engines.jobs import Job
from unfelt.engines.ledger.people import token_of
from unfelt.records.jobs import OPEN
from unfelt.records.models import JobRun

LOST = Message("the worker that had it ended in the middle")


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this worker has: the row as it was claimed, and which attempt it is."""

    run: JobRun
    job: Job

    @property
    def row(self) -> QuerySet[JobRun]:
        """The row, as long as the claim holds; no row once another worker has it."""
        mine = {"worker": self.run.worker, "attempts": self.run.attempts, "state": "running"}
        found: QuerySet[JobRun] = JobRun.objects.filter(pk=self.run.pk, **mine)
        return found

    def over(self, state: str, *, now: datetime, **more: Any) -> bool:  # noqa: ANN401  (columns)
        """Whether it has ended in that state: not after the claim was lost."""
        if self.job.forgets:
            more["arguments"] = {}
        return bool(self.row.update(state=state, ended=now, **more))


def ask(job: Job, *, key: str, by: str, at: datetime, arguments: Mapping[str, Any] | None = None) -> JobRun:
    """The run of that job under that key: a new one that waits, or the one that was asked for before."""
    first = {"asked_by": token_of(by, at=at) if by else "", "asked_at": at, "next_at": at}
    run: JobRun
    run, _made = JobRun.objects.get_or_create(
        job=job.name, key=key, defaults={**first, "arguments": dict(arguments or {})}
    )
    return run


def keep_ticking(timers: Iterable[Job], *, now: datetime) -> None:
    """Each timer has a tick that is due some time; the first one is due at once."""
    wanted = [job for job in timers if job.every is not None]
    open_ticks = JobRun.objects.filter(is_tick=True, state__in=OPEN).values_list("job", flat=True)
    missing = {job.name for job in wanted} - set(open_ticks)
    if missing:
        JobRun.objects.bulk_create((_tick(name, at=now) for name in sorted(missing)), ignore_conflicts=True)


def _tick(job: str, *, at: datetime, succeeded_at: datetime | None = None) -> JobRun:
    moments = {"asked_at": at, "next_at": at, "succeeded_at": succeeded_at}
    return JobRun(job=job, key=key_of_tick(at), is_tick=True, **moments)


def key_of_tick(at: datetime) -> str:
    """When it was due: no two processes make it twice."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def claim(jobs: Collection[Job], *, worker: str, now: datetime, lease: timedelta, most: int = 100) -> list[Claim]:
    """Runs of these jobs that are due, and those whose worker was not heard of for that long; the oldest first.

    All of it in one transaction, in which no other process claims the same.
    """
    known = {job.name: job for job in jobs}
    if not _claimable(known, now=now, lease=lease).exists():
        return []  # Most of the time: nothing is locked for it.
    found = []
    with transaction.atomic():
        rows = (
            _claimable(known, now=now, lease=lease).select_for_update(skip_locked=True).order_by("next_at", "pk")
        )
        for run in rows[:most]:
            job = known[run.job]
            if run.cancel_asked_at is not None:
                _cancel(run, job, now=now)
                continue
            if run.state == "running" and run.attempts > job.retries:
                end_failed(Claim(run, job), LOST, now=now)
                continue
            _take(run, worker=worker, now=now)
            found.append(Claim(run, job))
    return found


def _claimable(known: Collection[str], *, now: datetime, lease: timedelta) -> QuerySet[JobRun]:
    due, lost = Q(state="queued", next_at__lte=now), Q(state="running", heartbeat_at__lt=now - lease)
    found: QuerySet[JobRun] = JobRun.objects.filter(due | lost, job__in=known)
    return found


def _take(run: JobRun, *, worker: str, now: datetime) -> None:
    run.problem = LOST.plain() if run.state == "running" else run.problem
    run.state, run.worker, run.heartbeat_at = "running", worker, now
    run.began, run.attempts = now, run.attempts + 1
    run.save(update_fields=["state", "worker", "began", "heartbeat_at", "attempts", "problem"])


def end_well(claimed: Claim, said: Message | None, *, now: datetime) -> bool:
    """Whether that is put down: not after the claim was lost. A tick without anything to do becomes the next."""
    run, every = claimed.run, claimed.job.every
    with transaction.atomic():
        if run.is_tick and every is not None and said is None:
            return bool(claimed.row.update(**_afresh(now + every), succeeded_at=now))
        note = said.plain() if said else run.note
        if not claimed.over("done", now=now, note=note, problem={}, succeeded_at=now):
            return False
        _go_on_ticking(claimed, now=now, succeeded_at=now)
    return True


def _afresh(at: datetime) -> dict[str, Any]:
    """A tick as it was before anybody had it, due then."""
    nothing = {"worker": "", "asked_by": "", "attempts": 0, "done": 0, "of": None, "note": {}, "problem": {}}
    moments = {"asked_at": at, "next_at": at, "heartbeat_at": None, "cancel_asked_at": None}
    return {"key": key_of_tick(at), "state": "queued", **nothing, **moments}


def end_failed(claimed: Claim, problem: Message, *, now: datetime) -> bool:
    """Whether it is put down that this attempt failed; it is tried again later, unless it was the last one."""
    run, job = claimed.run, claimed.job
    if run.attempts <= job.retries:
        again = now + job.wait_after(run.attempts)
        return bool(claimed.row.update(state="queued", worker="", next_at=again, problem=problem.plain()))
    with transaction.atomic():
        if not claimed.over("failed", now=now, problem=problem.plain()):
            return False
        _go_on_ticking(claimed, now=now, succeeded_at=run.succeeded_at)
    return True


def end_cancelled(claimed: Claim, *, now: datetime) -> bool:
    """Whether it has ended because somebody wanted it so."""
    with transaction.atomic():
        if not claimed.over("cancelled", now=now):
            return False
        _go_on_ticking(claimed, now=now, succeeded_at=claimed.run.succeeded_at)
    return True


def _go_on_ticking(claimed: Claim, *, now: datetime, succeeded_at: datetime | None) -> None:
    if claimed.run.is_tick and claimed.job.every is not None:
        tick = _tick(claimed.job.name, at=now + claimed.job.every, succeeded_at=succeeded_at)
        JobRun.objects.bulk_create([tick], ignore_conflicts=True)


def release(claimed: Claim, *, now: datetime) -> bool:
    """Whether it waits for another worker, as if this one had never had it; how far it got is kept."""
    return bool(claimed.row.update(state="queued", worker="", next_at=now, attempts=F("attempts") - 1))


def beat(claims: Iterable[Claim], *, now: datetime) -> set[int]:
    """The runs of these that their claims still hold for: they are heard of now."""
    return {one.run.pk for one in claims if one.row.update(heartbeat_at=now)}


def to_cancel(worker: str) -> set[int]:
    """The runs of that worker that somebody wants to end."""
    wanted = JobRun.objects.filter(worker=worker, state="running").exclude(cancel_asked_at=None)
    return set(wanted.values_list("pk", flat=True))


def cancel(number: int, *, job: Job | None, now: datetime) -> bool:
    """Whether the run ends: at once where nobody has it yet, else as soon as its worker sees that.

    job: whose run it is, where somebody still registers it: a timer goes on with its next tick.
    """
    with transaction.atomic():
        run = JobRun.objects.select_for_update().filter(pk=number, state__in=OPEN).first()
        if run is None:
            return False
        run.cancel_asked_at = now
        run.save(update_fields=["cancel_asked_at"])
        if run.state == "queued":
            _cancel(run, job, now=now)
    return True


def _cancel(run: JobRun, job: Job | None, *, now: datetime) -> None:
    """A run that nobody has ends; where nobody knows its job any more, what it was to do is forgotten too."""
    run.state, run.ended = "cancelled", now
    run.arguments = {} if job is None or job.forgets else run.arguments
    run.save(update_fields=["state", "ended", "arguments"])
    if job is not None:
        _go_on_ticking(Claim(run, job), now=now, succeeded_at=run.succeeded_at)


def run_now(job: Job, *, by: str, now: datetime) -> JobRun | None:
    """The tick of a timer, due now instead of later; None where one runs, or the job is no timer."""
    asked = {"next_at": now, "asked_by": token_of(by, at=now)}
    ticks = JobRun.objects.filter(job=job.name, is_tick=True)
    if job.every is None or not ticks.filter(state="queued").update(**asked):
        return None
    found: JobRun | None = ticks.filter(state__in=OPEN).first()
    return found
