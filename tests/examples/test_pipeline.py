"""The example for pipelines, played against a console."""

import os
import subprocess
from pathlib import Path

import pytest
from scripting import PLAN, scripted
from serving import served

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "examples" / "pipeline" / "release.sh"
JUNIT = '<testsuite name="t"><testcase name="a" classname="b"/></testsuite>'


def test_a_pipeline_saves_its_plan_brings_its_report_and_is_told_what_holds_it(tmp_path: Path):
    """Twice: the second time it edits the plan that is there. A plan that does not hold ends it before."""
    plan, report = tmp_path / "change.yaml", tmp_path / "junit.xml"
    report.write_text(JUNIT)
    with served(tmp_path / "home", cwd=tmp_path) as console:
        client = scripted(console, "lin", "read", "write", "sign", "move")
        token = client.headers["Authorization"].removeprefix("Bearer ")
        environment = {**os.environ, "UNFELT": console.base, "UNFELT_TOKEN": token}

        def play() -> subprocess.CompletedProcess[str]:
            command = [str(SCRIPT), str(plan), str(report)]
            return subprocess.run(
                command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )

        plan.write_text(PLAN.replace("change: {id", "change:\n  {id").replace("{id: split", "{\n  id: split"))
        first = play()
        assert (first.returncode, "is shut" in first.stdout) == (1, True), first
        assert client.get("/api/changes/split/controls/testing.functional/").json()["state"] == "pass"
        assert play().returncode == 1
        assert client.get("/api/changes/split/plan/").json()["number"] == 2
        plan.write_text(plan.read_text().replace("margin: 1%", "margin: one"))
        assert play().returncode == 2
