"""Evidence that is typed: by whom, of which kind, for what; the same at every door."""

import pytest
from click.testing import CliRunner
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from doors_house import ROLES, a_change, a_plan, a_team, in_team, someone

from unfelt.cli import main
from unfelt.conf import plugins
from unfelt.documents.load import SHIPPED, load_playbook
from unfelt.engines.ledger.gates.reading import evidence_of
from unfelt.engines.people.actions import put_in_team
from unfelt.records.models import Team

CONTROLS = {control.id: control for control in load_playbook().controls}
OURS = ("rollout", "judgement", "probe", "command")
TAKERS = [(control.id, kind) for control in CONTROLS.values() for kind in control.evidence if kind in OURS]


def bringers(control):
    """The control's owner, and whom the playbook names beside them."""
    return [CONTROLS[control].owner, *CONTROLS[control].brought_by]


@pytest.fixture(scope="module")
def team():
    """A team with one change that is asked for every control."""
    name = a_team()
    return name, a_change(name, tier="major")


def typed(control, kind):
    """What would pass, if it were taken: each limit met."""
    limits = CONTROLS[control].limits
    return {"kind": kind, "number": [f"{name}={str(limit)[3:]}" for name, limit in limits.items()]}


@pytest.mark.parametrize(("control", "kind"), TAKERS)
def test_what_unfelt_makes_is_brought_by_nobody(team, control, kind):
    """Not by the control's owner with every scope, by API or console: nothing is on record."""
    name = team[1]
    owner = in_team(team[0], bringers(control))
    path = f"changes/{name}/controls/{control}/evidence/"
    told = owner.script().ask("post", f"/api/{path}", data=typed(control, kind))
    assert (told.status_code, "made by unfelt itself" in told.json()["error"]) == (409, True)
    page = owner.browser().post(f"/{path}", {"kind": kind})
    assert page.status_code == 409
    assert [one for one in evidence_of(name) if one.control == control and one.kind == kind] == []


@pytest.mark.parametrize("role", ROLES)
def test_evidence_takes_the_controls_role(team, role):
    """Whoever holds another one is refused, by API and console; whoever holds it is not."""
    name, wrong = team[1], {}
    one = in_team(team[0], [role]) if role != "admin" else someone(["admin"])
    script, browser = one.script(), one.browser()
    for control in ("cost.optimisation", "communication.in_flight", "backup.recovery", "compliance.report"):
        known = CONTROLS[control]
        path = f"changes/{name}/controls/{control}/evidence/"
        sent = script.ask("post", f"/api/{path}", data=typed(control, "rows"))
        page = browser.post(f"/{path}", {"kind": "rows"})
        sign = browser.post(f"/changes/{name}/controls/{control}/sign/", {"answer": "yes"})
        may = role in bringers(control) and role != "auditor"
        signs = role == known.owner and role != "auditor"
        if (sent.status_code == 201, page.status_code != 403, sign.status_code != 403) != (may, may, signs):
            wrong[control] = (sent.status_code, page.status_code, sign.status_code)
    assert wrong == {}


@pytest.mark.slow
def test_a_requester_who_types_everything_opens_no_gate():
    """Every control in every kind that it takes, with numbers that are within its limits."""
    team = a_team()
    name = a_change(team, tier="normal")
    script = in_team(team, ["requester"]).script()
    before = script.ask("get", f"/api/changes/{name}/").json()["gates"]
    taken = [
        (control.id, kind)
        for control in CONTROLS.values()
        for kind in plugins.names("evidence")
        if script.ask(
            "post", f"/api/changes/{name}/controls/{control.id}/evidence/", data=typed(control.id, kind)
        ).status_code
        == 201
    ]
    owners = {CONTROLS[control].owner for control, _kind in taken}
    assert owners <= {"requester"}
    after = script.ask("get", f"/api/changes/{name}/").json()["gates"]
    assert [one["is_open"] for one in after if one["gate"] in ("go", "proof", "close")] == [False] * 3
    assert [one["is_open"] for one in before] == [one["is_open"] for one in after]


def test_roles_in_one_team_bring_nothing_for_another():
    """Its change is not there for them."""
    mine, theirs = a_team(), a_team()
    name = a_change(theirs)
    owner = in_team(mine, ROLES[:-1])
    path = f"changes/{name}/controls/cost.budget/evidence/"
    assert owner.script().ask("post", f"/api/{path}", data={"kind": "rows"}).status_code == 404
    assert owner.browser().post(f"/{path}", {"kind": "rows"}).status_code == 404


