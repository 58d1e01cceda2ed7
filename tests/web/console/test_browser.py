"""The console in Chromium: live, and careful before it goes back."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from browsing import opened
from playwright.sync_api import expect
from serving import Served, paper, served, write_paper

PATIENCE = 90_000
"""Milliseconds that something may take on a busy machine."""
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console over three rollouts: one that was taken back, one that is done, one that goes on."""
    home = tmp_path_factory.mktemp("busy") / "home"
    write_paper(home, "--ticks", "60", "--harm")
    write_paper(home, "--ticks", "60", "--wide")
    write_paper(home, "--ticks", "20")
    with served(home) as console:
        yield console


def test_a_rollout_that_begins_appears_on_the_board_and_its_page_goes_on(browser, tmp_path: Path):
    """Without a reload: the card, then each new look."""
    home = tmp_path / "home"
    write_paper(home, "--ticks", "10")
    with served(home) as console, opened(browser, console) as page:
        page.goto(console.base + "/live/")
        expect(page.locator("a.rollout")).to_have_count(1, timeout=PATIENCE)
        write_paper(home, "--ticks", "60", "--wide")
        expect(page.locator("a.rollout")).to_have_count(2, timeout=PATIENCE)
        goes_on = subprocess.Popen(paper(home, "--ticks", "200", "--pace", "0.2"))
        expect(page.locator("a.rollout")).to_have_count(3, timeout=PATIENCE)
        page.click("text=paper-3")
        shown = page.locator("dt:has-text('last look') + dd")
        seen = shown.inner_text(timeout=PATIENCE)
        expect(shown).not_to_have_text(seen, timeout=PATIENCE)
        goes_on.kill()
        goes_on.wait()


def test_back_asks_first_and_says_what_came_of_it(busy, browser):
    """By keyboard: no, then yes; a rollout without a router has nobody to take back."""
    with opened(browser, busy) as page:
        page.goto(busy.base + "/rollouts/paper-3/")
        button = page.locator("form.back button")
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#sure")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#sure")).to_be_hidden()
        button.click()
        page.click("#yes")
        answer = page.locator("#answer")
        expect(answer).to_have_text("paper-3 is not under way: there is nobody to take back.", timeout=PATIENCE)


def test_what_has_ended_offers_no_way_back(busy, browser):
    """And its report is one click away."""
    with opened(browser, busy) as page:
        page.goto(busy.base + "/rollouts/paper-2/")
        expect(page.locator("form.back")).to_have_count(0)
        page.click("text=Proof report")
        expect(page.locator("h1")).to_have_text("Proof report: On paper")


def test_a_console_that_is_gone_is_said(browser, tmp_path: Path):
    """The page keeps what it shows and says that it may be out of date."""
    home = tmp_path / "home"
    write_paper(home, "--ticks", "10")
    with ExitStack() as browsing:
        with served(home) as console:
            page = browsing.enter_context(opened(browser, console))
            page.goto(console.base + "/live/")
            expect(page.locator("a.rollout")).to_have_count(1, timeout=PATIENCE)
        expect(page.locator("#silent")).to_be_visible(timeout=PATIENCE)
        expect(page.locator("a.rollout")).to_have_count(1)
