"""judge and calibrate say where the recording holds nothing, and show on stderr how far they have come."""

import json
import os
import pty
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from unfelt.cli import main

BEGAN = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLAN = """\
unfelt: 1
change: {id: split, title: Split, owner: lin@shop.example}
experience:
  customer: column:customer
  observe: 0s
  metrics: [{id: failed, bad: "status >= 500", margin: 3%}]
guard: {impact_budget: 150 customers, tick: 10s UNMEASURED}
"""
SAID = "nothing was recorded from 2026-11-23 12:10:00 UTC to 2026-11-23 12:25:00 UTC"


def recording(folder, *, borne=""):
    """A row a second for an hour in a zone of its own, less a quarter of an hour."""
    draw = random.Random(1)
    (folder / "change.yaml").write_text(PLAN.replace("UNMEASURED", borne))
    rows = ["time,customer,arm,status"]
    for n in [*range(601), *range(1500, 3600)]:
        at = (BEGAN + timedelta(seconds=n, hours=8)).strftime("%Y-%m-%dT%H:%M:%S+08:00")
        rows.append(f"{at},c{n},{draw.choice(('old', 'new'))},200")
    (folder / "rows.csv").write_text("\n".join(rows) + "\n")
    return [str(folder / name) for name in ("change.yaml", "rows.csv")]


def told(*arguments):
    """What a command prints, in one line."""
    return " ".join(CliRunner().invoke(main, ["--lang", "en", *arguments]).stdout.split())


@pytest.mark.parametrize(("borne", "is_said"), [("", True), (", unmeasured: 20m", False)])
def test_judge_says_where_nothing_was_recorded(tmp_path, borne, is_said):
    """In UTC, where it is longer than the plan bears."""
    files = recording(tmp_path, borne=borne)
    assert (SAID in told("judge", *files, "--share", "0.5")) is is_said
    gaps = json.loads(told("judge", *files, "--share", "0.5", "--json"))["account"]["gaps"]
    assert gaps == [{"from": "2026-11-23T12:10:00+00:00", "to": "2026-11-23T12:25:00+00:00"}] * is_said


@pytest.mark.slow
def test_calibrate_says_it_too(tmp_path):
    """On the terminal and in JSON."""
    files = recording(tmp_path)
    options = ("--runs", "1", "--each", "1", "--harm", "30%", "--workers", "1")
    assert SAID in told("calibrate", *files, *options)
    gaps = json.loads(told("calibrate", *files, *options, "--json"))["record"]["gaps"]
    assert [gap["from"] for gap in gaps] == ["2026-11-23T12:10:00+00:00"]


@pytest.mark.slow
def test_nothing_of_progress_is_piped(tmp_path):
    """Where stderr is a file nothing is in it."""
    done = subprocess.run(
        [sys.executable, "-m", "unfelt", "judge", *recording(tmp_path), "--share", "0.5", "--json"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.stderr, json.loads(done.stdout)["final"]) == ("", "promote")


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal(tmp_path):
    """What is being done; the answer goes to stdout as ever."""
    master, terminal = pty.openpty()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "unfelt",
            "--lang",
            "en",
            "judge",
            *recording(tmp_path),
            "--share",
            "0.5",
            "--json",
        ],
        stdout=subprocess.PIPE,
        stderr=terminal,
        env=os.environ | {"TERM": "xterm"},
        check=False,
        text=True,
    )
    os.close(terminal)
    assert "Reading the recording" in os.read(master, 100_000).decode()
    assert json.loads(done.stdout)["final"] == "promote"
    os.close(master)
