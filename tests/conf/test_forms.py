"""Forms are read in one place: a page takes what its action asks for, as the API does."""

import ast
from pathlib import Path

import unfelt

HOUSE = Path(unfelt.__file__).parent
READERS = ("web/frame", "web/access", "web/accounts")
"""Where a form is read as it was sent; everywhere else `asked_in` and what stands beside it do so."""


def reads(source: str) -> int:
    """How often the code reads a form itself."""
    found = ast.walk(ast.parse(source))
    return sum(isinstance(one, ast.Attribute) and one.attr == "POST" for one in found)


def test_no_page_reads_a_form_itself():
    """An `asked.py` says what is taken, with its limits."""
    files = [(path.relative_to(HOUSE).as_posix(), path) for path in HOUSE.rglob("*.py")]
    assert len(files) > 500
    strays = {name: n for name, path in files if (n := reads(path.read_text("utf-8")))}
    assert [name for name in strays if not name.startswith(READERS)] == []


def test_a_page_that_reads_a_form_is_found():
    """The rule can fail."""
    assert reads('def page(request):\n    return request.POST.get("text", "")\n') == 1
