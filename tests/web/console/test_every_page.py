"""Every page over a seeded organisation: accessible, no wider than its screen, all of it translated."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from browsing import DESKTOP, PHONE, opened
from seeding import organisation
from serving import Served, served

from unfelt.documents.load import SHIPPED
from unfelt.documents.model import SHIPPED as MODELS

CHANGE = "/changes/orders-to-postgres/"
PATHS = (
    "/",
    "/changes/",
    "/changes/?q=nothing+at+all",
    "/board/",
    "/calendar/?month=2026-12",
    "/models/",
    "/requests/",
    "/requests/?state=declined",
    "/risks/",
    "/settings/catalog/",
    "/settings/playbook/",
    "/settings/sources/",
    "/new/",
    "/new/from/service-release/",
    "/new/yaml/",
    CHANGE,
    f"{CHANGE}plan/",
    f"{CHANGE}reach/",
    f"{CHANGE}readiness/",
    f"{CHANGE}controls/",
    f"{CHANGE}controls/?kind=waived&gate=proof",
    f"{CHANGE}part/",
    f"{CHANGE}hand-overs/",
    f"{CHANGE}report/sent/",
    "/changes/shop-2-4/part/",
    "/changes/invoice-hotfix/hand-overs/",
    "/changes/checkout-split/review/",
    "/changes/invoice-hotfix/review/",
    f"{CHANGE}plan/?as=form",
    f"{CHANGE}plan/versions/",
    f"{CHANGE}controls/team.form/",
    f"{CHANGE}controls/testing.functional/",
    f"{CHANGE}controls/security.assessment/",
    f"{CHANGE}controls/communication.customers/",
    "/changes/shop-2-4/",
    "/changes/checkout-split/",
    "/changes/invoice-hotfix/",
    "/live/",
    "/live/?q=nothing",
    "/rollouts/checkout-split-1/",
    "/rollouts/checkout-split-1/differences/",
    "/rollouts/invoice-hotfix-1/",
    "/rollouts/invoice-hotfix-1/report/",
    "/assurance/",
    "/assurance/?control=team.form",
    "/programme/",
    "/ledger/",
    "/ledger/2/",
    "/reports/",
    "/search/?q=order",
    "/search/",
    "/settings/me/",
    "/settings/members/",
    "/settings/members/1/",
    "/settings/teams/",
    "/settings/webhooks/",
    "/settings/house/",
    "/settings/jobs/",
    "/accounts/password/set/",
    "/accounts/2fa/",
    "/nothing/",
)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four changes and a programme in every state."""
    return organisation(tmp_path_factory)


@pytest.fixture(scope="module")
def console(place: Path) -> Iterator[Served]:
    """A console over it."""
    with served(place / ".unfelt", cwd=place) as running:
        yield running


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("zh", "dark")])
def test_axe_finds_nothing_serious_and_no_page_is_wider_than_its_screen(console, browser, language, scheme):
    """On a desktop and on a phone; `make screenshots` keeps each page as a picture, and what axe says."""
    kept = os.environ.get("UNFELT_SCREENSHOTS")
    found: dict[tuple[str, ...], object] = {}
    report: dict[str, list[dict[str, str]]] = {}
    with opened(browser, console, language=language, color_scheme=scheme, bypass_csp=True) as page:
        for path in PATHS:
            page.set_viewport_size(DESKTOP)
            answer = page.goto(console.base + path)
            assert answer is not None
            if answer.status != (404 if path == "/nothing/" else 200):
                found[path, "status"] = answer.status
            seen = Axe().run(page).response["violations"]
            report[path] = [{key: one[key] for key in ("id", "impact", "help")} for one in seen]
            for one in seen:
                if one["impact"] in ("serious", "critical"):
                    found[path, one["id"]] = [node["html"][:200] for node in one["nodes"]]
            for size in (DESKTOP, PHONE):
                page.set_viewport_size(size)
                width = page.evaluate("document.scrollingElement.scrollWidth")
                if width > size["width"]:
                    found[path, "width"] = width
                if kept:
                    name = re.sub(r"\W+", "-", path).strip("-") or "work"
                    file = f"{name}-{language}-{size['width']}.png"
                    page.screenshot(path=str(Path(kept) / file), full_page=True)
    if kept:
        Path(kept, f"axe-{language}-{scheme}.json").write_text(json.dumps(report, indent=1))
    assert found == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pages_between_bringing_and_recording_are_accessible_and_fit_a_phone(console, browser, language):
    """What was looked at, by keyboard alone; and the page on which a record is corrected."""
    found, at = {}, f"{console.base}{CHANGE}controls/team.form/"
    with opened(browser, console, language=language, size=PHONE, bypass_csp=True) as page:

        def look(name: str) -> None:
            seen = Axe().run(page).response["violations"]
            bad = [one["id"] for one in seen if one["impact"] in ("serious", "critical")]
            width = page.evaluate("document.scrollingElement.scrollWidth")
            if bad or width > PHONE["width"]:
                found[name] = (bad, width)

        page.goto(at)
        page.fill("#number-people_per_skill", "2")
        page.focus('form[action$="/evidence/"] button.main')
        page.keyboard.press("Enter")
        page.wait_for_url("**/preview/*/")
        look("preview")
        page.focus('form[action$="/record/"] button.main')
        page.keyboard.press("Enter")
        page.wait_for_url(at)
        look("history")
        page.locator('a[href$="/correct/"]').first.click()
        page.wait_for_url("**/correct/")
        look("correct")
    assert found == {}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", ["orders-to-postgres", "shop-2-4", "checkout-split", "invoice-hotfix"])
