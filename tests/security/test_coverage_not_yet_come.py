"""A decision says that it covers a time that had not come: `verify` does not agree."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from tampering import bodies, rewrite, tampered

pytestmark = pytest.mark.slow
FAR = "9999-12-31T23:59:59+00:00"


def verified(home: Path) -> tuple[int, str]:
    """Exit code and what was found."""
    command = [sys.executable, "-m", "unfelt", "verify", "--home", home, "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


def far(connection: sqlite3.Connection, *, is_older: bool = False) -> None:
    """The sixth decision covers the year 9999; `is_older`: as an unfelt wrote it that did not say when it read."""
    sequence, body = bodies(connection, "decision")[5]
    if is_older:
        body.pop("read")
    rewrite(connection, sequence, body | {"until": FAR})


def test_a_decision_that_covers_the_future_is_a_fault(tmp_path: Path):
    """Even where everything after it was fitted to it; one of an older unfelt is left as it is."""
    home, older = tmp_path / "home", tmp_path / "older"
    for place in (home, older):
        asked = [str(place), "--ticks", "12", "--seed", "3"]
        subprocess.run([sys.executable, "-m", "unfelt.testing.paper", *asked], check=True)
    assert verified(home)[0] == 0
    tampered(home / "records.db", far, is_fitted=True)
    tampered(older / "records.db", lambda connection: far(connection, is_older=True), is_fitted=True)
    code, found = verified(home)
    assert (code, "when it was read" in json.dumps(json.loads(found))) == (1, True)
    assert "when it was read" not in verified(older)[1]
