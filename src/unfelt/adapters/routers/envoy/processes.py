"""Processes that are known by number and start time: a number alone may belong to somebody else by now."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Known:
    """One process, never mistaken for a later one with the same number."""

    pid: int
    started: str

    def is_alive(self) -> bool:
        """Whether this very process still runs; of a former version it is known without the boot."""
        now = started(self.pid)
        return now is not None and self.started in (now, now.partition("@")[0])

    def send(self, sign: signal.Signals) -> None:
        """The process has the signal, if it still runs."""
        if self.is_alive():
            os.kill(self.pid, sign)

    def has_ended(self, *, within: float) -> bool:
        """Whether it ends within that many seconds."""
        end = time.monotonic() + within
        while self.is_alive():
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)
        return True

    def end(self, *, grace: float) -> None:
        """It no longer runs: asked first, and killed when it has not ended after the grace."""
        self.send(signal.SIGTERM)
        if not self.has_ended(within=grace):
            self.send(signal.SIGKILL)
            self.has_ended(within=grace)


def started(pid: int) -> str | None:
    """When the process with that number began, in the system's own words; None if none runs."""
    if not Path("/proc/self/stat").exists():
        return _started_by_ps(pid)
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else f"{fields[19]}@{_boot()}"


@cache
def _boot() -> str:
    """Which start of the machine this is: its processes count their time from it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _started_by_ps(pid: int) -> str | None:
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip() or None


def known(pid: int) -> Known | None:
    """The process that has that number now."""
    began = started(pid)
    return None if began is None else Known(pid, began)
