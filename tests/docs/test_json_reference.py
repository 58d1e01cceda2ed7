"""docs/reference/json.md names what the JSON holds."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[2] / "docs"


def fields(value: Any) -> Iterator[str]:
    """Every field in it, at any depth; what a message says is data."""
    if isinstance(value, dict) and value.keys() != {"text", "values"}:
        yield from value
        for inner in value.values():
            yield from fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner)


def test_every_field_of_a_status_is_explained() -> None:
    """A recorded status holds no field that the page does not name."""
    status = json.loads((DOCS / "images" / "rollout.json").read_text("utf-8"))
    named = set(re.findall(r"`(\w+)`", (DOCS / "reference" / "json.md").read_text("utf-8")))
    assert sorted(set(fields(status)) - named) == []
