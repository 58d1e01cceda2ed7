"""One installation of records for the whole test run."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from unfelt.conf.database import connect

RECORDS = Path(tempfile.mkdtemp(prefix="unfelt-records-"))


def pytest_configure() -> None:
    """The records' database stands before any model is imported: SQLite, or what UNFELT_TEST_DATABASE names."""
    connect(os.environ.get("UNFELT_TEST_DATABASE", f"sqlite:///{RECORDS}/records.db"))


def pytest_unconfigure() -> None:
    """Nothing is left of it."""
    shutil.rmtree(RECORDS, ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty installation directory."""
    directory = tmp_path / "home"
    directory.mkdir(mode=0o700)
    return directory
