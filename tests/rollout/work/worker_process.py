"""A worker with jobs of the tests, as a process of its own: DATABASE HOME OUT LEASE [JOB …].

Each line that a job writes to OUT begins with the process that wrote it.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from unfelt.conf.database import connect
from unfelt.conf.language import Message
from unfelt.engines.jobs import Call, Job

STEPS = 40
STEP = 0.1
"""Seconds of one step of the long job."""


def writer(out: Path) -> Callable[[str], None]:
    """A line is there as a whole, whoever else writes."""

    def write(line: str) -> None:
        with out.open("ab", buffering=0) as file:
            file.write(f"{os.getpid()} {line}\n".encode())

    return write


def jobs_of(out: Path) -> dict[str, Job]:
    """A timer that says its tick, a job that says its key, a long one in steps that notes how far it is."""
    write = writer(out)

    def tick(call: Call) -> None:
        write(call.key)

    def mark(call: Call) -> None:
        write(call.key)
        time.sleep(0.01)

    def steps(call: Call) -> Message:
        for one in range(call.begin, STEPS):
            if call.is_cancelled():
                write(f"returned at {one}")
                return Message("not all")
            write(f"step {one}")
            time.sleep(STEP)
            call.progress(one + 1, STEPS)
        return Message("steps: {n}", n=STEPS)

    def dies(call: Call) -> None:
        write(call.key)
        os.kill(os.getpid(), signal.SIGKILL)

    made = (
        Job("tick", Message("Tick"), tick, every=timedelta(seconds=0.05)),
        Job("mark", Message("Mark"), mark),
        Job("steps", Message("Steps"), steps),
        Job("dies", Message("Dies"), dies, retries=1, wait=timedelta(seconds=0.1)),
    )
    return {job.name: job for job in made}


def main(database: str, home: str, out: str, lease: str, *names: str) -> None:
    """Until it is ended."""
    connect(database)
    from unfelt.engines.teamwork.jobs import JOBS
    from unfelt.rollout.work.execution import Place
    from unfelt.rollout.work.worker import Pace, Worker, working

    found = {**jobs_of(Path(out)), **{job.name: job for job in JOBS}}
    held = timedelta(seconds=float(lease))
    pace = Pace(look=timedelta(seconds=0.05), beat=held / 6, lease=held, grace=timedelta(seconds=2))
    place = Place(Path(home), "https://unfelt.example")
    worker = Worker(
        {name: found[name] for name in names}, place, pace=pace, say=lambda line: print(line, flush=True)
    )
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_more: stopped.set())
    with working(worker):
        print("runs", flush=True)
        while not stopped.wait(0.2):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
