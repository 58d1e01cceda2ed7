"""Rollouts begun from the console: each is `unfelt run` in a process of its own, which outlives the console."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from unfelt.conf.language import language
from unfelt.records.models import Rollout

_begun: list[subprocess.Popen[bytes]] = []
LINES = 12
"""Of what a process that ended has said."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """What became of a rollout that was begun from here: it starts, or has ended and said so."""

    is_starting: bool
    said: str


def begin(change: str) -> None:
    """The newest plan of the change is run. Beginning twice is beginning once: only one guard can be at work."""
    home: Path = settings.UNFELT_HOME
    note = _note(change)
    note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lang = "zh" if language() == "zh-hans" else "en"
    command = [sys.executable, "-m", "unfelt", "--lang", lang, "run", "--recorded", change, "--home", str(home)]
    # Not among the arguments, which everybody on the machine can read: it may hold a password.
    environment = {**os.environ, "UNFELT_DATABASE": settings.UNFELT_DATABASE}
    with note.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    _begun.append(process)
    note.write_text(json.dumps({"change": change, "process": process.pid}))


def begin_again(home: Path) -> None:
    """What was begun from a console and was interrupted, by a restart of the machine for one, goes on."""
    for note in sorted((home / "begun").glob("*.json")):
        said = json.loads(note.read_text())
        if Rollout.objects.filter(change=said["change"], ended=None).exists() and not _is_alive(said["process"]):
            begin(said["change"])


def beginning_of(change: str) -> Beginning | None:
    """How the process that was begun last for the change fares; None where none was, or a rollout is under way."""
    note = _note(change)
    if not note.exists() or Rollout.objects.filter(change=change, ended=None).exists():
        return None
    if _is_alive(json.loads(note.read_text())["process"]):
        return Beginning(True, "")
    lines = note.with_suffix(".log").read_text(errors="replace").strip().splitlines()
    return Beginning(False, "\n".join(lines[-LINES:]))


def _is_alive(process: int) -> bool:
    for one in _begun:
        one.poll()  # Who has ended is let go.
    try:
        state = Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False
    return b"unfelt" in state


def _note(change: str) -> Path:
    return Path(settings.UNFELT_HOME) / "begun" / f"{change}.json"
