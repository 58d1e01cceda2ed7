"""A change that says how carefully it is taken is not moved while go is shut."""

import json
import sys
from pathlib import Path

import pytest
from living import Library, library, until

CAREFUL = f""", emergency: true}}
candidate: "git:{"0" * 40}"
risks:
  - {{id: lost, kind: technical, what: Books are not found, chance: 1%, affects: 5 customers, response: reduce,
     trigger: refused"""
JUNIT = '<testsuite name="smoke"><testcase name="a book is found"/></testsuite>'


def answers(place: Library) -> list[tuple[str, ...]]:
    """What an emergency is asked for before anybody moves; the guard watches the trigger by itself."""
    plan, report = str(place.plan), place.plan.parent / "smoke.xml"
    report.write_text(JUNIT)
    age = f"print('{json.dumps({'age': 3600})}')"
    return [
        ("sign", "planning.requirements", plan, "--by", "wang"),
        ("sign", "team.form", plan, "--by", "zhao"),
        ("evidence", "add", "testing.functional", plan, "--kind", "report", "--file", str(report)),
        ("evidence", "add", "backup.recovery", plan, "--kind", "rows", "--number", "recovery_time=10min"),
        ("run-control", "backup.data", "--plan", plan, "--home", str(place.home), "--", sys.executable, "-c", age),
    ]


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
        *given, last = answers(place)
        assert [place.ask(*words).returncode for words in given] == [0] * 4
        still = place.run()
        assert still.end() == 3
        assert "gate go is shut. No passing evidence for: backup.data." in still.err.read_text()
        typed = ("evidence", "add", "backup.data", str(place.plan), "--kind", "report", "--number", "age=1h")
        assert place.ask(*typed).returncode == 3
        typed_run = place.run()
        assert typed_run.end() == 3  # Nobody's word opens go.
        assert place.ask(*last).returncode == 0
        guard = place.run()
        until(lambda: place.state() == "baseline", what="baseline")
        assert guard.process.poll() is None
        opened = place.rows("SELECT body FROM records_entry WHERE kind = 'gate'")
        assert len(opened) == 1
        assert '"team.form":{"evidence":' in opened[0]["body"]
        derived = place.rows("SELECT body FROM records_entry WHERE kind = 'evidence' AND body LIKE '%upto%'")
        assert "risk.monitor" in [json.loads(one["body"])["control"] for one in derived]
        assert place.ask("verify").returncode == 0
