"""The form of documents as JSON Schema, for editors and for messages."""

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import ModelSchema

from unfelt.documents.units import format_duration, format_fraction
from unfelt.documents.values import FRACTION

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def _of(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_WithUnits)
    _spell_fractions(schema)
    return schema


class _WithUnits(GenerateJsonSchema):
    """Defaults are written as a person would write them; what stands under a field of the code describes it."""

    def model_schema(self, schema: ModelSchema) -> dict[str, Any]:
        """The object, each of its properties described."""
        made = super().model_schema(schema)
        owner: type[BaseModel] = schema["cls"]
        for name, text in described(owner).items():
            if name in made.get("properties", {}):
                made["properties"][name].setdefault("description", text)
        return made

    def encode_default(self, dft: object) -> Any:  # noqa: ANN401  (JSON)
        """The default as it stands in a document."""
        return format_duration(dft) if isinstance(dft, timedelta) else super().encode_default(dft)


@cache
def described(model: type[BaseModel]) -> dict[str, str]:
    """By the name of a field in documents, the text under it in the code.

    Read from the source when a schema is asked for: pydantic itself would read it whenever unfelt starts.
    """
    found: dict[str, str] = {}
    for owner in reversed(model.__mro__):
        for name, text in _texts_of(owner.__module__).get(owner.__name__, {}).items():
            field = model.model_fields.get(name)
            found[(field and field.alias) or name] = text
    return found


@cache
def _texts_of(module: str) -> dict[str, dict[str, str]]:
    """By class and name, the texts under the fields of that module, which holds parts of documents."""
    if module.partition(".")[0] in ("builtins", "pydantic"):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {one.name: dict(_texts(one)) for one in tree.body if isinstance(one, ast.ClassDef)}


def _texts(owner: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, after in pairwise(owner.body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, inspect.cleandoc(text)


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
    """The node behind references, and behind `or null` and `or one line of text`."""
    while True:
        if "$ref" in node:
            node = whole["$defs"][node["$ref"].rsplit("/", 1)[-1]]
        elif len(real := [one for one in node.get("anyOf", ()) if one.get("type") not in ("null", "string")]) == 1:
            node = real[0]
        else:
            return node
