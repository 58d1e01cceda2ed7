"""In the browser and for scripts: plans are read by whom they name, and what they touch is accepted."""

import re
from collections.abc import Iterator

import httpx
import pytest
from scripting import scripted
from serving import Served, post, served

pytestmark = pytest.mark.slow

PLAN = """\
unfelt: 1
change: {id: NAME, title: Split checkout, owner: wang@shop.example, tier: normal, facts: {personal_data: none}}
needs: [{id: peak, because: Checkout times out, source: none, shown_by: A test}]
touches: [checkout, search]
window: {from: "2027-12-01T08:00Z", to: "2027-12-01T12:00Z"}
people:
  - {id: wang, name: wang@shop.example, roles: [owner], deputy: bo}
  - {id: bo, name: bo, roles: [operator]}
  - {id: ida, name: ida, roles: [auditor]}
steps:
  - {id: copy, what: Copy the cards, takes: 30min, by: wang}
  - {id: move, what: Move the customers, takes: 1h, by: bo, after: [copy]}
experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
guard: {impact_budget: 150 customers}
"""
CATALOG = """\
unfelt: 1
touchpoints:
  - {name: checkout, title: {en: Checkout, zh: 结算}, kind: page, owner: pia@shop.example}
  - {name: search, title: {en: Search, zh: 搜索}, kind: page, owner: nobody-here}
"""
BUTTON = "I have read this plan and my part."


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console in a directory with a catalog."""
    place = tmp_path_factory.mktemp("handing")
    (place / "catalog.yaml").write_text(CATALOG, "utf-8")
    with served(place / "home", cwd=place) as running:
        for name, roles in {"wang": ["owner"], "bo": ["operator"], "pia": ["handler"], "ida": ["auditor"]}.items():
            running.known(by=name, roles=roles)
        yield running


@pytest.fixture(scope="module")
def root(console: Served) -> httpx.Client:
    """A script of somebody who may do everything."""
    return scripted(console, "root", "read", "comment", "write", "assign")


@pytest.fixture
def change(root: httpx.Client, request: pytest.FixtureRequest) -> str:
    """A change of its own on record."""
    name = "c" + re.sub(r"[^a-z]", "", request.node.name)[-40:]
    made = root.post("/api/changes/", json={"text": PLAN.replace("NAME", name)})
    assert made.status_code == 201, made.text
    return name


def edit(root: httpx.Client, change: str, old: str, new: str) -> None:
    """Its plan with other words."""
    base = root.get(f"/api/changes/{change}/plan/").json()
    asked = {"text": base["text"].replace(old, new), "based_on": base["number"]}
    answer = root.put(f"/api/changes/{change}/plan/", json=asked)
    assert answer.status_code == 200, answer.text


def seen(page: str) -> str:
    """The revision that a page shows."""
    return re.search(r'name="revision" value="([0-9a-f]{64})"', page)[1]


def read(client: httpx.Client, change: str) -> httpx.Response:
    """They press the button of their part."""
    at = f"/changes/{change}/part/"
    return post(client, f"{at}read/", page=at, revision=seen(client.get(at).text))


def test_whom_the_plan_names_reads_their_part_and_says_so(console, change):
    """Steps, window and whom they stand in for; afterwards nothing waits, and everybody sees when."""
    bo, at = console.known(by="bo"), f"/changes/{change}/part/"
    page, work = bo.get(at).text, bo.get("/").text
    for words in ("Move the customers", "2027-12-01 08:30:00 UTC", "You stand in for wang@shop.example", BUTTON):
        assert words in page
    assert (f'href="{at}"' in work, "0 of 2 have read it" in page) == (True, True)
    assert read(bo, change).headers["Location"] == at
    page = bo.get(at).text
    assert ("You have acknowledged it on" in page, BUTTON in page) == (True, False)
    assert f'href="{at}"' not in bo.get("/").text
    assert "1 of 2 have read it" in console.known(by="pia").get(at).text


def test_who_is_not_named_finds_no_button_and_is_refused(console, change):
    """With the reason, and nothing is done."""
    pia, bo, at = console.known(by="pia"), console.known(by="bo"), f"/changes/{change}/part/"
    page = pia.get(at).text
    assert ("The plan names you nowhere" in page, BUTTON in page) == (True, False)
    refused = post(pia, f"{at}read/", page=at, revision=seen(bo.get(at).text))
    assert (refused.status_code, "names you nowhere: who has a part in it" in refused.text) == (409, True)
    assert "0 of 2 have read it" in pia.get(at).text


def test_an_auditor_sees_and_cannot_press(console, change):
    """Although the plan names them."""
    ida, at = console.known(by="ida"), f"/changes/{change}/part/"
    page = ida.get(at).text
    assert ("Who has read it" in page, "No step is yours." in page, BUTTON in page) == (True, True, False)
    assert post(ida, f"{at}read/", page=at, revision="0" * 64).status_code == 403
    assert f'href="{at}"' not in ida.get("/").text


def test_what_was_edited_meanwhile_is_read_again(console, root, change):
    """Before it was pressed, and after."""
    bo, at = console.known(by="bo"), f"/changes/{change}/part/"
    before = seen(bo.get(at).text)
    edit(root, change, "takes: 1h", "takes: 2h")
    refused = post(bo, f"{at}read/", page=at, revision=before)
    assert (refused.status_code, "edited since you opened it" in refused.text) == (409, True)
    read(bo, change)
    edit(root, change, "takes: 2h", "takes: 3h")
    assert "edited since you acknowledged it on" in bo.get(at).text
    assert "changed since you have read it" in bo.get("/").text


def test_the_list_is_a_file_too(console, change):
    """For a spreadsheet."""
    bo = console.known(by="bo")
    read(bo, change)
    lines = bo.get(f"/changes/{change}/part/?as=csv").text.splitlines()
    assert lines[0].lstrip("\ufeff") == "name,roles,member,acknowledged_at,is_stale,revision"
    assert [line.split(",")[0] for line in lines[1:]] == ["wang@shop.example", "bo"]
    assert re.search(r"^bo,operator,bo,2\d{3}-.*,False,[0-9a-f]{64}$", lines[2])


def test_whose_touchpoint_it_is_accepts_from_my_work(console, change):
    """And what is nobody's who may open the change says so."""
    pia, at = console.known(by="pia"), f"/changes/{change}/hand-overs/"
    work, page = pia.get("/").text, pia.get(at).text
    assert f'action="{at}checkout/"' in work
    assert "Nobody who may open this change is nobody-here" in page
    answer = post(pia, f"{at}checkout/", page="/", accepts="yes", revision=seen(page), to="work")
    assert answer.headers["Location"] == "/"
    assert f'action="{at}checkout/"' not in pia.get("/").text
    assert "1 of 2 are accepted" in console.known(by="ida").get(at).text


