"""Runs as people look at them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from unfelt.conf.language import Message
from unfelt.engines.jobs import jobs, label_of
from unfelt.engines.ledger.people import names
from unfelt.records.jobs import ENDED, OPEN
from unfelt.records.models import JobRun

MOST = 100
"""Runs that have ended and are shown, the newest."""


@dataclass(frozen=True, slots=True)
class RunShown:
    """A run with the names of job and member in the place of their tokens."""

    run: JobRun
    by: str

    @property
    def label(self) -> str:
        """What people call the job."""
        return label_of(self.run.job)

    @property
    def is_open(self) -> bool:
        """It has not ended."""
        return self.run.state in OPEN

    @property
    def can_be_cancelled(self) -> bool:
        """It runs or was asked for, and nobody has cancelled it yet; a tick that waits is no work."""
        is_work = self.run.state == "running" or (self.run.state == "queued" and not self.run.is_tick)
        return is_work and self.run.cancel_asked_at is None

    @property
    def can_be_run_now(self) -> bool:
        """It is a tick that waits."""
        return bool(self.run.is_tick and self.run.state == "queued" and self.run.job in jobs())

    @property
    def note(self) -> str:
        """What was done."""
        return str(Message.of(self.run.note)) if self.run.note else ""

    @property
    def problem(self) -> str:
        """Why the newest attempt failed."""
        return str(Message.of(self.run.problem)) if self.run.problem else ""

    def plain(self) -> dict[str, Any]:
        """As the API says it."""
        run = self.run
        same = ("job", "key", "state", "attempts", "done", "of", "asked_at", "next_at", "began", "ended")
        own = {"number": run.pk, "label": self.label, "is_tick": run.is_tick, "asked_by": self.by}
        said = {"note": self.note, "problem": self.problem, "succeeded_at": run.succeeded_at}
        return {**own, **{name: getattr(run, name) for name in same}, **said}


def open_runs() -> list[RunShown]:
    """Ticks that wait or run, then what was asked for, by name."""
    return _shown(list(JobRun.objects.filter(state__in=OPEN).order_by("-is_tick", "job", "pk")))


def ended_runs(*, job: str = "", before: datetime | None = None) -> list[RunShown]:
    """Those that have ended, the newest first; of one job if it is named."""
    found = JobRun.objects.filter(state__in=ENDED).order_by("-ended", "-pk")
    if job:
        found = found.filter(job=job)
    if before is not None:
        found = found.filter(ended__lt=before)
    return _shown(list(found[:MOST]))


def run_of(number: int) -> RunShown | None:
    """The run of that number."""
    found = _shown(list(JobRun.objects.filter(pk=number)))
    return found[0] if found else None


def _shown(runs: list[JobRun]) -> list[RunShown]:
    known = names() if any(run.asked_by for run in runs) else {}
    return [RunShown(run, known.get(run.asked_by, run.asked_by)) for run in runs]
