"""A rollout whose guard was killed is evidence for its change all the same."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from planned import a_change

from unfelt.engines.jobs import Call
from unfelt.engines.ledger.gates.reading import evidence_of
from unfelt.records.models import ChangeRow, Rollout
from unfelt.rollout.jobs import note_ends

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def call() -> Call:
    """As a worker makes it."""
    return Call(NOW, "tick", Path("/nowhere"), "https://x", {}, 0, lambda *_said: None, lambda: False)


def ended(change: str) -> str:
    """The rollout of a change that nobody noted."""
    a_change(change)
    revision = ChangeRow.objects.get(name=change).revision
    more = {"revision": revision, "attempt": 1, "state": "taken_back", "budget": 40, "directory": ""}
    Rollout.objects.create(id=f"{change}-1", change=change, began=NOW, ended=NOW, state_since=NOW, **more)
    return f"{change}-1"


def rollouts_noted(change: str) -> list[str]:
    """Those that are evidence."""
    return [one.payload["rollout"] for one in evidence_of(change) if one.kind == "rollout"]


def test_what_nobody_noted_is_noted_once():
    """Whichever worker comes first, and however often."""
    rollout = ended("nobody-noted")
    note_ends(call())
    found = rollouts_noted("nobody-noted")
    assert set(found) == {rollout}
    note_ends(call())
    assert rollouts_noted("nobody-noted") == found


def test_a_playbook_that_cannot_be_read_is_the_failure_of_the_job(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """And what it could not note is noted once it can be read."""
    rollout = ended("no-playbook")
    monkeypatch.setenv("UNFELT_PLAYBOOK", str(tmp_path / "gone.yaml"))
    with pytest.raises(Exception, match=r"gone\.yaml"):
        note_ends(call())
    monkeypatch.delenv("UNFELT_PLAYBOOK")
    note_ends(call())
    assert set(rollouts_noted("no-playbook")) == {rollout}
