"""A mission store at the console: every page says what it is, and people live by its clock."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import Served, post, served

pytestmark = pytest.mark.slow

SAID = "Mission store: its people are simulated"
PAGES = (
    "/",
    "/changes/",
    "/new/",
    "/requests/",
    "/calendar/",
    "/assurance/",
    "/ledger/",
    "/settings/me/",
    "/nothing/",
)


def unfelt(home: Path, *words: str) -> str:
    """What the command says; it has to succeed."""
    environment = {**os.environ, "UNFELT_LANG": "en"}
    command = [sys.executable, "-m", "unfelt", *words, "--home", str(home)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The console of one."""
    place = tmp_path_factory.mktemp("mission")
    (place / "truth.json").write_text("{}")
    unfelt(place / "home", "mission", "init", str(place / "truth.json"), "--seed", "7")
    with served(place / "home") as running:
        yield running


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_so(console: Served, page: str):
    """To whoever is known there."""
    assert SAID in console.known().get(page).text


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/password/reset/", "/login/none/"])
def test_the_door_says_so(console: Served, page: str):
    """And to who is not."""
    assert SAID in console.stranger().get(page).text


def test_people_live_by_its_clock(console: Served):
    """What they ask for after a step is of the day after it; nobody is logged out, and no worker is late."""
    ann = console.known()
    unfelt(console.home, "mission", "step", "14d")
    assert post(ann, "/requests/", page="/requests/", title="Later", why="It is slow").status_code == 302
    first, asked = (unfelt(console.home, "mission", "show", "--json"), ann.get("/requests/").text)
    assert first[first.index('"now": "') + 8 :][:10] in asked
    assert "no worker runs" not in asked
