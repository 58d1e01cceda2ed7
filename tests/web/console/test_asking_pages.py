"""Asking in the browser: requests that become changes, lessons, and change models that two people approve."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from serving import Served, post, served
from test_plans import ANSWERS

pytestmark = pytest.mark.slow
REQUESTS, FROM = "/requests/", "/new/from/service-release/"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console in an empty directory."""
    place = tmp_path_factory.mktemp("asking")
    with served(place / "home", cwd=place) as running:
        yield running


@pytest.fixture(scope="module")
def lin(console: Served):
    """Somebody with every role."""
    return console.known(by="lin")


def planned(lin, name: str, query: str = "") -> str:
    """A change of that name, planned from a model as the form offers it; its page."""
    at = f"{FROM}{query}"
    page = lin.get(at).text
    found = re.findall(r'<input id="[^"]*" name="([^"]*)" value="([^"]*)"', page)
    offered = {field: unescape(value) for field, value in found}
    filled = {**ANSWERS, **{field: value for field, value in offered.items() if value}, "change.id": name}
    made = post(lin, at, page=at, **filled)
    assert made.status_code == 302, made.text
    return made.headers["Location"]


def test_a_request_becomes_a_change_that_begins_with_its_words(console, lin):
    """Title and reason are filled in; the request says what it became."""
    ma = console.known(by="ma", roles=["requester"])
    words = {"title": "Cards that stay", "why": "Buyers type\nthem again"}
    post(ma, REQUESTS, page=REQUESTS, **words, wanted_by="2026-12-24")
    number = re.search(r"/new/\?request=(\d+)", lin.get(REQUESTS).text)[1]
    assert f"/new/from/service-release/?request={number}" in lin.get(f"/new/?request={number}").text
    page = lin.get(planned(lin, "cards-that-stay", f"?request={number}")).text
    assert ("Cards that stay" in page, "Buyers type them again" in page) == (True, True)
    shown = ma.get(f"{REQUESTS}?state=planned").text
    assert 'href="/changes/cards-that-stay/"' in shown
    assert "Cards that stay" not in ma.get(f"{REQUESTS}?state=open").text


def test_a_request_is_declined_with_a_reason(console, lin):
    """Without one it stays open and says why."""
    post(lin, REQUESTS, page=REQUESTS, title="A blue page", why="Red is loud")
    number = re.search(r"/requests/(\d+)/decline/", lin.get(REQUESTS).text)[1]
    refused = post(lin, f"/requests/{number}/decline/", page=REQUESTS, reason=" ")
    assert (refused.status_code, "Say why not: whoever asked has to go on from it." in refused.text) == (409, True)
    post(lin, f"/requests/{number}/decline/", page=REQUESTS, reason="Red is the brand")
    assert "declined by lin: Red is the brand" in lin.get(REQUESTS).text
    assert "Red is the brand" in lin.get("/requests.csv").text


def test_nothing_typed_is_lost_where_a_request_cannot_be(lin):
    """A day that is none is said; the words stand in the form."""
    answer = post(lin, REQUESTS, page=REQUESTS, title="<b>Bold</b>", why="Thin", wanted_by="soon")
    assert (answer.status_code, "2027-01-31; given: soon" in answer.text) == (409, True)
    assert 'value="&lt;b&gt;Bold&lt;/b&gt;"' in answer.text


def test_an_action_comes_to_my_work_and_goes_when_it_is_done(console, lin):
    """From the review of a change."""
    planned(lin, "with-lessons")
    review = "/changes/with-lessons/review/"
    console.known(by="bo", roles=["operator"])
    lesson = {"text": "The window was short", "action": "Book two hours", "member": "bo", "due": "2026-12-01"}
    nobody = post(lin, "/changes/with-lessons/lessons/", page=review, **{**lesson, "member": "no-one"})
    assert (nobody.status_code, "The window was short" in nobody.text) == (409, True)
    assert post(lin, "/changes/with-lessons/lessons/", page=review, **lesson).status_code == 302
    bo = console.known(by="bo")
    number = re.search(r"/mine/actions/(\d+)/done/", bo.get("/").text)[1]
    assert post(lin, f"/mine/actions/{number}/done/", page="/").status_code == 404
    assert post(bo, f"/mine/actions/{number}/done/", page="/").status_code == 302
    assert "Book two hours" not in bo.get("/").text
    assert "done 20" in lin.get(review).text


def test_a_change_that_follows_from_another_says_so_on_both(lin):
    """The plan names it; the review of the other lists it."""
    planned(lin, "first-change")
    planned(lin, "second-change", "?part_of=first-change")
    assert 'href="/changes/second-change/"' in lin.get("/changes/first-change/review/").text
    assert re.search(r'part of\s+<a href="/changes/first-change/"', lin.get("/changes/second-change/").text)
    assert "part_of: first-change" in lin.get("/changes/second-change/plan/").text


def test_two_members_approve_a_change_model_in_the_browser(console, lin):
    """Who was asked finds it in their work; afterwards the model is approved by both."""
    where = "/models/service-release/approve/"
    self_made = post(lin, where, page="/models/", agreed_by="lin")
    assert (self_made.status_code, "An approval takes two people" in self_made.text) == (409, True)
    zhao = console.known(by="zhao", roles=["approver"])
    assert post(lin, where, page="/models/", agreed_by="zhao").status_code == 302
    assert "lin asks you to approve a change model" in zhao.get("/").text
    number = re.search(r"/mine/approvals/(\d+)/", zhao.get("/models/").text)[1]
    assert post(zhao, f"/mine/approvals/{number}/", page="/models/", agrees="yes").status_code == 302
    assert "approved by lin and zhao" in zhao.get("/models/").text
    assert "approve a change model" not in zhao.get("/").text


def test_a_request_that_became_another_teams_change_does_not_name_it(console, lin):
    """Not on the page, not in its file; that it is planned is said."""
    for team in ("shop", "bank"):
        post(lin, "/settings/teams/", page="/settings/teams/", id=team, title=team)
    made = post(lin, "/settings/members/", page="/settings/members/", name="fei").headers["Location"]
    post(lin, made, page=made, active="on", **{"team:shop": "owner"})
    post(lin, REQUESTS, page=REQUESTS, title="Quiet wish", why="W")
    number = re.search(r"/new/\?request=(\d+)", lin.get(f"{REQUESTS}?q=Quiet").text)[1]
    at = f"{FROM}?request={number}"
    assert post(lin, at, page=at, **{**ANSWERS, "change.id": "secret-move", "team": "bank"}).status_code == 302
    fei = console.known(by="fei", roles=())
    shown, file = fei.get(f"{REQUESTS}?q=Quiet").text, fei.get("/requests.csv?q=Quiet").text
    assert "a change of another team" in shown
    assert ("secret-move" in shown, "secret-move" in file, "planned" in file) == (False, False, True)
    assert "secret-move" in lin.get(f"{REQUESTS}?q=Quiet").text
