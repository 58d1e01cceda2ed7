"""What people write about a change: one line that everybody sees as it stands, or one for each language."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    Field,
    TypeAdapter,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from unfelt.conf.language import InBoth, Message, language
from unfelt.documents.refusal import RefusalError
from unfelt.documents.values import Line, Part, is_none

_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")


class Bilingual(Part):
    """A line in each language; a reader sees their own where it is given, else the other."""

    en: Line | None = Field(default=None, exclude_if=is_none)
    """In English."""
    zh: Line | None = Field(default=None, exclude_if=is_none)
    """In Chinese."""

    @model_validator(mode="after")
    def _says_something(self) -> "Bilingual":
        if self.en is None and self.zh is None:
            raise RefusalError(Message("it says nothing in any language"), _ALLOWED)
        return self

    def __str__(self) -> str:
        """In the reader's language."""
        return str(in_both(self))


_ALLOWED = Message('Allowed: a line of text ("…"), or one for each language: {{en: "…", zh: "…"}}.')
_LINE, _PAIR = TypeAdapter[str](Line), TypeAdapter(Bilingual)


def _either(value: object, _next: ValidatorFunctionWrapHandler, info: ValidationInfo) -> str | Bilingual:
    """What is wrong with a pair is said of the pair, and never that it is no line as well."""
    if isinstance(value, str):
        return _LINE.validate_python(value)
    if isinstance(value, Mapping | Bilingual):
        return _PAIR.validate_python(value, context=info.context)
    raise RefusalError(Message("a text is due"), _ALLOWED)


Text = Annotated[Line | Bilingual, WrapValidator(_either)]
"""A short text that says something, in one language or in both."""


def in_both(said: object) -> InBoth:
    """As readers of each language see it: a text, a pair, or either as it stands in a document.

    >>> in_both("Split").zh, in_both({"en": "Split", "zh": "拆分"}).zh, in_both({"zh": "拆分"}).en
    ('Split', '拆分', '拆分')
    """
    if isinstance(said, Bilingual):
        said = {"en": said.en, "zh": said.zh}
    if isinstance(said, Mapping):
        en, zh = said.get("en"), said.get("zh")
        return InBoth(str(en or zh or ""), str(zh or en or ""))
    text = "" if said is None else str(said)
    return InBoth(text, text)


def is_pair(said: object) -> bool:
    """What stands in a document is one line for each language, not one for everybody."""
    return isinstance(said, Mapping) and bool(said) and said.keys() <= {"en", "zh"}


def paired(text: str, other: str) -> str | dict[str, Any]:
    """A text and the same in the other language, as a document has it: just the text where no other is given.

    Which of the two is Chinese is seen by its characters; where they do not tell, the first is in the reader's
    language.

    >>> paired("Split checkout", ""), paired("拆分结账", "Split checkout")
    ('Split checkout', {'en': 'Split checkout', 'zh': '拆分结账'})
    """
    text, other = text or other, other if text else ""
    if not other or other == text:
        return text
    first, second = (_CHINESE.search(one) is not None for one in (text, other))
    is_chinese = first if first != second else language() == "zh-hans"
    en, zh = (other, text) if is_chinese else (text, other)
    return {"en": en, "zh": zh}
