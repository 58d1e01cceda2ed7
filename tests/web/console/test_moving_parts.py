"""What moves in a page without being loaded anew: filters, previews and drafts by htmx, pictures, kept pages."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import PHONE, opened
from playwright.sync_api import Page, expect
from seeding import organisation
from serving import Served, served

pytestmark = pytest.mark.slow
PATIENCE = 30_000
"""Milliseconds that something may take on a busy machine."""
INK = """canvas => {
  const seen = new Set(), data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  for (let at = 0; at < data.length; at += 4) if (data[at + 3]) seen.add(data.slice(at, at + 3).join());
  return seen.size;
}"""
"""How many colours a picture has."""


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A console over the seeded organisation."""
    place: Path = organisation(tmp_path_factory)
    with served(place / ".unfelt", cwd=place) as running:
        yield running


def until(page: Page, true: str) -> None:
    """That is so; asked from outside, since the page's policy lets nothing be evaluated in it."""
    end = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(true):
        assert time.monotonic() < end, true
        page.wait_for_timeout(50)


def test_a_list_is_filtered_while_it_is_typed_into(console, browser):
    """Without a load: the field keeps its focus, the address and the export say what is shown."""
    with opened(browser, console) as page:
        page.goto(f"{console.base}/changes/")
        expect(page.locator("a.change")).to_have_count(4)
        page.evaluate("window.same = true")
        page.locator("input[name=q]").last.press_sequentially("PostgreSQL", delay=20)
        expect(page.locator("a.change")).to_have_count(1, timeout=PATIENCE)
        expect(page).to_have_url(re.compile(r"\?q=PostgreSQL"))
        assert page.evaluate("[window.same, document.activeElement.name]") == [True, "q"]
        assert "q=PostgreSQL" in page.locator("#export").get_attribute("href")
        page.go_back()
        expect(page.locator("a.change")).to_have_count(4, timeout=PATIENCE)


def test_the_plan_beside_the_form_follows_what_is_typed(console, browser):
    """And what is typed into a plan is kept."""
    with opened(browser, console) as page:
        page.goto(f"{console.base}/new/from/service-release/")
        page.fill("[name='change.title']", "Seen <at once>")
        expect(page.locator("#text")).to_contain_text("Seen <at once>", timeout=PATIENCE)
        page.goto(f"{console.base}/changes/shop-2-4/plan/")
        page.locator("#text").press_sequentially("# a word ")
        expect(page.locator("#kept")).to_have_text("kept as a draft", timeout=PATIENCE)


@pytest.mark.parametrize("path", ["/assurance/", "/risks/", "/reports/", "/rollouts/invoice-hotfix-1/report/"])
def test_a_table_has_its_picture(console, browser, path):
    """Drawn from the table, with several colours; the table is what is read aloud."""
    with opened(browser, console) as page:
        page.goto(console.base + path)
        picture = page.locator(".chart")
        assert picture.get_attribute("aria-hidden") == "true"
        assert page.locator(".chart canvas").evaluate(INK) > 3
        assert page.locator("table[data-chart] tbody tr").count() > 0


def test_a_page_that_was_read_is_there_without_a_network(console, browser):
    """Read-only, with its time; going back is tried. After logging out nothing is kept."""
    with opened(browser, console, size=PHONE) as page:
        live = f"{console.base}/rollouts/checkout-split-1/"
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        for _ in range(2):
            page.goto(live)
        until(page, "caches.open('kept').then((all) => all.match(location.href)).then(Boolean)")
        page.context.set_offline(True)
        page.goto(live)
        expect(page.locator("#kept-page")).to_contain_text("No network")
        assert page.locator("main form.back button").is_enabled()
        assert not page.locator(".top form button").first.is_enabled()
        page.context.set_offline(False)
        expect(page.locator("html:not([data-kept])")).to_have_count(1, timeout=PATIENCE)  # It loads itself anew.
        page.wait_for_load_state()
        page.goto(f"{console.base}/settings/me/")
        page.click("form[action='/logout/'] button")
        until(page, "caches.keys().then((all) => !all.includes('kept'))")


def test_a_key_goes_to_the_search_and_the_keyboard_reaches_everything(console, browser):
    """`/` from anywhere but a field; the first stop of the tabulator leads past the navigation."""
    with opened(browser, console) as page:
        page.goto(f"{console.base}/changes/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("/")
        page.keyboard.type("order/s")
        assert page.input_value("#everything") == "order/s"
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/search/\?q=order"))


def test_a_report_is_printed_without_the_console_around_it(console, browser):
    """On white, without navigation, strip or buttons."""
    with opened(browser, console, color_scheme="dark") as page:
        page.goto(f"{console.base}/rollouts/invoice-hotfix-1/report/")
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        shown = page.locator(".top, .strip, .print-none, #kept-page").evaluate_all(
            "all => all.filter((one) => one.offsetParent !== null).length"
        )
        assert shown == 0
        assert page.locator("article.report").is_visible()
