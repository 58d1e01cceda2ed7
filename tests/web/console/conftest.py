"""A console over the records of a rollout on paper, and a browser."""

from collections.abc import Iterator

import pytest
from browsing import chromium
from playwright.sync_api import Browser
from serving import Served, served, write_paper


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One that goes on: nobody ended it, and it has looked forty times."""
    home = tmp_path_factory.mktemp("console") / "home"
    write_paper(home, "--ticks", "40")
    with served(home) as console:
        yield console


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for the module."""
    with chromium() as browser:
        yield browser