def test_the_first_screen_of_a_phone_says_what_holds_a_change_and_what_to_do(console, browser, name, language):
    """Whatever its state: one sentence and one button, without scrolling, on every tab."""
    with opened(browser, console, language=language, size=PHONE) as page:
        for tab in ("", "reach/", "readiness/", "controls/", "review/"):
            page.goto(f"{console.base}/changes/{name}/{tab}")
            for seen in ("p.holds", ".holds .button, .holds button"):
                box = page.locator(seen).first.bounding_box()
                assert box is not None
                assert box["y"] + box["height"] <= PHONE["height"] - 56, (tab, box)  # The places are below it.


def test_no_sentence_of_any_page_is_forgotten(place, browser):
    """In the pseudo-language every sentence that can be translated is marked: what is left are names and data."""
    environment = {"UNFELT_PSEUDO": "1"}
    script = """() => {
      const found = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (walk.nextNode()) {
        const node = walk.currentNode;
        if (node.parentElement.closest("code, pre, script, textarea, .typed, [translate=no]")) continue;
        found.push(node.textContent.trim());
      }
      for (const one of document.querySelectorAll("[placeholder],[aria-label],[title]"))
        for (const name of ["placeholder", "aria-label", "title"])
          if (one.hasAttribute(name)) found.push(one.getAttribute(name));
      return [...found.filter((one) => one), document.title];
    }"""
    with (
        served(place / ".unfelt", cwd=place, environment=environment) as console,
        opened(browser, console, language="zh") as page,
    ):
        forgotten, data = {}, written_in(place)
        for path in PATHS:
            if path.startswith("/accounts/"):
                continue  # Those sentences are the library's, in its own catalogues.
            page.goto(console.base + path)
            for text in page.evaluate(script):
                left = (
                    " ".join(re.sub(r"⟦.*⟧", "", text, flags=re.DOTALL).split())
                    .removesuffix("· unfelt")
                    .strip(":· ")
                )
                if re.search(r"([A-Za-z]{3,}\s+){2,}[a-z]{3,}", left) and not is_in(left, data):
                    forgotten[path, left] = text
    assert sorted(forgotten) == []


def is_in(text: str, data: str) -> bool:
    """Each part of it is something that people have written, with or without the name before it."""
    parts = [part.strip() for part in text.split(";")]
    return all(part in data or part.partition(" ")[2] in data for part in parts)


def written_in(place: Path) -> str:
    """Everything that people have written: plans, programme, catalog, and the clauses of standards."""
    files = [*place.glob("*.yaml"), SHIPPED, *MODELS.glob("*.yaml"), *(place / "reports").glob("*")]
    return " ".join(" ".join(file.read_text(errors="replace").split()) for file in files)
