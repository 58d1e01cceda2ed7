"""The console beside a demo: the three acts in a browser, as they happen."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unfelt.conf.language import _, language

GRACE = 5
"""Seconds for the console to end after it was asked to."""


@contextmanager
def console_of(home: Path) -> Iterator[str]:
    """What it says once it listens: its link, or why there is none. It is gone after the block."""
    lang = "zh" if language() == "zh-hans" else "en"
    command = (
        sys.executable,
        "-m",
        "unfelt",
        "--lang",
        lang,
        "serve",
        "--home",
        str(home),
        "--listen",
        "127.0.0.1:0",
    )
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline().strip() if process.stdout else ""
        yield line or _("The console did not start; the demo goes on without it.")
    finally:
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
