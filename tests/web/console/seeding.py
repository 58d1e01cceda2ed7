"""The example organisation, seeded once for the whole test run however many workers ask for it."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

SEED = Path(__file__).parents[3] / "examples" / "organisation" / "seed.py"
PATIENCE = 240
"""Seconds for the first who asks to seed it."""


def organisation(factory: pytest.TempPathFactory) -> Path:
    """A copy of one's own: whoever comes first seeds it, the others wait."""
    base = factory.getbasetemp()
    common = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "organisation"
    try:
        common.mkdir()
    except FileExistsError:
        end = time.monotonic() + PATIENCE
        while not (common / "done").exists():
            assert time.monotonic() < end, "nobody has seeded the organisation"
            time.sleep(0.2)
    else:
        environment = {**os.environ, "UNFELT_LANG": "en"}
        command = [sys.executable, str(SEED), str(common / "seeded")]
        subprocess.run(command, check=True, capture_output=True, env=environment)
        (common / "done").touch()
    mine = factory.mktemp("organisation") / "here"
    shutil.copytree(common / "seeded", mine)
    return mine
