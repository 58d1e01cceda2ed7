"""Chromium from Debian, as one browser for a module."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from serving import Served

CHROMIUM = shutil.which("chromium") or ""
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 780}
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser; where there is none the tests are left out, unless they must run."""
    if not CHROMIUM and os.environ.get("UNFELT_TEST_BROWSER") != "must":
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@contextmanager
def opened(
    browser: Browser,
    console: Served,
    *,
    by: str = "ann",
    language: str = "en",
    size: dict[str, int] | None = None,
    **more: Any,
) -> Iterator[Page]:
    """A page of somebody who has logged in by a link; an error of its script fails the test."""
    context = browser.new_context(locale=LANGUAGES[language], viewport=size or DESKTOP, **more)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(console.link(by=by))
    page.click("button.main")
    page.wait_for_url(f"{console.base}/")
    yield page
    context.close()
    assert errors == []
