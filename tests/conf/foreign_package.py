"""A package of somebody else, installed where a Python of its own finds it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import unfelt

NAME = "maple"
OURS = Path(unfelt.__file__).parents[1]
"""Where the unfelt lies that these tests look at."""


def installed(place: Path, files: Mapping[str, str]) -> Path:
    """These files, and the entry point that names the package, as pip would have left them."""
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(dedent(text), "utf-8")
    about = place / f"{NAME}-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[unfelt.plugins]\n{NAME} = {NAME}\n")
    return place


def run(place: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """What became of `python COMMAND` where it is installed."""
    return subprocess.run(
        [sys.executable, *command],
        env={"PYTHONPATH": f"{place}{os.pathsep}{OURS}", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        cwd=place,
    )


def said(place: Path, *command: str) -> str:
    """What it prints; it has to go well."""
    done = run(place, *command)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
