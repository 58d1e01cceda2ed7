"""What no metric of the plan names, between real programs: it is found, holds, goes back, or is accepted."""

import json
from pathlib import Path

import pytest
from living import Library, at_once, library, until, visited

pytestmark = pytest.mark.slow


def refused(place: Library) -> list[dict]:
    """Differences on record that say the refusal."""
    return [one for one in place.entries("difference") if one["feature"]["value"] == "403"]


def accepted(place: Library) -> bool:
    """All that waits was accepted by now; something may be found after that, and is accepted the next time."""
    told = place.ask("differences", "--accept", "all", "--reason", "members only from today on")
    assert told.returncode == 0 or "Nothing waits" in told.stderr or "has ended" in told.stderr, told.stderr
    return False


def test_a_refusal_that_no_metric_names_holds_until_somebody_accepts_it(tmp_path: Path):
    """New refuses phones: what the plan names is proved, nobody is promoted; accepted with a reason it goes on."""
    with library(tmp_path / "home", fault="closed") as place, visited(place) as (guard, _record):
        until(lambda: refused(place), what="the refusal is found")
        until(lambda: "All that the plan names is proved" in guard.out.read_text(), what="proved, and held")
        listed = place.ask("differences", "--json")
        assert place.state() == "watching"
        shown = json.loads(listed.stdout)
        assert (listed.returncode, shown["waiting"] > 0) == (1, True)
        unsaid = place.ask("differences", "--accept", "1")
        assert (unsaid.returncode, "Say why" in unsaid.stderr) == (2, True)
        until(lambda: guard.process.poll() is not None or accepted(place), what="promoted to the end")
        assert guard.end() == 0, guard.err.read_text()
        report = guard.report()
        assert report["final"] == "done"
        assert [one["accepted"]["reason"] for one in report["differing"]["lines"] if one["held"]] == [
            "members only from today on"
        ] * sum(one["held"] for one in report["differing"]["lines"])
        assert place.ask("verify").returncode == 0


def test_a_plan_goes_back_by_it_or_has_it_reported_only(tmp_path: Path):
    """`unregistered: back` ends on old, with what was found as the reason; `report` promotes, and says it."""

    def ends(mode: str) -> dict:
        scene = library(tmp_path / mode, fault="closed", careful="", waits=f", unregistered: {mode}")
        with scene as place, visited(place) as (guard, _record):
            guard.end()
            report = guard.report()
            assert place.ask("verify").returncode == 0
            return report

    back, reported = at_once(lambda: ends("back"), lambda: ends("report"))
    assert (back["final"], reported["final"]) == ("back", "done")
    assert "old" in back["because"]
    assert any("403" in json.dumps(line) for line in reported["differing"]["lines"])
    assert back["customers"]["exposed"] < 120
