"""What the schema's errors mean to a person; a kind of error without a translation raises."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from unfelt.conf import plugins
from unfelt.conf.language import Message
from unfelt.documents.expression_rules import ExpressionError
from unfelt.documents.problems import Path
from unfelt.documents.refusal import RefusalError

Said = tuple[Message, Message]


class UntranslatedError(LookupError):
    """The schema found an error of a kind that has no sentence."""


def translate(kind: str, context: Mapping[str, Any], path: Path, *, known: Iterable[str]) -> Said:
    """What is wrong and what to do, for one error of the schema; `known` are the fields allowed at that place."""
    if kind not in TRANSLATIONS:
        raise UntranslatedError(kind)
    return TRANSLATIONS[kind](context, path, tuple(known))


def _missing(_context: Mapping[str, Any], path: Path, _known: tuple[str, ...]) -> Said:
    return (
        Message("this field is missing"),
        Message("Add `{name}:` here; docs/reference says what it means.", name=str(path[-1])),
    )


def _extra(_context: Mapping[str, Any], path: Path, known: tuple[str, ...]) -> Said:
    near = get_close_matches(str(path[-1]), known, n=3)
    if near:
        return Message("there is no such field"), Message("Did you mean {near}?", near=", ".join(near))
    return Message("there is no such field"), Message("Allowed here: {known}.", known=", ".join(known))


def _value(context: Mapping[str, Any], _path: Path, _known: tuple[str, ...]) -> Said:
    error = context["error"]
    if isinstance(error, RefusalError):
        return error.what, error.remedy
    if isinstance(error, ExpressionError):
        return Message("the expression is not allowed"), error.message
    raise UntranslatedError(type(error).__name__)


def _literal(context: Mapping[str, Any], _path: Path, _known: tuple[str, ...]) -> Said:
    choices = str(context["expected"]).replace("'", "").replace(" or ", ", ")
    return Message("this value is not known here"), Message("Allowed: {choices}.", choices=choices)


def _pattern(_context: Mapping[str, Any], _path: Path, _known: tuple[str, ...]) -> Said:
    return (
        Message("a name is due"),
        Message("Allowed: lower-case letters, digits, `-` and `_`, a letter first: slow-checkout."),
    )


def _union(context: Mapping[str, Any], _path: Path, _known: tuple[str, ...]) -> Said:
    tags = str(context["expected_tags"]).replace("'", "")
    return Message("this kind is not known"), Message("Allowed: {choices}.", choices=tags)


def _no_kind(_context: Mapping[str, Any], _path: Path, _known: tuple[str, ...]) -> Said:
    return (
        Message("it does not say of what kind it is"),
        Message("Add `kind:` with one of: {known}.", known=", ".join(plugins.names("source_kind"))),
    )


def _says(what: Message, remedy: Message) -> Callable[[Mapping[str, Any], Path, tuple[str, ...]], Said]:
    return lambda _context, _path, _known: (what, remedy)


def _limit(text: Callable[[str], Message], key: str) -> Callable[[Mapping[str, Any], Path, tuple[str, ...]], Said]:
    def say(context: Mapping[str, Any], _path: Path, _known: tuple[str, ...]) -> Said:
        return Message("the value is out of range"), text(str(context[key]))

    return say


_TEXT = _says(Message("a text is due"), Message('Put it in quotes: "…".'))
_LIST = _says(Message("a list is due"), Message("Write [one, two], or one item a line after `- `."))
_MAPPING = _says(
    Message("a group of fields is due"), Message("Write {{name: value}}, or one field a line, indented.")
)
_NUMBER = _says(Message("a plain number is due"), Message("Write it without unit and without quotes: 1.5."))
_WHOLE = _says(Message("a whole number is due"), Message("Write it without unit and without quotes: 2."))

TRANSLATIONS: dict[str, Callable[[Mapping[str, Any], Path, tuple[str, ...]], Said]] = {
    "missing": _missing,
    "extra_forbidden": _extra,
    "value_error": _value,
    "literal_error": _literal,
    "string_pattern_mismatch": _pattern,
    "union_tag_invalid": _union,
    "union_tag_not_found": _no_kind,
    "string_type": _TEXT,
    "tuple_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "bool_type": _says(Message("yes or no is due"), Message("Allowed: true, false.")),
    "int_type": _WHOLE,
    "float_type": _NUMBER,
    "finite_number": _NUMBER,
    "too_short": _says(Message("the list is empty"), Message("Add at least one item.")),
    "too_long": _limit(lambda limit: Message("Allowed: at most {limit} items.", limit=limit), "max_length"),
    "string_too_short": _says(Message("the text is empty"), Message("Write something.")),
    "string_too_long": _limit(
        lambda limit: Message("Allowed: at most {limit} characters.", limit=limit), "max_length"
    ),
    "greater_than": _limit(lambda limit: Message("Allowed: above {limit}.", limit=limit), "gt"),
    "greater_than_equal": _limit(lambda limit: Message("Allowed: {limit} or more.", limit=limit), "ge"),
    "less_than_equal": _limit(lambda limit: Message("Allowed: {limit} or less.", limit=limit), "le"),
}
