"""Plans in pieces."""

from collections.abc import Callable
from pathlib import Path

import pytest

from unfelt.documents.change import Change
from unfelt.documents.load import CHANGE, load_text
from unfelt.documents.problems import DocumentErrors

LEAST = """\
unfelt: 1
change: {id: checkout-split, title: Split checkout, owner: lin@shop.example}
experience:
  customer: cookie:uid
  metrics:
    - {id: failed, bad: "status >= 500", margin: 0.5%}
guard: {impact_budget: 150 customers}
rollout: {old: "http://127.0.0.1:9001", new: "http://127.0.0.1:9002"}
"""


@pytest.fixture(scope="session")
def least() -> str:
    """The least plan that runs, as text."""
    return LEAST


@pytest.fixture(scope="session")
def change() -> Change:
    """The least plan that runs."""
    return load_text(LEAST, CHANGE, file="change.yaml").document


@pytest.fixture(scope="session")
def wrong() -> Callable[[str], DocumentErrors]:
    """The errors that a text is refused with."""

    def errors_of(text: str, *, file: str = "change.yaml") -> DocumentErrors:
        with pytest.raises(DocumentErrors) as caught:
            load_text(text, CHANGE, file=file)
        return caught.value

    return errors_of


@pytest.fixture
def plans(tmp_path: Path, least: str) -> Path:
    """A directory with the least plan in it."""
    (tmp_path / "change.yaml").write_text(least, encoding="utf-8")
    return tmp_path
