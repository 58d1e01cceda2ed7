"""In the browser and for scripts: a report is sent, read as it was sent, and received by whom it was sent to."""

import hashlib
import re
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import PHONE, opened
from scripting import scripted
from serving import Served, post, served

pytestmark = pytest.mark.slow

PLAN = """\
unfelt: 1
change: {id: NAME, title: Split checkout, owner: wang, tier: major, facts: {personal_data: none}TEAM}
needs: [{id: peak, because: Checkout times out, source: none, shown_by: A test}]
touches: [checkout]
people:
  - {id: wang, name: wang, roles: [owner]}
  - {id: bo, name: bo, roles: [operator]}
experience: {customer: cookie:uid, metrics: [{id: failed, bad: "status >= 500", margin: 1%}]}
guard: {impact_budget: 150 customers}
"""
BUTTON = "I have received it"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console with an owner, an operator, an auditor, and a handler whom no plan names."""
    place = tmp_path_factory.mktemp("sending")
    with served(place / "home", cwd=place) as running:
        for name, role in {"wang": "owner", "bo": "operator", "ida": "auditor", "pia": "handler"}.items():
            running.known(by=name, roles=[role])
        yield running


@pytest.fixture(scope="module")
def root(console: Served) -> httpx.Client:
    """A script of somebody who may do everything."""
    return scripted(console, "root", "read", "write", "admin")


def planned(root: httpx.Client, name: str, *, team: str = "") -> str:
    """A change on record; where its reports are."""
    text = PLAN.replace("NAME", name).replace("TEAM", f", team: {team}" if team else "")
    made = root.post("/api/changes/", json={"text": text})
    assert made.status_code == 201, made.text
    return f"/changes/{name}/report/sent/"


@pytest.fixture
def at(root: httpx.Client, request: pytest.FixtureRequest) -> str:
    """Where the reports of a change of its own are."""
    return planned(root, "s" + re.sub(r"[^a-z]", "", request.node.name)[-40:])


def send(client: httpx.Client, at: str, *to: str, others: str = "") -> httpx.Response:
    """The form of the page."""
    client.get(at)
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"], "others": others, "to": list(to)}
    return client.post(at.replace("/sent/", "/send/"), data=fields)


def newest(client: httpx.Client, at: str) -> str:
    """Where the newest report is."""
    return re.search(rf'href="({at}[0-9a-f]{{64}}/)"', client.get(at).text)[1]


def test_the_page_says_that_none_was_sent_and_whom_it_would_go_to(console, at):
    """The plan's people and the auditors are chosen; who may only read finds no form."""
    page = console.known(by="wang").get(at).text
    chosen = re.findall(r'name="to" value="([^"]+)" checked', page)
    assert ("None was sent yet." in page, chosen) == (True, ["bo", "ida", "root"])
    assert 'name="to"' not in console.known(by="ida").get(at).text
    assert f'href="{at}"' in console.known(by="ida").get(at.replace("report/sent/", "")).text


def test_what_is_shown_are_the_bytes_that_were_sent_in_a_sandbox(console, at):
    """Their digest is in the address; nothing in them runs, loads or sends."""
    wang, ida = console.known(by="wang"), console.known(by="ida")
    assert send(wang, at, "bo", "ida").headers["Location"] == at
    one = newest(ida, at)
    answer = ida.get(f"{one}page/")
    assert hashlib.sha256(answer.content).hexdigest() == one.rstrip("/").rpartition("/")[2]
    policy = answer.headers["Content-Security-Policy"]
    assert ("default-src 'none'" in policy, "sandbox" in policy, "script" in policy) == (True, True, False)
    assert f'src="{one}page/"' in ida.get(one).text


def test_whom_it_was_sent_to_finds_it_in_their_work_and_receives_it(console, at):
    """Afterwards nothing waits, and everybody sees when; an auditor too, who may not comment."""
    wang, ida = console.known(by="wang"), console.known(by="ida")
    send(wang, at, "ida")
    one = newest(ida, at)
    assert (f'href="{one}"' in ida.get("/").text, BUTTON in ida.get(one).text) == (True, True)
    assert "0 of 1 have received it" in wang.get(at).text
    for _each in range(2):
        assert post(ida, f"{one}received/", page=one).headers["Location"] == one
    page = ida.get(one).text
    assert ("You have received it on" in page, BUTTON in page) == (True, False)
    assert f'href="{one}"' not in ida.get("/").text
    assert "1 of 1 have received it" in wang.get(at).text


def test_another_member_finds_no_button_and_is_refused(console, at):
    """Nor does who sent it."""
    send(console.known(by="wang"), at, "ida")
    for name in ("pia", "wang"):
        client = console.known(by=name)
        one = newest(client, at)
        assert BUTTON not in client.get(one).text
        refused = post(client, f"{one}received/", page=one)
        assert (refused.status_code, f"was not sent to {name}" in refused.text) == (409, True)
    assert "0 of 1 have received it" in console.known(by="bo").get(at).text


