"""`moving_clock.py PLAN HOME MOVED`: `unfelt run --json` on a machine whose clock is moved while it runs.

The file MOVED says by how many seconds the time of day is off; the steady clock goes on as it does on any machine.
"""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console

from unfelt.cli.run import EXIT, run_rollout, show_report
from unfelt.cli.session import Session
from unfelt.conf.database import home_database
from unfelt.documents.load import load_change
from unfelt.rollout.clock import Clock


@dataclass(frozen=True, slots=True)
class Moved(Clock):
    """A clock that somebody sets."""

    by: Path

    def now(self) -> datetime:
        """The time of day, off by what the file says."""
        # Explicitly Clock: a dataclass with slots is made anew, and `super()` would mean the one before.
        return Clock.now(self) + timedelta(seconds=float(self.by.read_text()))


def main(plan: Path, home: Path, moved: Path) -> int:
    """The exit code of the rollout."""
    session = Session(home, home_database(home))
    session.connect()
    console = Console(stderr=True)
    report = run_rollout(session, load_change(plan), console=console, as_json=True, clock=Moved(moved))
    show_report(report, console=console, as_json=True)
    return EXIT.get(report["final"], 3)


sys.exit(main(*map(Path, sys.argv[1:])))
