"""The form of documents for editors."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.problems import NO_VALUE
from unfelt.documents.reading import read_bytes
from unfelt.documents.reference import pages
from unfelt.documents.revision import expanded
from unfelt.documents.schema import fields_at, json_schema

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}
DOCS = Path(__file__).parents[2] / "docs" / "reference"


def is_valid(value: Any, node: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    """Whether the value has the form, by the words of JSON Schema that are used here."""
    if "$ref" in node and not is_valid(value, whole["$defs"][node["$ref"].rsplit("/", 1)[-1]], whole):
        return False
    choices = node.get("anyOf") or node.get("oneOf")
    if choices and not any(is_valid(value, one, whole) for one in choices):
        return False
    return _is_among(value, node) and _is_of_type(value, node) and _holds(value, node, whole)


def _is_among(value: Any, node: Mapping[str, Any]) -> bool:
    return value == node.get("const", value) and value in node.get("enum", [value])


def _is_of_type(value: Any, node: Mapping[str, Any]) -> bool:
    kinds = TYPES[node["type"]] if "type" in node else object
    return isinstance(value, kinds) and (not isinstance(value, bool) or node.get("type") in (None, "boolean"))


def _holds(value: Any, node: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    if isinstance(value, str):
        return re.search(node.get("pattern", ""), value) is not None and len(value) >= node.get("minLength", 0)
    if isinstance(value, list):
        return len(value) >= node.get("minItems", 0) and all(
            is_valid(v, node.get("items", {}), whole) for v in value
        )
    return not isinstance(value, dict) or _is_valid_object(value, node, whole)


def _is_valid_object(value: dict[str, Any], node: Mapping[str, Any], whole: Mapping[str, Any]) -> bool:
    if set(node.get("required", ())) - set(value):
        return False
    known, patterns = node.get("properties", {}), node.get("patternProperties", {})
    for key, inner in value.items():
        forms = (
            [known[key]]
            if key in known
            else [form for pattern, form in patterns.items() if re.search(pattern, key)]
        )
        if not forms and node.get("additionalProperties") is False:
            return False
        if not all(is_valid(inner, form, whole) for form in forms):
            return False
    return True


def fits(data: Any, model: type = Change) -> bool:
    schema = json_schema(model)
    return is_valid(data, schema, schema)


def test_a_good_plan_fits(least, change):
    """The least plan and the expanded plan fit the schema."""
    assert [fits(read_bytes(least.encode(), file="a.yaml").data), fits(expanded(change))] == [True, True]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("150 customers", "150"),
        ("margin: 0.5%", "margin: 0.5"),
        ("cookie:uid", "uid"),
        ("guard:", "gaurd:"),
        ("id: checkout-split", "id: Checkout Split"),
        ("http://127.0.0.1:9002", "127.0.0.1:9002"),
        ("{old:", "{soak: 60, old:"),
        ("title:", "titel:"),
    ],
)
def test_a_broken_plan_does_not_fit(least, old, new):
    """What the check refuses, an editor underlines."""
    assert not fits(read_bytes(least.replace(old, new).encode(), file="a.yaml").data)


def _nodes(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _nodes(value)


@pytest.mark.parametrize("model", [Change, Catalog])
def test_examples_and_defaults_fit(model):
    """Every example and every default in the schema has the form that it stands beside."""
    schema = json_schema(model)
    found = [
        (value, node)
        for node in _nodes(schema)
        for value in [*node.get("examples", ()), node.get("default", NO_VALUE)]
        if value is not NO_VALUE and isinstance(node.get("examples", []), list)
    ]
    assert [(value, node) for value, node in found if not is_valid(value, node, schema)] == []
    assert found


@pytest.mark.parametrize("model", [Change, Catalog])
def test_every_field_is_described(model):
    """No field is without a sentence, its own or that of the part it points to."""
    schema = json_schema(model)
    parts = {"": schema, **schema["$defs"]}
    silent = [
        f"{name}.{field}"
        for name, part in parts.items()
        for field, node in part["properties"].items()
        if "description" not in node and "$ref" not in node
    ]
    assert silent == []


def test_fields_of_a_place_are_known():
    """The fields allowed at a place are found through lists, names, alternatives and `or null`."""
    assert fields_at(Change, ("experience", "sources", "x", "reconciliation", "old", "nope")) == (
        "database",
        "query",
    )
    assert fields_at(Change, ("needs", 0, "expect", "nope")) == ("metric", "by")


@pytest.mark.parametrize("file", sorted(pages()))
def test_the_reference_is_current(file):
    """The pages in docs/reference are those that the code makes: see their first line."""
    assert (DOCS / file).read_text(encoding="utf-8") == pages()[file]