def test_who_may_not_write_the_plan_sends_nothing(console, at):
    """403; and names that nobody has are refused with what was typed."""
    assert send(console.known(by="bo"), at, "ida").status_code == 403
    refused = send(console.known(by="wang"), at, others="ida, nobody-here")
    assert (refused.status_code, "There is no member nobody-here" in refused.text) == (409, True)
    assert 'value="ida, nobody-here"' in refused.text
    assert "None was sent yet." in console.known(by="bo").get(at).text


def test_whom_it_was_sent_to_opens_it_without_the_change(console, root):
    """Of another team they see that report alone; who is of neither sees nothing."""
    for team, name in (("sent-shop", "sue"), ("sent-bank", "ben"), ("sent-bank", "bea")):
        root.post("/api/teams/", json={"id": team, "title": team})
        root.post("/api/members/", json={"name": name})
        root.put(f"/api/teams/{team}/members/{name}/", json={"roles": ["owner"]})
    at, sue = planned(root, "sentelsewhere", team="sent-shop"), console.known(by="sue", roles=[])
    assert send(sue, at, others="ben").headers["Location"] == at
    one, ben, bea = newest(sue, at), console.known(by="ben", roles=[]), console.known(by="bea", roles=[])
    assert (ben.get(at).status_code, ben.get(one).status_code, ben.get(f"{one}page/").status_code) == (
        404,
        200,
        200,
    )
    assert {bea.get(path).status_code for path in (at, one, f"{one}page/")} == {404}
    assert post(bea, f"{one}received/", page="/").status_code == 404
    post(ben, f"{one}received/", page=one)
    assert "1 of 1 have received it" in sue.get(at).text


def test_the_list_is_a_file_too(console, at):
    """For a spreadsheet."""
    wang, ida = console.known(by="wang"), console.known(by="ida")
    send(wang, at, "bo", "ida")
    post(ida, f"{newest(ida, at)}received/", page="/")
    lines = wang.get(f"{at}?as=csv").text.splitlines()
    assert lines[0].lstrip("\ufeff") == "kind,report,revision,by,name,sent_at,received_at,sent,received"
    assert [re.sub(r"[0-9a-f]{64}", "…", line).split(",")[:5] for line in lines[1:]] == [
        ["compliance", "…", "…", "wang", "bo"],
        ["compliance", "…", "…", "wang", "ida"],
    ]
    assert [bool(line.split(",")[6]) for line in lines[1:]] == [False, True]


def test_scripts_send_and_see_and_say_nothing_for_anybody(console, at):
    """Nobody named is everybody who should have it; that somebody has it, they say themselves."""
    wang, name = scripted(console, "wang", "read", "write"), at.split("/")[2]
    address = f"/api/changes/{name}/reports/"
    assert wang.get(address).json()["reports"] == []
    answer = wang.post(address, json={})
    found = answer.json()["reports"][0]
    assert (answer.status_code, found["unreceived"], found["kind"]) == (201, 3, "compliance")
    assert [one["name"] for one in found["receipts"]] == ["bo", "ida", "root"]
    assert wang.post(address, json={"to": ["nobody-here"]}).status_code == 409
    ida = console.known(by="ida")
    post(ida, f"{found['address']}received/", page="/")
    again = wang.get(address).json()["reports"][0]
    assert (again["unreceived"], again["receipts"][1]["received_at"] is not None) == (2, True)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_browser_shows_the_page_in_its_frame(console, root, browser, language):
    """With its own styles; accessible, and no wider than a phone, and so is the list."""
    at = planned(root, f"sentseen{language}")
    send(console.known(by="wang"), at, "ida")
    one = newest(console.known(by="ida"), at)
    with opened(browser, console, by="ida", language=language, size=PHONE, bypass_csp=True) as page:
        for path in (at, one):
            page.goto(console.base + path)
            seen = Axe().run(page).response["violations"]
            assert [found["id"] for found in seen if found["impact"] in ("serious", "critical")] == []
            assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    with opened(browser, console, by="ida", language=language) as page:
        page.goto(console.base + one)
        frame = page.frame_locator("iframe.sent")
        assert "Split checkout" in frame.locator("h1").inner_text()
        assert (
            frame.locator("section").first.evaluate("one => getComputedStyle(one).borderTopLeftRadius") == "10px"
        )
        page.goto(f"{console.base}{one}page/")
        assert page.locator("section").first.evaluate("one => getComputedStyle(one).borderTopLeftRadius") == "10px"


def test_everything_verifies_afterwards(console, root):
    """By the command, with every signature."""
    at = planned(root, "sentandverified")
    send(console.known(by="wang"), at, "bo")
    bo = console.known(by="bo")
    post(bo, f"{newest(bo, at)}received/", page="/")
    command = [sys.executable, "-m", "unfelt", "verify", "--home", str(console.home)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=console.environment)
    assert ran.returncode == 0, ran.stdout + ran.stderr
