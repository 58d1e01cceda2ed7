"""docs/reference/security.md: every promise names the test that holds it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "security.md"
HELD_BY = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def promises() -> list[str]:
    """The rows of the tables of promises."""
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [row for row in rows if not row.startswith(("| promise", "| ---", "| open"))]


def is_there(path: str, name: str) -> bool:
    """The file is there and has that test."""
    file = ROOT / path
    return file.exists() and (not name or re.search(rf"def {name}\(", file.read_text("utf-8")) is not None)


def test_every_promise_names_a_test() -> None:
    """No promise stands on the page without what holds it."""
    assert [row for row in promises() if not HELD_BY.search(row)] == []


def test_every_test_that_the_page_names_is_there() -> None:
    """A test that was renamed or removed takes its promise along."""
    named = HELD_BY.findall(PAGE.read_text("utf-8"))
    assert named
    assert [f"{path}::{name}" for path, name in named if not is_there(path, name)] == []
