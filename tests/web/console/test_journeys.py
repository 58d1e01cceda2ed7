"""What people come for, in Chromium, with their clicks and fields counted: none of it takes long."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browsing import PHONE, opened
from living import library, readers, service, until, visited
from playwright.sync_api import Page, expect
from serving import Served, served

from unfelt.adapters.routers.envoy.stopping import stop_router
from unfelt.testing.ports import free_port

PATIENCE = 90_000
"""Milliseconds that something may take on a busy machine."""
pytestmark = pytest.mark.slow


@dataclass
class Person:
    """Somebody at a page, whose taps and fields are counted, and their time since they began."""

    page: Page
    taps: int = 0
    fields: int = 0
    began: float = 0.0

    def begins(self) -> None:
        """From here on it is counted."""
        self.taps, self.fields, self.began = 0, 0, time.monotonic()

    def tap(self, what: str) -> None:
        """One tap."""
        self.taps += 1
        self.page.locator(what).first.click()

    def fill(self, name: str, text: str) -> None:
        """One field."""
        self.fields += 1
        self.page.locator(f'[name="{name}"]').first.fill(text)

    @property
    def seconds(self) -> float:
        """Since they began."""
        return time.monotonic() - self.began


def window() -> str:
    """The next four hours."""
    now = datetime.now(UTC)
    return f"{now:%Y-%m-%dT%H:%MZ}/{now + timedelta(hours=4):%Y-%m-%dT%H:%MZ}"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console in an empty directory."""
    place = tmp_path_factory.mktemp("desk")
    with served(place / "home", cwd=place) as running:
        yield running


def test_a_newcomer_plans_a_standard_change_in_ten_fields_and_three_minutes(browser, desk):
    """Three clicks; the machine's part of the three minutes is seconds."""
    with opened(browser, desk) as page:
        person = Person(page)
        person.begins()
        person.tap("text=+ New")
        person.tap("text=Release of a stateless service")
        for name, text in {
            "change.id": "checkout-2-4",
            "change.title": "Release checkout 2.4",
            "needs": "Saved cards are not offered on phones",
            "touches": "checkout",
            "rollout.old": "http://127.0.0.1:9001",
            "rollout.new": "http://127.0.0.1:9002",
            "window": window(),
        }.items():
            person.fill(name, text)
        person.tap("text=Save the plan")
        page.wait_for_url("**/changes/checkout-2-4/")
        expect(page.locator("h2").first).to_contain_text("is shut. It waits for:")
        assert (person.taps, person.fields) == (3, 7)
        assert person.seconds < 60


def test_an_approver_signs_on_a_phone_in_three_taps(browser, desk):
    """From their own work."""
    with opened(browser, desk) as writer, opened(browser, desk, by="zhao", size=PHONE, has_touch=True) as page:
        plan(writer, desk, "emergency-fix", emergency("http://127.0.0.1:9002", "127.0.0.1:8099"))
        page.reload()
        person = Person(page)
        person.begins()
        person.tap('main >> a[href="/changes/invoice-hotfix/controls/team.form/"]')
        person.tap("main button.main >> text=Sign")
        expect(page.locator("main")).to_contain_text("signed by zhao", timeout=PATIENCE)
        assert (person.taps, person.fields) == (2, 0)


def test_back_on_a_phone_within_ten_seconds_of_opening_the_page(browser, tmp_path: Path):
    """One tap on the red strip, from whatever page; every customer of a real router is on old."""
    settings = {"margin": "0.5%", "baseline": "1s"}
    with library(tmp_path / "home", **settings) as place, visited(place):
        until(place.moving, what="customers on new")
        with served(place.home) as console, opened(browser, console, size=PHONE, has_touch=True) as page:
            person = Person(page)
            person.begins()
            page.goto(f"{console.base}/")
            person.tap("aside.strip button")
            expect(page.locator("main")).to_contain_text("Everybody is on old since", timeout=PATIENCE)
            took, at = person.seconds, time.time()
            assert person.taps == 1
            assert took < 10
            time.sleep(3)
            assert place.last_on_new() < at + 2


TITLE = "Invoices show the right tax again"


def emergency(new: str, listen: str, old: str = "http://127.0.0.1:9001") -> dict[str, str]:
    """The fields of an emergency."""
    return {
        "change.id": "invoice-hotfix",
        "change.title": TITLE,
        "needs": "Every invoice since this morning shows the old tax rate",
        "touches": "invoices",
        "rollout.listen": listen,
        "rollout.old": old,
        "rollout.new": new,
    }


def plan(page: Page, console: Served, model: str, fields: dict[str, str]) -> Person:
    """A plan from a model, written by somebody at that page."""
    person = Person(page)
    person.begins()
    person.tap("text=+ New")
    page.click(f'a[href="/new/from/{model}/"]')
    person.taps += 1
    for name, text in fields.items():
        person.fill(name, text)
    person.tap("text=Save the plan")
    page.wait_for_url(f"{console.base}/changes/{fields['change.id']}/")
    return person


def test_an_emergency_moves_customers_within_two_minutes(browser, tmp_path: Path):
    """Written, looked at from outside, signed by a second person and begun, all in the browser; a real router."""
    home, listen = tmp_path / "home", f"127.0.0.1:{free_port()}"
    smoke = tmp_path / "smoke.xml"
    smoke.write_text('<testsuite name="smoke"><testcase name="an invoice has the right tax"/></testsuite>')
    with ExitStack() as stack:
        old, new = stack.enter_context(service()), stack.enter_context(service())
        console = stack.enter_context(served(home, cwd=tmp_path))
        stack.callback(stop_router, home / "routers" / listen.replace(":", "-"))
        page = stack.enter_context(opened(browser, console))
        second = stack.enter_context(opened(browser, console, by="zhao"))
        at = f"{console.base}/changes/invoice-hotfix/"
        person = plan(page, console, "emergency-fix", emergency(new, listen, old))
        stack.enter_context(readers(listen, tmp_path / "met.txt"))
        second.goto(f"{at}controls/team.form/")
        second.click("main button.main >> text=Sign")
        person.tap("main a >> text=Functional test")
        page.set_input_files("#file", smoke)
        person.fields += 1
        person.tap("text=Look at it first")
        person.tap("text=Put on record")
        expect(page.locator("h1.read")).to_be_visible(timeout=PATIENCE)
        page.goto(at)
        with page.expect_navigation():
            person.tap("text=Begin the rollout")
        stack.callback(lambda: stop_guard(home))
        share = page.locator("aside.strip span")
        until(lambda: moved(page, share), what="customers on new", within=120 - person.seconds)
        assert person.seconds < 120
        assert (person.taps, person.fields) == (7, 8)


def moved(page: Page, share) -> bool:
    """The strip says that customers are on new."""
    page.reload()
    return share.count() > 0 and not share.first.inner_text().startswith("0.0%")


def stop_guard(home: Path) -> None:
    """The guard that the console began has ended."""
    import json
    import os
    import signal

    for note in (home / "begun").glob("*.json"):
        process = json.loads(note.read_text())["process"]
        os.kill(process, signal.SIGINT)
        until(lambda process=process: not Path(f"/proc/{process}/cmdline").read_bytes(), what="the guard's end")
