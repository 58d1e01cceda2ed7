"""The form of documents as JSON Schema, for editors and for messages."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from unfelt.documents.units import format_duration, format_fraction
from unfelt.documents.values import FRACTION

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def _of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_WithUnits)
    _spell_fractions(schema)
    return schema


class _WithUnits(GenerateJsonSchema):
    """Defaults are written as a person would write them."""

    def encode_default(self, dft: object) -> Any:  # noqa: ANN401  (JSON)
        """The default as it stands in a document."""
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


def _spell_fractions(node: object) -> None:
    """Defaults of percentages, which the schema's generator sees as bare numbers, get their unit."""
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _spell_fractions(inner)
    if isinstance(node, dict) and node.get("default") is not None:
        if node.get("pattern") == FRACTION:
            node["default"] = format_fraction(node["default"])
        elif isinstance(node.get("items"), dict) and node["items"].get("pattern") == FRACTION:
            node["default"] = [format_fraction(part) for part in node["default"]]


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of document, with descriptions, examples and units."""
    return {"$schema": DIALECT, **_of(model)}


def fields_at(model: type[BaseModel], location: Iterable[str | int]) -> tuple[str, ...]:
    """The fields allowed beside the last part of a location of the schema."""
    whole = _of(model)
    node: Mapping[str, Any] = whole
    for part in tuple(location)[:-1]:
        node = _below(_resolved(node, whole), part, whole)
    return tuple(_resolved(node, whole).get("properties", ()))


def _below(node: Mapping[str, Any], part: str | int, whole: Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(part, int):
        found: Mapping[str, Any] = node.get("items", {})
        return found
    if part in node.get("discriminator", {}).get("mapping", {}):
        return {"$ref": node["discriminator"]["mapping"][part]}
    named = next(iter(node.get("patternProperties", {}).values()), None)
    below: Mapping[str, Any] = (
        node.get("properties", {}).get(part) or named or node.get("additionalProperties") or {}
    )
    return below


def _resolved(node: Mapping[str, Any], whole: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node behind references, and behind `or null`."""
    while True:
        if "$ref" in node:
            node = whole["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        elif len(real := [one for one in node.get("anyOf", ()) if one.get("type") != "null"]) == 1:
            node = real[0]
        else:
            return node