def test_a_refusal_wants_a_reason_and_asks_the_owner(console, change):
    """What was typed is not lost."""
    pia, wang, at = console.known(by="pia"), console.known(by="wang"), f"/changes/{change}/hand-overs/"
    fields = {"accepts": "no", "revision": seen(pia.get(at).text), "about": "checkout"}
    refused = post(pia, f"{at}checkout/", page=at, **fields, reason=" ")
    assert (refused.status_code, "Say why not" in refused.text) == (409, True)
    post(pia, f"{at}checkout/", page=at, **fields, reason="It is the sale of the year")
    assert "It is the sale of the year" in wang.get(at).text
    assert f"{change}: It is the sale of the year" in wang.get("/").text
    assert "refused" in wang.get(f"{at}?as=csv").text


def test_who_is_not_the_owner_cannot_answer(console, change):
    """No button, and a refusal."""
    bo, pia, at = console.known(by="bo"), console.known(by="pia"), f"/changes/{change}/hand-overs/"
    assert f'action="{at}checkout/"' not in bo.get(at).text
    answer = post(bo, f"{at}checkout/", page=at, accepts="yes", revision=seen(pia.get(at).text))
    assert (answer.status_code, "checkout belongs to pia@shop.example" in answer.text) == (409, True)


def test_a_task_is_accepted_or_handed_back(console, root, change):
    """By who has it; who gave it is asked."""
    bo, at = console.known(by="bo"), f"/changes/{change}/hand-overs/"
    answer = f"/changes/{change}/controls/team.form/answer/"
    given = root.put(f"/api/changes/{change}/controls/team.form/hand/", json={"to": "bo"})
    assert given.status_code == 204
    assert "not accepted yet" in bo.get("/").text
    assert post(bo, answer, page="/", accepts="yes", to="work").headers["Location"] == "/"
    assert "not accepted yet" not in bo.get("/").text
    post(bo, answer, page=at, accepts="no", reason="I am on leave")
    page = bo.get(at).text
    assert ("handed back" in page, "I am on leave" in page, f'action="{answer}"' in page) == (True, True, False)
    assert f"{change}: I am on leave" in console.known(by="root").get("/").text
    assert post(bo, answer, page=at, accepts="yes").status_code == 409


def test_scripts_read_and_acknowledge_by_the_same_rules(console, root, change):
    """409 for what cannot be."""
    bo, at = scripted(console, "bo", "read", "comment"), f"/api/changes/{change}/acknowledgements/"
    before = bo.get(at).json()
    assert (before["acknowledged"], [one["member"] for one in before["people"]]) == (0, ["wang", "bo"])
    assert bo.post(at, json={"revision": "0"}).status_code == 409
    assert root.post(at, json={"revision": before["revision"]}).status_code == 409
    for _each in range(2):
        found = bo.post(at, json={"revision": before["revision"]}).json()
        assert (found["acknowledged"], found["people"][1]["is_stale"]) == (1, False)
    others = bo.get("/api/mine/").json()["others"]
    assert [one for one in others if change in one["address"]] == []


def test_scripts_answer_hand_overs_and_tasks(console, root, change):
    """And see where they stand."""
    pia, at = scripted(console, "pia", "read", "comment"), f"/api/changes/{change}/hand-overs/"
    found = pia.get(at).json()
    assert [(one["what"], one["state"]) for one in found["hand_overs"]] == [
        ("checkout", "open"),
        ("search", "open"),
    ]
    waits = [one["what"] for one in pia.get("/api/mine/").json()["others"] if change in one["address"]]
    assert waits == ["checkout"]
    asked = {"accepts": False, "reason": "Not then", "revision": found["revision"]}
    one = pia.post(f"{at}checkout/", json=asked).json()["hand_overs"][0]
    assert (one["state"], one["reason"], one["by"]) == ("refused", "Not then", "pia")
    root.put(f"/api/changes/{change}/controls/team.form/hand/", json={"to": "pia"})
    task = f"/api/changes/{change}/controls/team.form/answer/"
    assert root.post(task, json={"accepts": True}).status_code == 409
    assert pia.post(task, json={"accepts": True}).json()["hand_overs"][-1]["state"] == "accepted"
