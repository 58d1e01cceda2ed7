"""A change that says how carefully it is taken is not moved while go is shut."""

from pathlib import Path

import pytest
from living import Library, library, until

CAREFUL = """, emergency: true}
probes:
  - {control: testing.monitoring, target: "tcp://127.0.0.1:9", expect: closed"""
BEFORE = (
    ("sign", "planning.requirements", "--by", "wang"),
    ("sign", "team.form", "--by", "zhao"),
    ("evidence", "add", "testing.functional", "--kind", "report", "--number", "unexplained_differences=0"),
    ("evidence", "add", "backup.recovery", "--kind", "rows", "--number", "recovery_time=10min"),
    ("evidence", "add", "backup.data", "--kind", "report", "--number", "age=1h"),
    ("probe",),
)
"""What an emergency is asked for before anybody moves."""


def told(place: Library, command: str, *options: str) -> int:
    """The exit code of a command about the plan."""
    words = [command, *options]
    at = words.index("add") + 2 if "add" in words else min(2, len(words))
    return place.ask(words[0], *words[1:at], str(place.plan), *words[at:]).returncode


@pytest.mark.slow
def test_an_emergency_moves_once_its_six_controls_are_answered_and_not_before(tmp_path: Path):
    """Refused with the controls that hold it; five of six are not enough; with the sixth it begins."""
    with library(tmp_path / "home", careful=CAREFUL, baseline="60s") as place:
        refused = place.run()
        assert (refused.end(), place.state()) == (3, "")
        assert (
            "gate plan is shut. No passing evidence for: planning.requirements, team.form."
            in refused.err.read_text()
        )
        assert [told(place, *words) for words in BEFORE[:-1]] == [0] * 5
        still = place.run()
        assert still.end() == 3
        assert "gate go is shut. No passing evidence for: testing.monitoring." in still.err.read_text()
        assert told(place, *BEFORE[-1]) == 0
        guard = place.run()
        until(lambda: place.state() == "baseline", what="baseline")
        assert guard.process.poll() is None
        opened = place.rows("SELECT body FROM records_entry WHERE kind = 'gate'")
        assert len(opened) == 1
        assert '"team.form":{"evidence":' in opened[0]["body"]
