"""A change that nothing is asked of, and one of which less is asked than before."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from django.conf import settings
from doors_house import a_change, a_plan, a_team, in_team, unique

from unfelt.cli import main
from unfelt.documents.change import Change
from unfelt.documents.load import CHANGE, SHIPPED, load_text
from unfelt.documents.revision import revise
from unfelt.engines.ledger.actions import keep_plan
from unfelt.rollout.preconditions import must_be_let_go
from unfelt.rollout.refusal import CannotStart

ROLLOUT = "rollout: {old: 'http://127.0.0.1:9001', new: 'http://127.0.0.1:9002'}\n"
LOWER = {
    "no tier": (", tier: normal", ""),
    "standard, for a reason of one's own": ("tier: normal", "tier: standard, tier_because: It is small"),
    "an emergency": ("tier: normal", "emergency: true"),
}


def parsed(text: str) -> Change:
    """The plan in the text."""
    return load_text(text, CHANGE, file="change.yaml").document


def on_record(text: str) -> Change:
    """A plan that came as a file."""
    change = parsed(text)
    written = revise(change)
    keep_plan(
        name=change.change.id, digest=written.digest, document=written.canonical, at=datetime.now(UTC), by="cli"
    )
    return change


def edited(script, name: str, old: str, new: str):
    """The answer to an edit of the plan."""
    plan = script.ask("get", f"/api/changes/{name}/plan/").json()
    text = plan["text"].replace(old, new)
    assert text != plan["text"]
    return script.ask("put", f"/api/changes/{name}/plan/", json={"text": text, "based_on": plan["number"]})


def go(script, name: str):
    """Taken as what, and whether anything holds it."""
    shown = script.ask("get", f"/api/changes/{name}/").json()
    return shown["tier"], any(
        gate["holding"] for gate in shown["gates"] if gate["gate"] in ("plan", "ready", "go")
    )


def test_a_plan_that_does_not_say_is_not_taken():
    """By API, by form, as an edit."""
    team = a_team()
    owner = in_team(team, ["owner"])
    text = a_plan(unique("none"), team).replace(", tier: normal", "")
    told = owner.script().ask("post", "/api/changes/", json={"text": text})
    assert (told.status_code, told.json()["problems"][0]["field"]) == (422, "change.tier")
    page = owner.browser().post("/new/yaml/", {"text": text, "do": "save"})
    assert (page.status_code, "how carefully" in page.content.decode()) == (409, True)


def test_one_that_came_as_a_file_does_not_begin_from_the_console():
    """Neither by API nor by the button; the command over what is on record neither."""
    team = a_team()
    name = unique("file")
    change = on_record(a_plan(name, team).replace(", tier: normal", "") + ROLLOUT)
    operator = in_team(team, ["operator"])
    told = operator.script().ask("post", f"/api/changes/{name}/begin/")
    assert (told.status_code, "how carefully" in told.json()["error"]) == (409, True)
    browser = operator.browser()
    assert browser.post(f"/changes/{name}/begin/").status_code == 302
    assert "Begin the rollout" not in browser.get(f"/changes/{name}/").content.decode()
    with pytest.raises(CannotStart):
        must_be_let_go(change, None, at=datetime.now(UTC), must_say=True)


def test_the_playbooks_tier_holds_where_the_plan_does_not_say(tmp_path, monkeypatch):
    """Such a plan is taken, and gates hold it, from the command line too."""
    own = tmp_path / "own.yaml"
    own.write_text(SHIPPED.read_text().replace("  id: architecture-change\n", "  id: own\n  tier: major\n", 1))
    monkeypatch.setenv("UNFELT_PLAYBOOK", str(own))
    team = a_team()
    name = a_change(team, more={", tier: normal": ""})
    script = in_team(team, ["operator"]).script()
    assert go(script, name) == ("major", True)
    with pytest.raises(CannotStart):
        must_be_let_go(parsed(a_plan(name, team).replace(", tier: normal", "")), None, at=datetime.now(UTC))


@pytest.mark.parametrize("way", [*LOWER][1:])
def test_less_than_before_holds_once_a_second_member_agrees(way):
    """Not before; not by who wrote it, not by who has no such role, not by another team's; and once."""
    team = a_team()
    name = a_change(team)
    writer = in_team(team, ["owner", "change_manager"])
    script = writer.script()
    before = go(script, name)
    assert edited(script, name, *LOWER[way]).status_code == 200
    assert go(script, name) == before == ("normal", True)
    path = f"/api/changes/{name}/tier/"
    assert script.ask("post", path).status_code == 409
    assert in_team(team, ["requester"]).script().ask("post", path).status_code == 403
    assert in_team(team, ["owner"]).script().ask("post", path).status_code == 403
    assert in_team(a_team(), ["approver"]).script().ask("post", path).status_code == 404
    approver = in_team(team, ["approver"])
    assert approver.script("read", "sign").ask("post", path).status_code == 403
    assert approver.script().ask("post", path).status_code == 201
    assert go(script, name)[0] == ("emergency" if way == "an emergency" else "standard")
    assert approver.script().ask("post", path).status_code == 409


