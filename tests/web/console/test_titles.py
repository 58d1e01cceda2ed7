"""Titles and lessons in both languages in the console and by the API: written, listed, found, exported."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from planned import a_change
from scripting import PLAN, scripted
from serving import Served, post, served

from unfelt.engines.people.rights import Reader
from unfelt.queries.rollouts import board_of
from unfelt.records.models import ChangeRow, Rollout
from unfelt.rollout.pages.events import _board as picture_of_board

pytestmark = pytest.mark.slow

PAIR = PLAN.replace("title: Split checkout", "title: {en: Split checkout, zh: 拆分结账}").replace(
    "because: Checkout times out", "because: {en: Checkout times out, zh: 结账超时}"
)
PAIR += 'window: {from: "2026-12-09T02:00Z", to: "2026-12-09T08:00Z"}\n'
SPLIT, CALENDAR = "/changes/split/", "/calendar/?month=2026-12"
BOTH = {"en": "Split checkout", "zh": "拆分结账"}
LESSON = {"text": "The window was short", "other": "时间窗口太短", "action": "", "member": "", "due": ""}
FROM = "/new/from/service-release/"
ANSWERS = {
    "change.id": "release-3",
    "change.title": "Release checkout 3",
    "change.title.other": "发布结账 3",
    "change.owner": "lin@shop.example",
    "needs": "Cards are lost",
    "needs.other": "丢失卡片",
    "touches": "checkout",
    "rollout.old": "http://127.0.0.1:9001",
    "rollout.new": "http://127.0.0.1:9002",
    "window": "2026-12-01T02:00+08:00/2026-12-01T08:00+08:00",
}


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console over one change, whose plan is in both languages."""
    place = tmp_path_factory.mktemp("both")
    with served(place / "home", cwd=place) as running:
        script = scripted(running, "lin", "read", "write", "comment")
        assert script.post("/api/changes/", json={"text": PAIR}).status_code == 201
        yield running


@pytest.fixture(scope="module")
def english(console: Served):
    """Somebody who reads English."""
    return console.known(by="lin")


@pytest.fixture(scope="module")
def chinese(console: Served):
    """Somebody who reads Chinese."""
    return console.known(by="zhao", **{"Accept-Language": "zh-CN"})


@pytest.mark.parametrize(
    "page", ["/changes/", SPLIT, "/board/", "/search/?q=split", "/changes.csv", f"{SPLIT}review/", CALENDAR]
)
def test_each_reader_meets_the_title_in_their_own_language(english, chinese, page):
    """On its page, in lists, on boards, in tables."""
    one, other = english.get(page), chinese.get(page)
    assert (one.status_code, other.status_code) == (200, 200)
    assert ("Split checkout" in one.text, "拆分结账" in one.text) == (True, False)
    assert ("Split checkout" in other.text, "拆分结账" in other.text) == (False, True)


def test_why_it_is_made_is_said_in_the_readers_language(english, chinese):
    """On the page of the change."""
    assert ("Checkout times out" in english.get(SPLIT).text, "结账超时" in english.get(SPLIT).text) == (
        True,
        False,
    )
    assert ("Checkout times out" in chinese.get(SPLIT).text, "结账超时" in chinese.get(SPLIT).text) == (
        False,
        True,
    )


@pytest.mark.parametrize("wanted", ["split check", "拆分", "times out", "超时"])
def test_either_language_finds_it_whoever_searches(english, chinese, wanted):
    """In the list and in the search of everything."""
    for client in (english, chinese):
        assert SPLIT in client.get("/changes/", params={"q": wanted}).text
        assert f'href="{SPLIT}"' in client.get("/search/", params={"q": wanted}).text


