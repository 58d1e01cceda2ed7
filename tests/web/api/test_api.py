"""The API: a change from plan to evidence by a script alone, its errors, and what a token may not."""

from collections.abc import Iterator

import pytest
from scripting import PLAN, scripted
from serving import Served, post, served

pytestmark = pytest.mark.slow

SPLIT = "/api/changes/split/"
JUNIT = b'<testsuite name="t"><testcase name="a" classname="b"/></testsuite>'


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console in an empty directory."""
    place = tmp_path_factory.mktemp("api")
    with served(place / "home", cwd=place) as running:
        yield running


@pytest.fixture(scope="module")
def lin(console: Served):
    """A script that may do all that tokens may, and has written a plan."""
    client = scripted(console, "lin", "read", "comment", "write", "assign", "sign", "move", "back")
    assert client.post("/api/changes/", json={"text": PLAN}).status_code == 201
    return client


def test_a_plan_is_written_read_and_edited(lin):
    """What an edit would void is asked for first; who edits from an older text is told."""
    plan = lin.get(f"{SPLIT}plan/").json()
    assert (plan["number"], plan["text"], plan["by"]) == (1, PLAN, "lin")
    new = PLAN.replace("150", "120")
    looked = lin.post(f"{SPLIT}plan/look/", json={"text": new}).json()
    assert looked["holds"]
    assert any("120" in line for line in looked["difference"])
    assert lin.put(f"{SPLIT}plan/", json={"text": new, "based_on": 1}).json()["number"] == 2
    late = lin.put(f"{SPLIT}plan/", json={"text": PLAN, "based_on": 1})
    assert (late.status_code, "lin saved text 2 meanwhile" in late.json()["error"]) == (409, True)


def test_a_plan_that_does_not_hold_is_said_by_field_and_line(lin):
    """Every problem at once; a name that is taken too."""
    told = lin.post("/api/changes/", json={"text": PLAN.replace("margin: 1%", "margin: one")})
    assert told.status_code == 422
    (problem,) = told.json()["problems"]
    assert (problem["field"], problem["line"]) == ("experience.metrics[0].margin", 5)
    assert lin.post("/api/changes/", json={"text": PLAN}).status_code == 409


def test_a_pipeline_puts_its_report_on_record_and_reads_the_gate(lin):
    """The verdict follows from the file."""
    where = f"{SPLIT}controls/testing.functional/"
    before = lin.get(where).json()
    assert before["state"] == "missing"
    sent = lin.post(
        f"{where}evidence/",
        data={"kind": "report"},
        files={"file": ("junit.xml", JUNIT)},
    )
    assert (sent.status_code, sent.json()["verdict"]) == (201, "pass")
    after = lin.get(where).json()
    assert (after["state"], after["evidence"][0]["number"]) == ("pass", sent.json()["number"])
    gates = {gate["gate"]: gate for gate in lin.get(SPLIT).json()["gates"]}
    assert gates["plan"]["is_open"] is False
    assert lin.post(f"{SPLIT}begin/").status_code == 409


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": "report", "number": ["x"]}, "write NAME=VALUE"),
        ({"kind": "report", "number": ["unexplained_differences=5%"]}, "has another unit"),
        ({"kind": "answers"}, "does not take answers"),
        ({"kind": "sign-off"}, "A signature is given"),
    ],
)
def test_evidence_that_cannot_be_is_refused(lin, data, said):
    """With what is due."""
    told = lin.post(f"{SPLIT}controls/testing.functional/evidence/", data=data)
    assert (told.status_code, said in told.json()["error"]) == (409, True)


def test_signing_handing_over_and_commenting(console, lin):
    """What a person finds in their work."""
    console.known(by="zhao")
    assert lin.post(f"{SPLIT}controls/team.form/sign/", json={}).json()["verdict"] == "pass"
    hand = lin.put(f"{SPLIT}controls/team.form/hand/", json={"to": "nobody"})
    assert (hand.status_code, hand.json()["error"]) == (409, "There is no member nobody.")
    assert lin.post(f"{SPLIT}comments/", json={"text": "Well, @zhao?"}).json()["by"] == "lin"
    zhao = scripted(console, "zhao", "read")
    (question,) = zhao.get("/api/mine/").json()["questions"]
    assert (question["text"], question["change"]) == ("Well, @zhao?", "split")
    assert zhao.post(f"{SPLIT}comments/", json={"text": "No"}).status_code == 403
    assert [one["text"] for one in lin.get(f"{SPLIT}comments/").json()["comments"]] == ["Well, @zhao?"]


def test_the_installations_token_is_nobodys(console):
    """It reads and takes back, but does not sign or write, nor read the ledger."""
    machine = console.stranger(Authorization=f"Bearer {console.token}")
    assert machine.get("/api/changes/").status_code == 200
    assert machine.get("/api/ledger/").status_code == 403
    assert machine.post(f"{SPLIT}controls/team.form/sign/", json={}).status_code == 403


def test_what_another_team_has_is_not_there(console, lin):
    """For a token as for its member."""
    admin = console.known(by="root")
    post(admin, "/settings/teams/", page="/settings/teams/", id="bank", title="Bank")
    where = post(admin, "/settings/members/", page="/settings/members/", name="bo").headers["Location"]
    post(admin, where, page=where, active="on", **{"team:bank": "owner"})
    text = PLAN.replace("id: split", "id: hidden").replace("tier:", "team: shop, tier:")
    post(admin, "/settings/teams/", page="/settings/teams/", id="shop", title="Shop")
    assert lin.post("/api/changes/", json={"text": text}).status_code == 201
    bo = scripted(console, "bo", "read")
    assert [one["id"] for one in bo.get("/api/changes/").json()["changes"]] == ["split"]
    assert bo.get("/api/changes/hidden/").status_code == 404
    assert bo.get("/api/ledger/").status_code == 403


@pytest.mark.parametrize("sent", [{}, {"text": ""}, {"text": "x", "more": 1}, [], "x"])
def test_what_is_not_due_is_said(lin, sent):
    """Also a member of the object that nobody knows."""
    told = lin.post("/api/changes/", json=sent)
    assert (told.status_code, bool(told.json()["problems"])) == (422, True)


@pytest.mark.parametrize("query", ["q=%00", "%00=q"])
def test_a_character_that_no_text_has_is_refused_as_everything_is(lin, query):
    """In JSON, as the description of the API says."""
    told = lin.get(f"/api/rollouts/?{query}")
    assert (told.status_code, told.headers["Content-Type"]) == (400, "application/json")
    assert "no text has" in told.json()["error"]
