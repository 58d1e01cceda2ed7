"""Telling, delivering and signing, beside the console's pages: a thread for each, that looks every few seconds."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection

from unfelt.adapters.http import Policy
from unfelt.conf.settings import settings
from unfelt.engines.ledger.publishing import keep_up
from unfelt.engines.teamwork.health import NOTE
from unfelt.engines.teamwork.telling import House, tell_everybody
from unfelt.engines.teamwork.webhooks import deliver

EVERY = 2.0
"""Seconds between two looks."""
Look = Callable[[datetime], None]


@dataclass(slots=True)
class Job:
    """One thread's work, when it was last done, and what went wrong with it then."""

    name: str
    look: Look
    looked_at: datetime | None = None
    problem: str = ""
    restarts: int = 0
    thread: threading.Thread | None = field(default=None, repr=False)

    def plain(self) -> dict[str, str | int]:
        """As it is written down."""
        at = self.looked_at.isoformat() if self.looked_at else ""
        return {"looked_at": at, "problem": self.problem, "restarts": self.restarts}


@contextmanager
def sending(house: House, *, home: Path, policy: Policy, every: float = EVERY) -> Iterator[tuple[Job, ...]]:
    """Within the block members are told and webhooks are served."""
    jobs = (
        Job("mail and chat", lambda now: tell_everybody(house, now=now)),
        Job("webhooks", lambda now: deliver(now=now, policy=policy)),
        Job("signatures", lambda now: keep_up(settings(), now=now)),
    )
    with keeping(jobs, note=home / NOTE, every=every):
        yield jobs


@contextmanager
def keeping(jobs: tuple[Job, ...], *, note: Path, every: float) -> Iterator[None]:
    """Within the block each job has a thread: one that has ended, whatever ended it, is begun again."""
    stopped = threading.Event()
    watcher = threading.Thread(target=_watch, args=(jobs, note, every, stopped), name="sending", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in (watcher, *(job.thread for job in jobs)):
            if thread is not None:
                thread.join(5)
        note.unlink(missing_ok=True)


def _watch(jobs: tuple[Job, ...], note: Path, every: float, stopped: threading.Event) -> None:
    while True:
        for job in jobs:
            if job.thread is None or not job.thread.is_alive():
                job.restarts += job.thread is not None
                job.thread = threading.Thread(
                    target=_work, args=(job, every, stopped), name=f"sending: {job.name}", daemon=True
                )
                job.thread.start()
        _write(note, {job.name: job.plain() for job in jobs})
        if stopped.wait(every):
            return


def _work(job: Job, every: float, stopped: threading.Event) -> None:
    while not stopped.wait(every):
        try:
            job.look(datetime.now(UTC))
        except Exception as error:  # noqa: BLE001  (the next look may find it mended; what it was is shown)
            job.problem = type(error).__name__
        else:
            job.problem = ""
            job.looked_at = datetime.now(UTC)
        finally:
            connection.close()


def _write(note: Path, jobs: Mapping[str, Mapping[str, str | int]]) -> None:
    """Whole or not at all; where there is no room for it, the last note grows old, and that is seen."""
    whole = note.with_suffix(".new")
    try:
        whole.write_text(json.dumps({"pid": os.getpid(), "jobs": jobs}))
        whole.replace(note)
    except OSError:
        return
