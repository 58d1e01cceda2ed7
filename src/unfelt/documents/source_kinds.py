"""Kinds of sources that are registered: each a form of its own, told from the others by its `kind`."""

from collections.abc import Mapping
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.source import PromiseSource, Source


def source_kinds() -> Mapping[str, type[Source]]:
    """The form of each kind that is registered, by its name in plans."""
    return {name: plugins.part("source_kind", name) for name in plugins.names("source_kind")}


def finds_what_is_bad(kind: object) -> bool:
    """Sources of that kind find by themselves what is bad, so that a metric does not say it."""
    form = source_kinds().get(kind) if isinstance(kind, str) else None
    return form is not None and issubclass(form, PromiseSource)


def check_form(name: str, form: Any) -> None:  # noqa: ANN401  (whatever somebody registers)
    """ValueError where that cannot be the form of a kind of somebody else."""
    is_form = isinstance(form, type) and issubclass(form, PromiseSource)
    if not is_form or form.model_fields["kind"].annotation != Literal[name]:
        said = Message(
            "{name} is no kind of source: it has to be a PromiseSource of unfelt.documents.source, with the field "
            "kind: Literal[{name}]",
            name=name,
        )
        raise ValueError(said)


@cache
def _one_of(forms: tuple[type[Source], ...]) -> TypeAdapter[Source]:
    union: Any = reduce(or_, forms)
    return TypeAdapter(Annotated[union, Field(discriminator="kind")])


def _registered() -> TypeAdapter[Source]:
    return _one_of(tuple(source_kinds().values()))


def _chosen(value: object, info: ValidationInfo) -> Source:
    return value if isinstance(value, Source) else _registered().validate_python(value, context=info.context)


class _Registered:
    """Looked up when a document is read, or its schema asked for: plug-ins may need this module themselves."""

    def __get_pydantic_core_schema__(self, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(_chosen)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(_registered().core_schema)


RegisteredSource = Annotated[Source, _Registered()]
"""A source of a kind that is registered."""