def test_the_console_shows_it_and_takes_the_agreement():
    """A button for who may, and none for others."""
    team = a_team()
    name = a_change(team)
    edited(in_team(team, ["owner"]).script(), name, *LOWER["an emergency"])
    owner, approver = in_team(team, ["owner"]).browser(), in_team(team, ["approver"]).browser()
    shown = [one.get(f"/changes/{name}/").content.decode() for one in (owner, approver)]
    assert [("less than before" in one, "Agree to less" in one) for one in shown] == [(True, False), (True, True)]
    assert approver.post(f"/changes/{name}/tier/").status_code == 302
    assert "less than before" not in approver.get(f"/changes/{name}/").content.decode()


def test_lowered_twice_and_raised_again_the_first_still_holds():
    """What nobody has agreed to is not forgotten by going round; more than before takes nobody's word."""
    team = a_team()
    name = a_change(team, tier="major")
    script = in_team(team, ["owner"]).script()
    edited(script, name, "tier: major", "tier: normal")
    edited(script, name, "tier: normal", "emergency: true")
    edited(script, name, "emergency: true", "tier: normal")
    assert go(script, name)[0] == "major"
    in_team(team, ["approver"]).script().ask("post", f"/api/changes/{name}/tier/")
    assert go(script, name)[0] == "normal"
    edited(script, name, "tier: normal", "tier: major")
    assert go(script, name)[0] == "major"
    assert in_team(team, ["approver"]).script().ask("post", f"/api/changes/{name}/tier/").status_code == 409


@pytest.mark.parametrize("way", LOWER)
def test_a_file_that_asks_for_less_than_what_is_on_record_is_held(tmp_path, way):
    """From the command line too, whether it was put on record first or not; two people let it go."""
    name = unique("cli")
    text = a_plan(name, "x").replace(", team: x", "") + ROLLOUT
    on_record(text)
    lower = parsed(text.replace(*LOWER[way]))
    with pytest.raises(CannotStart):
        must_be_let_go(lower, None, at=datetime.now(UTC))
    plan = tmp_path / "change.yaml"
    plan.write_text(text.replace(*LOWER[way]))
    records = ["--home", str(tmp_path), "--database", settings.UNFELT_DATABASE]
    alone = CliRunner().invoke(main, ["lower", str(plan), "--by", "lin", "--agreed-by", "lin@x.example", *records])
    assert alone.exit_code == 2
    with pytest.raises(CannotStart):
        must_be_let_go(lower, None, at=datetime.now(UTC))
    both = CliRunner().invoke(main, ["lower", str(plan), "--by", "lin", "--agreed-by", "wang", *records])
    assert both.exit_code == 0, both.output
    if way == "no tier":
        assert must_be_let_go(lower, None, at=datetime.now(UTC)) is None


def test_the_command_line_says_loudly_that_no_gate_holds(tmp_path):
    """Before anything else happens."""
    plan = tmp_path / "change.yaml"
    text = a_plan(unique("loud"), "x").replace(", team: x", "").replace(", tier: normal", "")
    plan.write_text(text + ROLLOUT)
    records = ["--home", str(tmp_path / "home"), "--database", settings.UNFELT_DATABASE]
    told = CliRunner().invoke(main, ["--lang", "en", "run", str(plan), *records])
    assert (told.exit_code, "NO GATE HOLDS THIS CHANGE" in told.output) == (3, True)


def test_a_change_is_a_part_of_none_that_its_writer_may_not_open():
    """Nor of one that is not there, nor of itself: told alike."""
    mine, theirs = a_team(), a_team()
    hidden, own = a_change(theirs), a_change(mine)
    owner = in_team(mine, ["owner"]).script()
    new = unique("part")

    def told(parent: str) -> int:
        text = a_plan(new, mine).replace("owner: wang", f"owner: wang, part_of: {parent}")
        answer = owner.ask("post", "/api/changes/", json={"text": text})
        return answer.status_code, [one["what"] for one in answer.json().get("problems", [])]

    refused = [told(parent) for parent in (hidden, "not-there", new)]
    assert refused == [refused[0]] * 3
    assert refused[0][0] == 422
    assert told(own)[0] == 201
