"""unfelt pin and unpin, where no rollout is under way."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation whose rollout, on paper, has ended."""
    place = tmp_path_factory.mktemp("pin") / "home"
    paper = [sys.executable, "-m", "unfelt.testing.paper", str(place), "--wide", "--ticks", "60"]
    subprocess.run(paper, check=True)
    return place


def said(home: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and everything that is printed."""
    command = [sys.executable, "-m", "unfelt", "--lang", "en", *arguments, "--home", str(home)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout + ran.stderr


def test_which_rollout_is_asked_where_none_is_under_way(home: Path):
    """With how to name it."""
    code, text = said(home, "pin", "somebody")
    assert (code, "Which rollout? Under way: –. Name it: --rollout NAME" in text) == (2, True)


def test_one_that_has_ended_is_found_by_name(home: Path):
    """Its router, which was never there on paper, is what is missing."""
    code, text = said(home, "unpin", "--all", "--rollout", "paper")
    assert (code != 0, "There is no router in" in text, "127.0.0.1-1" in text) == (True, True, True)


def test_an_unknown_one_is_said(home: Path):
    """With those that are known."""
    code, text = said(home, "unpin", "--all", "--rollout", "other")
    assert (code, "Known changes: paper" in text) == (2, True)
