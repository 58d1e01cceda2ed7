"""Change models: what a kind of change always says, so that one change of it is ten lines."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Annotated, Any, Literal

from pydantic import Field

from unfelt.conf.language import Message
from unfelt.documents.bilingual import in_both, is_pair, paired
from unfelt.documents.catalog import Title
from unfelt.documents.findings import Finding, mapping
from unfelt.documents.playbook import Pointer
from unfelt.documents.problems import Path
from unfelt.documents.values import Name, Part

BOTH = ("/change/title", "/needs")
"""Fields whose text may be given in both languages."""
OTHER = "/other"
"""After the pointer of such a field: the same in the language that is not the reader's."""
SHIPPED = FilePath(__file__).parent.parent / "models"
"""The models that come with unfelt."""


class ModelHead(Part):
    """Which model it is."""

    id: Name
    """Its name for ever."""
    title: Title
    """What people call it."""
    about: Title
    """When to use it."""
    may_go_back: int = Field(default=0, ge=0, le=100, strict=True)
    """How many of its rollouts may go back before it has to be approved anew."""


class Ask(Part):
    """A field that every change from the model writes."""

    field: Pointer
    """The field, as a JSON Pointer: `/rollout/new`."""
    question: Title
    """What to write there."""
    example: Annotated[str, Field(min_length=1, max_length=400)]
    """A value; the model is checked with it."""


class Model(Part):
    """A template for changes: what it fixes nobody writes again, what it assumes may be written otherwise."""

    unfelt: Literal[1]
    """The version of this form of document."""
    model: ModelHead
    """Which model it is."""
    asks: tuple[Ask, ...] = Field(min_length=1, max_length=10)
    """What a change from it says itself: ten fields at most."""
    fixed: dict[str, Any] = Field(default_factory=dict)
    """The parts of a change that every change from it has."""
    defaults: dict[str, Any] = Field(default_factory=dict)
    """The parts that a change from it may write otherwise."""


def model_file(name: str, beside: FilePath) -> FilePath | Message:
    """The file of the model of that name: in `models` beside the plan, else among those of unfelt."""
    for place in (beside / "models", SHIPPED):
        if (place / f"{name}.yaml").is_file():
            return place / f"{name}.yaml"
    known = models_beside(beside)
    near = get_close_matches(name, known, n=3) or list(known)
    return Message("Allowed: {near}; or write models/{name}.yaml.", near=", ".join(near), name=name)


def models_beside(place: FilePath) -> dict[str, FilePath]:
    """Every model that a plan in that directory may name."""
    files = [*sorted(SHIPPED.glob("*.yaml")), *sorted((place / "models").glob("*.yaml"))]
    return {file.stem: file for file in files}


def filled(data: Mapping[str, Any], model: Model) -> tuple[dict[str, Any], list[Finding]]:
    """The change with what the model says; findings where it writes what the model fixes otherwise."""
    found = _under(deepcopy(model.defaults), data, is_first=True)
    findings = list(_against(model.fixed, data, ()))
    return _rated(_under(found, model.fixed, is_first=False)), findings


def _rated(found: dict[str, Any]) -> dict[str, Any]:
    """A risk that does not say on what is one on each thing that the change touches: a model cannot know them."""
    touches = [one for one in found.get("touches") or () if isinstance(one, str)]
    risks: list[dict[str, Any]] = found["risks"] if _named(found.get("risks")) else []
    known = {one["id"] for one in risks if one.get("on") is not None}
    if touches and risks:
        found["risks"] = [
            part
            for one in risks
            for part in ([one] if one.get("on") is not None else _on_each(one, touches, known))
        ]
    return found


def _on_each(risk: dict[str, Any], touches: list[str], known: set[str]) -> Iterator[dict[str, Any]]:
    for touch in touches:
        name = risk["id"] if len(touches) == 1 else f"{risk['id']}-{touch}"[:64]
        if name not in known:
            yield {**risk, "id": name, "on": touch}


def example_of(model: Model) -> dict[str, Any]:
    """The change that the model's own examples make."""
    return asked_of(model, {ask.field: ask.example for ask in model.asks})


def asked_of(model: Model, answers: Mapping[str, str]) -> dict[str, Any]:
    """The shortest change from the model: its name and the answers, in the order in which it asks."""
    found: dict[str, Any] = {"unfelt": 1, "change": {}}
    for ask in model.asks:
        *parents, last = steps(ask.field)
        here = found
        for name in parents:
            here = here.setdefault(name, {})
        here[last] = in_field(last, answers[ask.field], other=answers.get(ask.field + OTHER, ""))
    found["change"]["model"] = model.model.id
    return found


