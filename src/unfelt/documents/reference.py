"""The reference of documents as Markdown, made from their form.

python -m unfelt.documents.reference docs/reference
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from unfelt.documents.catalog import Catalog
from unfelt.documents.change import Change
from unfelt.documents.expression_rules import FUNCTIONS, TYPES
from unfelt.documents.model import Model
from unfelt.documents.playbook import Playbook
from unfelt.documents.programme import Programme
from unfelt.documents.schema import json_schema

_HEAD = (
    "<!-- Made from the code: .venv/bin/python -m unfelt.documents.reference docs/reference -->\n"
    "# {title}\n\n{about}\n\n"
    "`unfelt check --schema {kind}` prints this as JSON Schema for editors. A field without a default must be "
    "written. Values carry their unit: lengths of time in `ms`, `s`, `m` (or `min`), `h`, `d`, also several "
    "(`1h 30m`); parts in `%`; customers as `150 customers`.\n"
)
_BAD = (
    "\n## What `bad` may say\n\n"
    "One yes-or-no SQL expression over columns: texts in single quotes, numbers, `true`, `false`, `null`, "
    "comparisons, `and`, `or`, `not`, `in (…)`, `between`, `like`, `ilike`, `is null`, `+ - * / // %`, `||`, "
    "`case`, and the functions {functions}. `try_cast` knows the types {types}. Everything else is refused. "
    "`count` takes the same; `slow` and `score` take a number instead of a question, from the same parts.\n"
)


def pages() -> dict[str, str]:
    """Each page of the reference by its file name."""
    functions, types = (", ".join(f"`{name}`" for name in names) for names in (FUNCTIONS, TYPES))
    return {
        "plan.md": _page(Change, "change", "The plan: change.yaml")
        + _BAD.format(functions=functions, types=types),
        "catalog.md": _page(Catalog, "catalog", "The catalog: catalog.yaml"),
        "playbook.md": _page(Playbook, "playbook", "The playbook"),
        "model.md": _page(Model, "model", "A change model: models/NAME.yaml"),
        "programme.md": _page(Programme, "programme", "The programme: programme.yaml"),
    }


def _page(model: type[BaseModel], kind: str, title: str) -> str:
    schema = json_schema(model)
    head = _HEAD.format(title=title, about=schema["description"], kind=kind)
    parts = [("", schema), *((name, schema["$defs"][name]) for name in _in_order(schema))]
    return head + "".join(_part(name, part, schema) for name, part in parts)


def _in_order(schema: Mapping[str, Any]) -> list[str]:
    """The parts in the order in which a reader meets them."""
    found: list[str] = []
    waiting: list[Mapping[str, Any]] = [schema]
    while waiting:
        names = [name for name in _references(waiting.pop(0)) if name not in found]
        found += dict.fromkeys(names)
        waiting += [schema["$defs"][name] for name in dict.fromkeys(names)]
    return found


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[-1]
        for key, value in node.items():
            if key not in ("$defs", "discriminator"):
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _part(name: str, part: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    heading = f"\n## {name}\n\n{part.get('description', '')}\n" if name else "\n## The whole\n"
    required = part.get("required", ())
    rows = (
        _row(field, node, required=field in required, about=_about(node, schema))
        for field, node in part["properties"].items()
    )
    return heading + "\n| field | value | default | meaning |\n|---|---|---|---|\n" + "".join(rows)


def _row(field: str, node: Mapping[str, Any], *, required: bool, about: str) -> str:
    default = (
        "**required**" if required else _default(node.get("default", {} if node.get("type") == "object" else None))
    )
    meaning = " ".join(str(node.get("description") or about).split())
    cells = (f"`{field}`", _kind(node), default, meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _about(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What the part says of itself that the field points to."""
    name = str(node.get("$ref", "")).rsplit("/", 1)[-1]
    return str(schema["$defs"].get(name, {}).get("description", ""))


def _default(value: object) -> str:
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, list):
        return ", ".join(_default(item) for item in value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(node: Mapping[str, Any]) -> str:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    for choice in ("anyOf", "oneOf"):
        if choice in node:
            return " or ".join(dict.fromkeys(_kind(one) for one in node[choice] if one.get("type") != "null"))
    if "enum" in node or "const" in node:
        return ", ".join(f"`{value}`" for value in node.get("enum", [node.get("const")]))
    if node.get("type") == "array":
        return f"list of {_kind(node['items'])}"
    if node.get("type") == "object":
        inner = next(iter(node.get("patternProperties", {}).values()), None) or node.get(
            "additionalProperties", {}
        )
        return f"name: {_kind(inner)}" if isinstance(inner, dict) else "parts of another document"
    examples = ", ".join(f"`{example}`" for example in node.get("examples", ()))
    return (
        f"text: {examples}"
        if examples
        else {"string": "text", "boolean": "`true`, `false`"}.get(node["type"], node["type"])
    )


if __name__ == "__main__":
    for file, text in pages().items():
        (Path(sys.argv[1]) / file).write_text(text, encoding="utf-8")