def test_a_lesson_is_written_in_both_and_found_by_either(console, english, chinese):
    """A second text that nobody has to give."""
    page = f"{SPLIT}review/"
    assert re.search(r'<textarea[^>]* id="other" name="other" rows="2">', english.get(page).text)
    assert post(english, f"{SPLIT}lessons/", page=page, **LESSON).status_code == 302
    assert ("The window was short" in english.get(page).text, "窗口太短" in english.get(page).text) == (
        True,
        False,
    )
    assert "时间窗口太短" in chinese.get(page).text
    for wanted in ("window was", "窗口太短"):
        assert f"{page}#lessons" in english.get("/search/", params={"q": wanted}).text
    lost = post(english, f"{SPLIT}lessons/", page=page, **{**LESSON, "action": "x", "other_action": "看两遍"})
    assert (lost.status_code, "看两遍" in lost.text, "时间窗口太短" in lost.text) == (409, True, True)


def test_the_api_keeps_the_text_and_gives_both_beside_it(console):
    """`title` and `text` are texts, as before, in the language that is asked for."""
    lin = scripted(console, "lin", "read", "comment")
    for tag, title in (("en", "Split checkout"), ("zh-CN", "拆分结账")):
        asked = {"headers": {"Accept-Language": tag}}
        shown = lin.get("/api/changes/split/", **asked).json()
        (listed,) = lin.get("/api/changes/?q=Split", **asked).json()["changes"]
        (found,) = lin.get("/api/search/?q=times out", **asked).json()["changes"]
        for one in (shown, listed, found):
            assert (one["title"], one["titles"]) == (title, BOTH)
    asked = {"text": "看两遍", "other": "Look twice"}
    made = lin.post("/api/changes/split/lessons/", json=asked).json()
    assert (made["text"], made["texts"]) == ("Look twice", {"en": "Look twice", "zh": "看两遍"})
    alone = lin.post("/api/changes/split/lessons/", json={"text": "Once"}).json()
    assert (alone["texts"], alone["actions"]) == ({"en": "Once", "zh": "Once"}, {"en": "", "zh": ""})
    assert lin.get("/api/search/?q=看两").json()["lessons"][0]["number"] == made["number"]


def test_a_plan_from_a_model_may_be_in_both(english, chinese):
    """What the form shows beside it is what is saved; what is left empty is one line for everybody."""
    text = english.get(FROM).text
    assert re.search(r'<input lang="zh-Hans" id="change.title.other"[^>]*>', text)[0].count("required") == 0
    assert "change.owner.other" not in text
    assert post(english, FROM, page=FROM, **ANSWERS).headers["Location"] == "/changes/release-3/"
    assert ("Release checkout 3" in english.get("/changes/release-3/").text) is True
    page = chinese.get("/changes/release-3/").text
    assert ("发布结账 3" in page, "丢失卡片" in page, "Release checkout 3" in page) == (True, True, False)
    one = {name: text for name, text in ANSWERS.items() if not name.endswith(".other")}
    assert post(english, FROM, page=FROM, **{**one, "change.id": "release-4"}).status_code == 302
    assert "title: &#34;Release checkout 3&#34;" in english.get("/changes/release-4/plan/").text


def test_a_plan_is_edited_in_the_readers_language_first(chinese):
    """The form of a plan that is there."""
    text = chinese.get(f"{SPLIT}plan/?as=form").text
    first, second = (re.search(rf'name="/change/title{end}" value="([^"]*)"', text)[1] for end in ("", "/other"))
    assert (first, second) == ("拆分结账", "Split checkout")


def test_live_cards_are_in_the_language_of_who_watches():
    """Also where a picture is sent to many; either language finds the card."""
    now = datetime.now(UTC)
    a_change("watched-twice", title=BOTH)
    revision = ChangeRow.objects.get(name="watched-twice").revision
    times = {"began": now, "state_since": now, "ended": now}
    more = {"revision": revision, "attempt": 1, "state": "done", "budget": 40, "directory": "", **times}
    Rollout.objects.create(id="watched-twice-1", change="watched-twice", **more)
    reader = Reader("ann", frozenset({"owner"}))
    for wanted in ("split checkout", "拆分结账", "watched-twice"):
        assert [card["id"] for card in board_of(wanted, reader)["cards"]] == ["watched-twice-1"]
    shown = [picture_of_board("watched-twice", reader, language) for language in ("en", "zh")]
    assert ["Split checkout" in one for one in shown] == [True, False]
    assert ["拆分结账" in one for one in shown] == [False, True]
