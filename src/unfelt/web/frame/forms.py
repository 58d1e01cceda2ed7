"""What a form holds: as an action takes it, and as it was typed, to be shown again."""

from collections.abc import Iterator
from typing import Annotated, Any, TypeVar, get_args, get_origin

from django.http import HttpRequest, QueryDict

from unfelt.engines.asked import Asked

A = TypeVar("A", bound=Asked)


def asked_in(request: HttpRequest, shape: type[A], **known: Any) -> A:  # noqa: ANN401  (as its fields take it)
    """What the form asks for, with what is `known` besides; AskedError where the action does not take it.

    A field that is left empty is not there, a box that is not ticked is no; `name:key` is the key of a mapping.
    """
    return shape.of({**dict(_given(request.POST, shape)), **known})


def _given(form: QueryDict, shape: type[Asked]) -> Iterator[tuple[str, Any]]:
    for name, field in shape.model_fields.items():
        kind = get_origin(field.annotation)
        if kind is list:
            yield name, _several(form, name)
        elif kind is dict:
            keys = [key for key in form if key.startswith(f"{name}:")]
            take = _several if _plain(get_args(field.annotation)[1]) is list else QueryDict.get
            yield name, {key.partition(":")[2]: said for key in keys if (said := take(form, key))}
        elif form.get(name, "").strip():
            yield name, form[name]


def _plain(kind: Any) -> Any:  # noqa: ANN401  (a type, or an alias of one)
    """`list` for a list of anything, whatever its limits."""
    return get_origin(get_args(kind)[0] if get_origin(kind) is Annotated else kind)


def _several(form: QueryDict, name: str) -> list[str]:
    return [one for one in form.getlist(name) if one.strip()]


def pressed(request: HttpRequest, name: str = "do") -> str:
    """The value of the button of that name by which the form was sent."""
    return str(request.POST.get(name, ""))


def typed_in(request: HttpRequest, *names: str, **otherwise: str) -> dict[str, str]:
    """What was typed into these fields of a form that was refused; else nothing, or what they begin with."""
    return {name: request.POST.get(name, otherwise.get(name, "")) for name in (*names, *otherwise)}


def fields_in(request: HttpRequest, prefix: str) -> dict[str, str]:
    """What was typed into the fields whose names begin so: those of a document, which validates them."""
    return {name: said for name, said in request.POST.items() if name.startswith(prefix)}


def ticked_in(request: HttpRequest, name: str) -> list[str]:
    """What was ticked under that name in a form that was refused."""
    return list(request.POST.getlist(name))
