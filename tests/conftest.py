"""An installation of records for the test run; each file of tests begins with empty ones."""

import os
import shutil
import tempfile
from pathlib import Path

import blank
import pytest
from django.conf import settings as site
from django.core.cache import cache
from django.db import connections
from hypothesis import settings

from unfelt.conf.database import connect
from unfelt.web.site.settings import site_settings

RECORDS = Path(tempfile.mkdtemp(prefix="unfelt-records-"))
SERVED = os.environ.get("UNFELT_TEST_DATABASE")
"""Where the records are in PostgreSQL: a database of its own, in which nothing else is."""

# Machines are shared: an example that is slow once is no failure.
settings.register_profile("unfelt", deadline=None)
settings.load_profile("unfelt")


def pytest_configure() -> None:
    """The records stand before any model is imported, with the console's: SQLite, or UNFELT_TEST_DATABASE."""
    own = RECORDS / "records.db"
    connect(SERVED or f"sqlite:///{own}", more=site_settings(RECORDS, host="localhost"))
    connections.close_all()
    if SERVED:
        blank.keep_served(SERVED)
    else:
        blank.keep(own, RECORDS / "blank.db")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first: no worker begins the longest one when the others are done.

    Live rollouts, several of them at once in a file, are spread among the others: not all are played together.
    """
    slow = list(dict.fromkeys(item.path for item in items if item.get_closest_marker("slow")))
    live = [path for path in slow if path.parent.name == "rollout"]
    others = [path for path in slow if path not in live]
    place = {path: (number + 0.5) / len(files) for files in (live, others) for number, path in enumerate(files)}
    items.sort(key=lambda item: place.get(item.path, 1.0))


def pytest_unconfigure() -> None:
    """Nothing is left of it."""
    shutil.rmtree(RECORDS, ignore_errors=True)


def begin_anew() -> None:
    """The records hold nothing."""
    from unfelt.records.covering import pending  # Models want the records open.

    connections.close_all()
    if SERVED:
        blank.renew_served(SERVED)
    else:
        blank.renew(RECORDS / "records.db")
    cache.clear()
    pending().clear()


@pytest.fixture(scope="module", autouse=True)
def records_of_its_own() -> None:
    """Each file of tests begins with tables that hold nothing, whatever was tested before it in this process."""
    begin_anew()
    site.UNFELT_KEYS = None  # A command in another file may have named the keys of its own directory.


@pytest.fixture
def empty_records() -> None:
    """This one test begins with tables that hold nothing."""
    begin_anew()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty installation directory."""
    directory = tmp_path / "home"
    directory.mkdir(mode=0o700)
    return directory
