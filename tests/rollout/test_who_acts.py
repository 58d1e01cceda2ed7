"""Who goes back and who decides, and what an earlier attempt leaves, on a live rollout."""

from functools import partial
from pathlib import Path

import pytest
from living import Library, at_once, library, until, visited

ATTEMPTS = 24
"""So many at most until four customers are used up: what goes back because nobody could look has affected none."""


def open_proposal(place: Library) -> str:
    """What the guard proposes now, or nothing."""
    rows = place.rows("SELECT action FROM records_proposal WHERE withdrawn_at IS NULL AND confirmed_at IS NULL")
    return rows[0]["action"] if rows else ""


def harm_in_back_mode(home: Path) -> tuple[list[str], int, bool]:
    """A harmful build in mode `back`: a person lets customers onto new, and then does nothing."""
    with library(home, fault="mobile", mode="back") as place, visited(place) as (guard, _record):
        until(lambda: open_proposal(place), what="the proposal to widen")
        before = [f"on new before: {place.share():.0%}"]
        assert place.ask("confirm").returncode == 0
        code = guard.end()
        agreed = [body["action"] for body in place.entries("confirmed")]
        return before + agreed, code, "“refused” is worse on new" in guard.report()["because"]


def spent_and_held(home: Path) -> tuple[bool, str, str, int]:
    """A budget too small for a proof, in a plan that holds once it is spent; then a person acts."""
    settings = {"margin": "0.5%", "budget": "5", "baseline": "1s", "when_spent": "hold"}
    with library(home, **settings) as place, visited(place) as (guard, _record):
        until(lambda: place.state() == "spent", what="the budget to be spent")
        held = place.share() == 0 and guard.process.poll() is None
        answer = place.ask("back")
        code = guard.end()
        return held, answer.stderr, guard.report()["because"], code


@pytest.mark.slow
def test_the_plan_says_who_acts(tmp_path: Path):
    """In mode `back` the guard goes back by itself; a spent budget is held for a person where the plan says so."""
    back, spent = at_once(
        partial(harm_in_back_mode, tmp_path / "back"), partial(spent_and_held, tmp_path / "spent")
    )
    assert back == (["on new before: 0%", "widen"], 1, True)
    assert spent == (True, "", "taken back by hand", 1)


@pytest.mark.slow
def test_a_used_up_budget_stops_the_next_attempt_until_it_is_reset_on_record(tmp_path: Path):
    """What the first attempt may have affected is gone; a person who resets it is named with the reason."""
    settings = {"fault": "mobile", "margin": "0.5%", "budget": "4", "baseline": "1s"}
    with library(tmp_path / "home", **settings) as place, visited(place) as (guard, _record):
        codes = [guard.end()]
        while codes[-1] == 1 and len(codes) < ATTEMPTS:
            refused = place.run()
            codes.append(refused.end())
        told = place.rows("SELECT status FROM records_rollout ORDER BY began")
        assert (set(codes[:-1]), codes[-1]) == ({1}, 3), told
        assert "earlier attempts have used up the impact budget of 4 customers" in refused.err.read_text()
        again = place.run("--reset-budget", "the fault was found and mended")
        until(lambda: place.state() == "baseline", what="the next attempt")
        assert again.process.poll() is None
        reset = [(body["change"], body["reason"]) for body in place.entries("budget_reset")]
        assert reset == [("catalogue", "the fault was found and mended")]
        attempts = place.rows("SELECT attempt, budget FROM records_rollout ORDER BY began")
        assert attempts[-1] == {"attempt": 1, "budget": 4}