def steps(pointer: str) -> tuple[str, ...]:
    """The names in a JSON Pointer (RFC 6901)."""
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def check_model(data: Mapping[str, Any]) -> Iterator[Finding]:
    """What a model fixes and assumes do not meet, and it does not ask for what it fixes."""
    fixed, defaults = mapping(data.get("fixed")), mapping(data.get("defaults"))
    yield from _both(fixed, defaults, ())
    asks = data.get("asks")
    for number, ask in enumerate(asks if isinstance(asks, list) else ()):
        field = mapping(ask).get("field")
        if isinstance(field, str) and field.startswith("/") and _at(fixed, steps(field)) is not None:
            yield Finding(
                ("asks", number, "field"),
                Message("the model fixes what it asks for"),
                Message("Take it out of `fixed` or out of `asks`."),
            )


def _both(fixed: Mapping[str, Any], defaults: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    for name in fixed.keys() & defaults.keys():
        here = (*path, name)
        if isinstance(fixed[name], dict) and isinstance(defaults[name], dict):
            yield from _both(fixed[name], defaults[name], here)
        else:
            yield Finding(
                ("defaults", *here),
                Message("the model fixes it already"),
                Message("Delete it here or under `fixed`."),
            )


def _at(node: object, path: tuple[str, ...]) -> object:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _against(fixed: Mapping[str, Any], data: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    for name, value in fixed.items():
        here = (*path, name)
        if name not in data:
            continue
        if isinstance(value, dict) and isinstance(data[name], dict):
            yield from _against(value, data[name], here)
        elif _named(value) and _named(data[name]):
            yield from _against_items(_by_id(value), data[name], here)
        elif data[name] != value:
            yield Finding(
                here,
                Message("the model of this change fixes it"),
                Message("Delete it here. A change that needs another value leaves `change.model` out."),
            )


def _against_items(fixed: Mapping[str, Any], items: list[Any], path: Path) -> Iterator[Finding]:
    for number, item in enumerate(items):
        yield from _against(fixed.get(item["id"], {}), item, (*path, number))


def _named(value: object) -> bool:
    """A list of parts that each have a name of their own."""
    return isinstance(value, list) and all(isinstance(mapping(item).get("id"), str) for item in value)


def _by_id(items: list[Any]) -> dict[str, Any]:
    return {item["id"]: item for item in items}


def _under(base: dict[str, Any], above: Mapping[str, Any], *, is_first: bool) -> dict[str, Any]:
    """What is above hides what is below, part by part; parts of a list that have an `id` meet by it.

    is_first: whether in such a list the parts that are above stand first, so that they keep their places.
    """
    for name, value in above.items():
        if isinstance(value, dict) and isinstance(base.get(name), dict):
            _under(base[name], value, is_first=is_first)
        elif _named(value) and _named(base.get(name)):
            met = _under(_by_id(base[name]), _by_id(value), is_first=is_first)
            order = [item["id"] for item in (value if is_first else ())]
            base[name] = [met[one] for one in dict.fromkeys([*order, *met])]
        else:
            base[name] = deepcopy(value)
    return base


def in_field(name: str, text: str, *, other: str = "") -> Any:  # noqa: ANN401  (what stands in the field)
    """A list is written with commas (`checkout, cart`), a window as an interval of ISO 8601 (`FROM/TO`).

    A need is its reason. other: the same in the other language.
    """
    if name == "touches":
        return [one.strip() for one in text.split(",") if one.strip()]
    if name == "needs":
        return [{"id": "reason", "because": paired(text, other)}]
    if name == "window":
        start, _slash, end = text.partition("/")
        return {"from": start.strip(), "to": end.strip()}
    return paired(text, other)


def shown_in_field(name: str, value: object) -> str:
    """The same the other way round: what a form shows for what stands in the field.

    >>> shown_in_field("touches", ["checkout", "cart"]), shown_in_field("window", {"from": "a", "to": "b"})
    ('checkout, cart', 'a/b')
    """
    if value is None:
        return ""
    if name == "touches" and isinstance(value, list):
        return ", ".join(map(str, value))
    if is_pair(value) or name == "needs":
        return str(in_both(_said(value)))
    if name == "window" and isinstance(value, dict):
        return f"{value.get('from', '')}/{value.get('to', '')}"
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def other_in_field(value: object) -> str:
    """What a form shows beside it: the same in the language that is not the reader's; empty where it has one.

    >>> other_in_field({"en": "Split checkout", "zh": "拆分结账"}), other_in_field("Split checkout")
    ('拆分结账', '')
    """
    return in_both(_said(value)).other


def _said(value: object) -> object:
    """Of a list of needs the reason of the first; anything else as it is."""
    if isinstance(value, list):
        return mapping(value[0]).get("because") if value else None
    return value
