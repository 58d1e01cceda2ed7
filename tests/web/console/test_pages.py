"""Pages, data and who may see them."""

import csv
import io
import json

import pytest
from serving import Served, post, served

pytestmark = pytest.mark.slow

PAGES = (
    "/",
    "/live/",
    "/rollouts/paper-1/",
    "/rollouts/paper-1/report/",
    "/rollouts/paper-1/report.json",
    "/rollouts.csv",
)


@pytest.mark.parametrize("path", [*PAGES, "/events/", "/rollouts/paper-1/events/", "/nothing/"])
def test_no_page_is_shown_to_somebody_unknown(console: Served, path):
    """Not even that there is no such page."""
    answer = console.stranger().get(path)
    assert (answer.status_code, "Who are you?" in answer.text) == (401, True)


def test_nobody_unknown_takes_anybody_back(console: Served):
    """Whoever has no session is refused before anything is done."""
    assert console.stranger().post("/rollouts/paper-1/back/").status_code == 401


def test_a_link_works_once(console: Served):
    """Whoever comes second, with the same link, is nobody."""
    link = console.link().removeprefix(console.base)
    first, second = console.stranger(), console.stranger()
    assert post(first, link, page=link).status_code == 302
    assert first.get("/").status_code == 200
    assert post(second, link, page=link).status_code == 401
    assert second.get("/").status_code == 401


def test_pages_that_a_browser_kept_are_not_the_next_ones(console: Served):
    """Coming and going clears them; a page that is read does not."""
    stranger = console.stranger()
    link = console.link(by="bo").removeprefix(console.base)
    cleared = [post(stranger, link, page=link), post(stranger, "/logout/", page="/accounts/login/")]
    assert [one.headers.get("Clear-Site-Data") for one in cleared] == ['"storage"'] * 2
    assert "Clear-Site-Data" not in stranger.get("/accounts/login/").headers


def test_a_preview_of_a_link_does_not_use_it_up(console: Served):
    """Messengers fetch what they show."""
    link = console.link().removeprefix(console.base)
    assert console.stranger().get(link).status_code == 200
    client = console.stranger()
    assert post(client, link, page=link).status_code == 302


def test_a_link_that_is_too_old_is_refused(console: Served):
    """After an hour nobody can use it."""
    link = console.link()
    file = max((console.home / "keys" / "links").iterdir(), key=lambda path: path.stat().st_mtime)
    file.write_text(json.dumps({**json.loads(file.read_text()), "until": 1}))
    client, path = console.stranger(), link.removeprefix(console.base)
    assert post(client, path, page=path).status_code == 401


def test_who_logs_out_is_unknown(console: Served):
    """The same browser sees nothing afterwards."""
    client = console.known()
    assert post(client, "/logout/", page="/").status_code == 302
    assert client.get("/").status_code == 401


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_for_those_who_are_known(console: Served, path):
    """And nothing of it is from elsewhere, kept by a cache or put into a frame."""
    answer = console.known().get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert ("default-src 'none'" in policy, "unsafe" in policy, "frame-ancestors 'none'" in policy) == (1, 0, 1)
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


@pytest.mark.parametrize(("language", "word", "tag"), [("en", "Under way", "en"), ("zh-CN", "进行中", "zh-Hans")])
def test_the_page_comes_in_the_readers_language(console: Served, language, word, tag):
    """What the browser asks for, until something else is chosen."""
    page = console.known(**{"Accept-Language": language}).get("/live/").text
    assert (word in page, f'<html lang="{tag}">' in page) == (True, True)


def test_a_chosen_language_stays(console: Served):
    """On the next page too; and the way back is only ever to a page of this console."""
    client = console.known()
    moved = post(client, "/language/", page="/", language="zh", here="/rollouts/paper-1/")
    assert moved.headers["Location"] == "/rollouts/paper-1/"
    assert "各指标" in client.get("/rollouts/paper-1/").text
    away = post(client, "/language/", page="/", language="en", here="//elsewhere.example/")
    assert away.headers["Location"] == "/"


def test_a_rollout_is_found_by_a_part_of_its_name(console: Served):
    """And what is not found is said, with the way back to all."""
    client = console.known()
    assert "paper-1" in client.get("/live/", params={"q": "PAPER"}).text
    empty = client.get("/live/", params={"q": "<nothing>"}).text
    assert "No rollout is called “&lt;nothing&gt;”." in empty


def test_the_board_is_exported_as_it_is_shown(console: Served):
    """One line for each rollout, with the numbers of the board."""
    client = console.known()
    text = client.get("/rollouts.csv").content.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["id"], row["state"], row["budget"]) == ("paper-1", "watching", "5000")
    assert len(client.get("/rollouts.csv", params={"q": "other"}).text.splitlines()) == 1


def test_the_report_is_the_one_of_the_command(console: Served):
    """The same data as `unfelt report --json`."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "unfelt", "--lang", "en", "report", "--json", "--home", str(console.home)]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert console.known().get("/rollouts/paper-1/report.json").json() == told


def test_an_unknown_rollout_is_said(console: Served):
    """As a page and as data."""
    assert console.known().get("/rollouts/other-9/").status_code == 404
    answer = console.stranger(Authorization=f"Bearer {console.token}").get("/api/rollouts/other-9/")
    assert (answer.status_code, answer.json()["known"]) == (404, ["paper-1"])


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", "Basic x"])
def test_the_api_is_for_those_who_have_its_token(console: Served, given):
    """Reading and acting alike."""
    client = console.stranger(**({"Authorization": given} if given else {}))
    assert client.get("/api/rollouts/").status_code == 401
    assert client.post("/api/rollouts/paper-1/back/").status_code == 401


def test_the_api_tells_what_the_pages_show(console: Served):
    """The list and one rollout as JSON."""
    client = console.stranger(Authorization=f"Bearer {console.token}")
    (card,) = client.get("/api/rollouts/").json()["rollouts"]
    live = client.get("/api/rollouts/paper-1/").json()
    assert card == live["card"]
    assert live["status"]["budget"] == 5000
    assert live["log"][0]["kind"] == "order"


def test_a_form_without_its_token_is_refused(console: Served):
    """Another site cannot make this browser go back."""
    client = console.known()
    assert client.post("/rollouts/paper-1/back/").status_code == 403


def test_style_and_script_are_kept_for_a_year_under_a_name_of_their_content(console: Served):
    """And nothing else can be fetched that way."""
    import re

    client = console.stranger()
    for name in re.findall(r"/static/[\w.]+", client.get("/").text):
        answer = client.get(name)
        assert (answer.status_code, "immutable" in answer.headers["Cache-Control"]) == (200, True)
    assert client.get("/static/console.0000000000.css").status_code == 404


def test_another_host_name_is_refused(console: Served):
    """A page elsewhere cannot reach it under a name of its own."""
    assert console.stranger(Host="elsewhere.example").get("/").status_code == 400


def test_an_empty_installation_says_how_to_begin(tmp_path):
    """The board's first page is help."""
    with served(tmp_path / "home") as console:
        page = console.known().get("/live/").text
    assert ("unfelt demo" in page, "unfelt run change.yaml" in page) == (True, True)
