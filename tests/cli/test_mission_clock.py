"""What goes by business time: the age of evidence and waivers, windows; and gates that are put on record."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from unfelt.documents.load import load_change
from unfelt.rollout.preconditions import must_be_in_window
from unfelt.rollout.refusal import CannotStart

PLAN = """\
unfelt: 1
change: {id: clocked, title: Split, owner: lin@shop.example, tier: major, facts: {personal_data: none}}
needs: [{id: peak, because: Checkout times out on sale days, source: none, shown_by: A test}]
touches: [checkout]
experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
guard: {impact_budget: 150 customers}
window: {from: "FROM", to: "TO"}
people: [{id: lin, name: lin@shop.example, roles: [owner]}, {id: zhao, name: zhao, roles: [change_manager]}]
"""
PLAYBOOK = """\
unfelt: 1
playbook: {id: short, title: {en: Short, zh: 短}}
areas:
  - id: planning
    title: {en: Planning, zh: 规划}
    controls:
      - {id: planning.window, title: {en: W, zh: 窗}, question: {en: When, zh: 何时}, gates: [plan], owner: owner,
         evidence: [derived],
         least: derived, limits: {conflicts: "<= 0"}, relies_on: [/window], valid: 14d, tiers: [major]}
"""


@pytest.fixture
def desk(tmp_path: Path, empty_records: None):
    """A mission store with a plan whose window begins in two weeks."""
    from django.conf import settings

    from unfelt.cli import main

    start = datetime.now(UTC) + timedelta(days=14)
    text = PLAN.replace("FROM", f"{start:%Y-%m-%dT%H:%MZ}").replace(
        "TO", f"{start + timedelta(days=1):%Y-%m-%dT%H:%MZ}"
    )
    (tmp_path / "change.yaml").write_text(text)
    (tmp_path / "short.yaml").write_text(PLAYBOOK)
    (tmp_path / "truth.json").write_text("{}")

    def unfelt(command: str, *words: str):
        records = ["--home", str(tmp_path), "--database", settings.UNFELT_DATABASE]
        return CliRunner().invoke(main, ["--lang", "en", *command.split(), *words, *records])

    unfelt.plan = tmp_path / "change.yaml"
    unfelt.short = str(tmp_path / "short.yaml")
    before = getattr(settings, "UNFELT_KEYS", None)
    assert [unfelt(one).exit_code for one in ("mission show", "mission step 14d")] == [1, 1]
    assert unfelt("mission init", str(tmp_path / "truth.json"), "--seed", "7").exit_code == 0
    yield unfelt
    settings.UNFELT_KEYS = before


def test_it_is_made_once_stepped_and_shown(desk):
    """A second time is refused; every command about gates says what store it is."""
    truth = str(desk.plan.with_name("truth.json"))
    assert desk("mission init", truth, "--seed", "8").exit_code == 1
    assert desk("mission step", "-1d").exit_code == 2
    assert desk("mission step", "14d").exit_code == 0
    shown = json.loads(desk("mission show", "--json").stdout)
    ahead = datetime.fromisoformat(shown["now"]) - datetime.now(UTC)
    assert (shown["seed"], round(ahead / timedelta(days=1), 2)) == (7, 14.0)
    for command in ("gates", "compliance"):
        assert "Mission store" in desk(command, str(desk.plan)).stderr


def state(desk, control: str) -> str:
    """Where it stands now."""
    said = json.loads(desk("gates", str(desk.plan), "--json").stdout.splitlines()[-1])
    return next(one["state"] for one in said["controls"] if one["control"] == control)


def test_evidence_and_waivers_grow_old_by_it(desk):
    """What counts for a day is over after it; what two people let pass for a week, after that."""
    desk("evidence add backup.data", str(desk.plan), "--kind", "report", "--number", "age=1h")
    waived = ("--reason", "It comes", "--for", "7d", "--by", "zhao", "--agreed-by", "lin@shop.example")
    assert desk("waive support.team", str(desk.plan), *waived).exit_code == 0
    before = [state(desk, one) for one in ("backup.data", "support.team")]
    desk("mission step", "2d")
    between = [state(desk, one) for one in ("backup.data", "support.team")]
    desk("mission step", "6d")
    assert (before, between) == (["weak", "waived"], ["expired", "waived"])
    assert state(desk, "support.team") == "missing"


def test_the_window_is_held_against_it(desk):
    """Before it nothing begins, in it a rollout may, after it it is over."""
    from unfelt.records.business_time import business_now

    change, said = load_change(desk.plan), []
    for length in ("1h", "14d", "2d"):
        desk("mission step", length)
        try:
            must_be_in_window(change, None, at=business_now())
            said.append(state(desk, "planning.window"))
        except CannotStart:
            said.append("refused")
    assert said == ["refused", "pass", "refused"]
    assert state(desk, "planning.window") == "fail"


def test_an_open_gate_is_put_on_record(desk):
    """With what is derived for it; `verify` derives it again, also after the clock was moved."""
    assert desk("gates", str(desk.plan), "--gate", "plan", "--seal", "--playbook", desk.short).exit_code == 2
    desk("assess", str(desk.plan))
    sealed = desk("gates", str(desk.plan), "--gate", "plan", "--seal", "--playbook", desk.short)
    assert (sealed.exit_code, "Gate plan is on record as entry" in sealed.stderr) == (0, True)
    desk("mission step", "20d")
    from unfelt.records.models import Entry

    body = json.loads(Entry.objects.get(kind="gate").body)
    rests_on = Entry.objects.get(sequence=body["controls"]["planning.window"]["evidence"])
    verified = json.loads(desk("verify", "--json").stdout.splitlines()[-1])
    assert (body["gate"], json.loads(rests_on.body)["kind"], verified["faults"]) == ("plan", "derived", [])


def test_a_gate_that_is_shut_is_not(desk):
    """Nothing is written."""
    from unfelt.records.models import Entry

    shut = desk("gates", str(desk.plan), "--gate", "plan", "--seal")
    assert (shut.exit_code, Entry.objects.filter(kind="gate").count()) == (1, 0)
