"""Running programs of the example shop."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


@contextmanager
def running(module: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """One program of the shop; told to stop at the end, and waited for."""
    command = [sys.executable, "-m", module, *options]
    with subprocess.Popen(
        command, cwd=EXAMPLES, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=30)


def address(process: subprocess.Popen[str]) -> str:
    """Where a started server listens, once it is ready."""
    assert process.stdout is not None
    word, url, *_ = process.stdout.readline().split()
    assert word == "ready"
    return url
