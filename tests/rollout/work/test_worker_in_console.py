"""The console with its worker inside, and without."""

import subprocess
import sys
from pathlib import Path

import pytest
from serving import served
from several import until

pytestmark = pytest.mark.slow
NOBODY = "Nobody is told anything: no worker runs"


def health(home: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What `unfelt health` says."""
    command = [sys.executable, "-m", "unfelt", "--lang", "en", "health", "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_console_has_a_worker_inside(home: Path):
    """It does what is due, and is gone with the console."""
    with served(home) as console:
        until(lambda: health(home, console.environment).returncode == 0)
        assert NOBODY not in console.known().get("/").text
        environment = console.environment
    gone = health(home, environment)
    assert (gone.returncode, NOBODY in gone.stdout) == (1, True)


def test_a_console_without_one_says_so_until_another_runs(home: Path):
    """On every page; a worker beside it is enough."""
    with served(home, "--no-worker") as console:
        ann = console.known()
        assert NOBODY in ann.get("/").text
        command = [sys.executable, "-m", "unfelt", "worker", "--home", str(home)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=console.environment) as worker:
            until(lambda: NOBODY not in ann.get("/").text)
            worker.terminate()
            assert worker.wait(20) == 0