def test_a_change_is_not_given_to_a_team_in_which_the_giver_holds_more():
    """A requester here who is an owner there would else sign there for what belongs here."""
    here, there = a_team(), a_team()
    name = a_change(here)
    one = in_team(here, ["requester"])
    put_in_team(one.member, Team.objects.get(pk=there), ["owner"], by="t", at=one.member.joined_at)
    script = one.script()
    plan = script.ask("get", f"/api/changes/{name}/plan/").json()
    told = script.ask(
        "put",
        f"/api/changes/{name}/plan/",
        json={"text": plan["text"].replace(here, there), "based_on": plan["number"]},
    )
    assert (told.status_code, told.json()["problems"][0]["field"]) == (422, "change.team")


def test_a_role_that_the_playbook_names_brings_evidence_too(team, tmp_path, monkeypatch):
    """And nobody else."""
    own = tmp_path / "own.yaml"
    text = SHIPPED.read_text()
    at = text.index("- id: cost.optimisation")
    own.write_text(text[:at] + text[at:].replace("owner: owner", "owner: owner\n        brought_by: [agent]", 1))
    monkeypatch.setenv("UNFELT_PLAYBOOK", str(own))
    path = f"/api/changes/{team[1]}/controls/cost.optimisation/evidence/"
    given = {"data": typed("cost.optimisation", "rows")}
    found = {role: in_team(team[0], [role]).script().ask("post", path, **given).status_code for role in ROLES[:-1]}
    assert {role for role, status in found.items() if status == 201} == {"owner", "agent"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"kind": "sign-off"}, "given by signing"),
        ({"kind": "nonsense"}, "does not take"),
        ({"kind": "answers"}, "does not take"),
        ({"kind": "rows", "plan_digest": "0" * 64}, "The plan is another one now"),
        ({"kind": "rows", "plan_digest": "0"}, "The plan is another one now"),
    ],
)
def test_what_cannot_be_is_refused(team, fields, said):
    """A kind that is not taken; evidence that was found for another plan."""
    owner = in_team(team[0], ["owner"])
    told = owner.script().ask("post", f"/api/changes/{team[1]}/controls/cost.budget/evidence/", data=fields)
    assert (told.status_code, said in told.json()["error"]) == (409, True)


def test_what_the_change_is_not_asked_for_is_not_put_on_record_for_later():
    """Evidence and signatures for a control of another tier, and for one that is not there."""
    team = a_team()
    name = a_change(team, tier="normal")
    owner = in_team(team, ["owner"]).script()
    found = {}
    for control, path in (("cost.budget", "evidence/"), ("cost.budget", "sign/"), ("no.such", "evidence/")):
        given = {"data": {"kind": "rows"}} if path == "evidence/" else {"json": {}}
        found[control, path] = owner.ask(
            "post", f"/api/changes/{name}/controls/{control}/{path}", **given
        ).status_code
    assert set(found.values()) == {409, 404}
    assert found["no.such", "evidence/"] == 404


def test_a_number_of_the_file_is_not_typed_anew(team):
    """A report with five failures does not become one with none."""
    junit = b'<testsuite><testcase name="a"><failure/></testcase></testsuite>'
    data = {"kind": "report", "number": ["failures=0"], "file": SimpleUploadedFile("junit.xml", junit)}
    told = (
        in_team(team[0], ["operator"])
        .script()
        .ask("post", f"/api/changes/{team[1]}/controls/testing.functional/evidence/", data=data)
    )
    assert (told.status_code, "1 in the file and 0 by hand" in told.json()["error"]) == (409, True)


def test_every_control_can_be_answered_by_somebody_in_the_console():
    """An auditor changes nothing: what is theirs is brought by whom the playbook names."""
    assert [one for one in CONTROLS if {"auditor", "admin"}.issuperset(bringers(one))] == []


def test_a_second_pair_of_eyes_has_the_right_too(team):
    """A waiver is not agreed to by who could give none: neither asked nor answering."""
    owner, requester = in_team(team[0], ["change_manager"]), in_team(team[0], ["requester"])
    path = f"/api/changes/{team[1]}/controls/cost.budget/waivers/"
    wanted = {"reason": "later", "length": "3d", "agreed_by": requester.name}
    told = owner.script().ask("post", path, json=wanted)
    assert (told.status_code, "may not agree to a waiver" in told.json()["error"]) == (409, True)


@pytest.mark.parametrize("kind", OURS)
def test_the_command_line_brings_nothing_of_ours_either(tmp_path, kind):
    """It says which command makes it."""
    plan = tmp_path / "change.yaml"
    plan.write_text(a_plan("typed", "x").replace(", team: x", ""))
    command = ["evidence", "add", "testing.monitoring", str(plan), "--kind", kind, "--number", "failed=0"]
    records = ["--home", str(tmp_path), "--database", settings.UNFELT_DATABASE]
    told = CliRunner().invoke(main, ["--lang", "en", *command, *records])
    assert (told.exit_code, "made by unfelt itself" in told.output) == (2, True)
