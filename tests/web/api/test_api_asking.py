"""What is asked for and answered by scripts: requests, lessons, waivers, models, teams."""

from collections.abc import Iterator

import pytest
from scripting import PLAN, scripted
from serving import Served, served

pytestmark = pytest.mark.slow
SPLIT = "/api/changes/split/"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console in an empty directory."""
    place = tmp_path_factory.mktemp("api-asking")
    with served(place / "home", cwd=place) as running:
        yield running


@pytest.fixture(scope="module")
def pair(console: Served):
    """Scripts of two members; the first has written a plan."""
    lin, zhao = (scripted(console, name, "read", "comment", "write", "waive") for name in ("lin", "zhao"))
    assert lin.post("/api/changes/", json={"text": PLAN}).status_code == 201
    return lin, zhao


def test_a_request_is_asked_found_and_planned(pair):
    """The first answer stands."""
    lin, zhao = pair
    made = lin.post("/api/requests/", json={"title": "Faster", "why": "Slow", "wanted_by": "2026-12-24"}).json()
    assert (made["state"], made["by"], made["wanted_by"]) == ("open", "lin", "2026-12-24")
    where = f"/api/requests/{made['number']}/"
    assert zhao.post(f"{where}planned/", json={"change": "nothing"}).status_code == 404
    assert zhao.post(f"{where}planned/", json={"change": "split"}).json()["change"] == "split"
    assert zhao.post(f"{where}decline/", json={"reason": "No"}).json()["state"] == "planned"
    assert lin.get("/api/requests/?state=open").json() == {"count": 0, "requests": []}
    assert lin.post("/api/requests/", json={"title": "", "why": "w"}).status_code == 422


def test_an_action_is_done_by_who_has_it(pair):
    """Nobody else."""
    lin, zhao = pair
    lesson = {"text": "Too short", "action": "Book two hours", "member": "zhao", "due": "2026-12-01"}
    number = lin.post(f"{SPLIT}lessons/", json=lesson).json()["number"]
    assert lin.post(f"/api/lessons/{number}/done/").status_code == 409
    assert zhao.post(f"/api/lessons/{number}/done/").json()["done_at"] is not None
    assert [one["number"] for one in lin.get(f"{SPLIT}lessons/").json()["lessons"]] == [number]


def test_a_waiver_takes_two_members(pair):
    """Asked by one, agreed to by the other; for a length of time that is one."""
    lin, zhao = pair
    where = f"{SPLIT}controls/testing.functional/waivers/"
    wanted = {"reason": "The agents know it", "length": "14d", "agreed_by": "zhao"}
    wrong = lin.post(where, json={**wanted, "length": "a while"})
    assert (wrong.status_code, "for example 60s" in wrong.json()["error"]) == (422, True)
    number = lin.post(where, json=wanted).json()["number"]
    assert lin.post(f"/api/waivers/{number}/", json={"agrees": True}).status_code == 409
    assert zhao.post(f"/api/waivers/{number}/", json={"agrees": True}).json()["answered_at"] is not None
    assert lin.get(f"{SPLIT}controls/testing.functional/").json()["state"] == "waived"


def test_a_model_is_approved_by_two_members(pair):
    """One cannot agree to their own."""
    lin, zhao = pair
    where = "/api/models/service-release/approval/"
    assert lin.post(where, json={"agreed_by": "lin"}).status_code == 409
    number = lin.post(where, json={"agreed_by": "zhao"}).json()["number"]
    assert zhao.post(f"/api/approvals/{number}/", json={"agrees": True}).status_code == 200
    assert lin.post("/api/models/none/approval/", json={"agreed_by": "zhao"}).status_code == 404


def test_a_token_does_no_more_than_its_scopes(console):
    """A waiver wants `waive`, an answer to a request `write`."""
    ann = scripted(console, "ann", "read", "comment")
    assert ann.post("/api/requests/", json={"title": "T", "why": "W"}).status_code == 201
    assert ann.post("/api/requests/1/decline/", json={"reason": "No"}).status_code == 403
    assert ann.post("/api/waivers/1/", json={"agrees": True}).status_code == 403
    assert ann.get("/api/teams/").status_code == 403


def test_members_join_teams_by_the_token_of_an_admin(console):
    """And leave them; the token of the installation lets nobody in."""
    machine = console.stranger(Authorization=f"Bearer {console.token}")
    assert machine.post("/api/teams/", json={"id": "shop", "title": "Shop"}).status_code == 403
    client = scripted(console, "root", "admin")
    assert client.post("/api/teams/", json={"id": "shop", "title": "Shop"}).json()["members"] == {}
    where = "/api/teams/shop/members/"
    client.post("/api/members/", json={"name": "bo"})
    assert client.put(f"{where}bo/", json={"roles": ["owner"]}).json()["members"] == {"bo": ["owner"]}
    assert client.put(f"{where}nobody/", json={"roles": ["owner"]}).status_code == 409
    assert client.put(f"{where}bo/", json={"roles": []}).json()["members"] == {}
    assert [one["id"] for one in client.get("/api/teams/").json()["teams"]] == ["shop"]
