"""The demo."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from unfelt.cli import main
from unfelt.cli.demo.acts import ACTS
from unfelt.cli.demo.plan import write_plan
from unfelt.documents.load import load_change

SLOW, LOSSY, GOOD = ACTS


def report(
    final: str, *, metric: str | None = None, segment: str | None = None, at_most: int = 5
) -> dict[str, Any]:
    """A report of an act."""
    return {
        "final": final,
        "metric": metric,
        "segment": segment,
        "affected": {"at_most": at_most, "budget": 40},
    }


@pytest.mark.parametrize(
    ("act", "given", "right"),
    [
        (SLOW, report("back", metric="slow_checkout", segment="device=phone"), True),
        (SLOW, report("back", metric="slow_checkout"), False),
        (SLOW, report("back", metric="failed", segment="device=phone"), False),
        (SLOW, report("done"), False),
        (LOSSY, report("back", metric="lost_order"), True),
        (LOSSY, report("back", metric="lost_order", at_most=41), False),
        (GOOD, report("done"), True),
        (GOOD, report("back", metric="failed"), False),
    ],
)
def test_an_act_is_right_only_for_the_right_reason_and_within_the_budget(act, given, right):
    """A lucky end does not count."""
    assert act.is_right(given) is right


def test_the_plan_of_every_act_is_the_same_and_sound(tmp_path: Path):
    """Nothing in the plan tells which build it is about."""
    where = {
        "listen": "127.0.0.1:8080",
        "old": "http://127.0.0.1:1",
        "new": "http://127.0.0.1:2",
        "data": tmp_path,
    }
    path = write_plan(tmp_path / "change.yaml", id="checkout-split-7-1", **where)
    assert load_change(path).guard.impact_budget == 40
    assert not any(act.build in path.read_text() for act in (SLOW, LOSSY))


def test_a_directory_with_other_things_is_not_emptied(tmp_path: Path):
    """Only a former demo's directory is ever cleared."""
    (tmp_path / "precious").write_text("mine")
    result = CliRunner().invoke(main, ["demo", "--home", str(tmp_path)])
    assert (result.exit_code, (tmp_path / "precious").read_text()) == (2, "mine")


@pytest.mark.slow
def test_an_act_played_from_the_command_line_ends_right(tmp_path: Path):
    """The README's first command, shortened: everything of it lies in the one directory."""
    ran = subprocess.run(
        [sys.executable, "-m", "unfelt", "--lang", "en", "demo", "--act", "2", "--home", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (ran.returncode, "1 of 1 acts ended right" in ran.stdout) == (0, True), ran.stdout + ran.stderr
