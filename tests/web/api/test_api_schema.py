"""Schemathesis over the whole API: no address answers with 500, or with what its schema does not say."""

import subprocess
import sys
from pathlib import Path

import pytest
from scripting import PLAN, scripted
from serving import served, write_paper

from unfelt.engines.rights import token_scopes

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


NAMES = """\
[parameters]
name = "split"
control_id = "testing.functional"
rollout = "paper-1"
model = "service-release"
"""


@pytest.mark.nightly
def test_no_500_and_nothing_that_the_schema_does_not_say(tmp_path: Path):
    """With a token that may do all that tokens may, over a change and a rollout that are there."""
    home, names = tmp_path / "home", tmp_path / "names.toml"
    names.write_text(NAMES)
    write_paper(home, "--ticks", "40")
    with served(home, cwd=tmp_path) as console:
        client = scripted(console, "lin", *token_scopes())
        assert client.post("/api/changes/", json={"text": PLAN}).status_code == 201
        tool = Path(sys.executable).with_name("schemathesis")
        command = [str(tool), "--config-file", str(names), "run", f"{console.base}/api/openapi.json"]
        command += ["--seed", "7", "--max-examples", "20", "--phases", "examples,coverage,fuzzing"]
        command += ["--checks", CHECKS, "--no-color", "--continue-on-failure"]
        command += ["-H", f"Authorization: {client.headers['Authorization']}"]
        told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert told.returncode == 0, told.stdout[-6000:]
