"""Several workers over one installation's records, and the rows that they leave."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("worker_process.py")
QUERY = """
import json, sys
from unfelt.conf.database import connect
connect(sys.argv[1])
from unfelt.records.models import JobRun, WorkerRow, Telling
exec(sys.argv[2])
"""


def until(is_so: Callable[[], object], *, within: float = 30.0) -> None:
    """It becomes so; a loaded machine may take its time."""
    end = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


@dataclass
class House:
    """Records of its own, what the jobs wrote, and the workers."""

    database: str
    home: Path
    lease: float = 2.0
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        """What jobs write."""
        return self.home / "out"

    def lines(self, word: str = "") -> list[tuple[int, str]]:
        """Each line with that word: by which process, and what."""
        text = self.out.read_text() if self.out.exists() else ""
        found = [line.split(" ", 1) for line in text.splitlines()]
        return [(int(pid), said) for pid, said in found if word in said]

    def does(self, code: str) -> str:
        """What that says, in a process over these records."""
        command = [sys.executable, "-c", QUERY, self.database, code]
        more = {**os.environ, **self.environment}
        return subprocess.run(command, check=True, capture_output=True, text=True, env=more).stdout.strip()

    def asks(self, job: str, *keys: str) -> None:
        """Those runs are asked for."""
        self.does(
            "from datetime import UTC, datetime\n"
            "now = datetime.now(UTC)\n"
            f"for key in {keys!r}: JobRun.objects.create(job={job!r}, key=key, asked_at=now, next_at=now)"
        )

    def run_of(self, job: str) -> dict[str, Any]:
        """The one run of that job."""
        import json

        fields = "'state', 'attempts', 'done', 'of', 'worker'"
        made = self.does(f"print(json.dumps(JobRun.objects.filter(job={job!r}).values({fields})[0]))")
        found: dict[str, Any] = json.loads(made)
        return found

    def can_be_written(self) -> bool:
        """Nobody is in the middle of writing; a server waits for nobody."""
        if not self.database.startswith("sqlite:///"):
            return True
        with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=1)) as records:
            try:
                records.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            return True

    @contextmanager
    def worker(self, *jobs: str) -> Iterator[subprocess.Popen[str]]:
        """One that does these, until the block ends; it is there when the block begins."""
        command = [
            sys.executable,
            str(SCRIPT),
            self.database,
            str(self.home),
            str(self.out),
            str(self.lease),
            *jobs,
        ]
        more = {**os.environ, **self.environment}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=more)
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "runs\n"
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.send_signal(signal.SIGCONT)
            process.wait(20)
            process.stdout.close()


def freeze(process: subprocess.Popen[str], house: House) -> None:
    """It stands still, and holds no lock of a file for whose end others would have to wait."""
    while True:
        process.send_signal(signal.SIGSTOP)
        if house.can_be_written():
            return
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)


def here(home: Path) -> House:
    """Over SQLite."""
    return House(f"sqlite:///{home / 'records.db'}", home)
