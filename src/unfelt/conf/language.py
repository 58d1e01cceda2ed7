"""Chinese and English: every sentence a person sees passes through here."""

import gettext
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from io import BytesIO
from typing import Any

LANGUAGES = ("en", "zh-hans")
_current: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """The language in force: `en` or `zh-hans`."""
    return _current.get()


def choose(wanted: str) -> str:
    """The supported language nearest to a tag such as `zh_CN.UTF-8`; English where there is none."""
    return "zh-hans" if wanted.lower().replace("_", "-").startswith("zh") else "en"


def set_language(wanted: str) -> None:
    """From here on, in this context, sentences come in that language."""
    _current.set(choose(wanted))


@contextmanager
def in_language(wanted: str) -> Iterator[None]:
    """Within the block, sentences come in that language."""
    token = _current.set(choose(wanted))
    try:
        yield
    finally:
        _current.reset(token)


class Pseudo(gettext.NullTranslations):
    """Chinese where UNFELT_PSEUDO is set: each sentence as it is in the code, marked: none is forgotten."""

    def gettext(self, message: str) -> str:
        """⟦The sentence⟧."""
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """⟦The sentence for that number⟧."""
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


@cache
def _catalogue(name: str) -> gettext.NullTranslations:
    if name == "en":
        return gettext.NullTranslations()
    if os.environ.get("UNFELT_PSEUDO"):
        return Pseudo()
    return _compiled(files("unfelt") / "locale" / "zh_Hans" / "LC_MESSAGES" / "unfelt.po")


def teach(package: str, path: str) -> None:
    """The Chinese texts of a plug-in are known from here on: the path of a .po file in its package."""
    _catalogue("zh-hans").add_fallback(_compiled(files(package) / path))


def _compiled(source: Traversable) -> gettext.GNUTranslations:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with source.open("rb") as text:
        write_mo(compiled, read_po(text, locale="zh_Hans"))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _(text: str) -> str:
    """The text in the language in force."""
    return _catalogue(language()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """The text for that number in the language in force."""
    return _catalogue(language()).ngettext(one, many, number)


class Message:
    """A sentence that is put into words only when somebody reads it, in the reader's language.

    `Message("{n} of {m} customers", n=7, m=60)`: the text is a literal, so that it can be collected for
    translation; the values are plain data, so that it can be kept in the ledger.
    """

    __slots__ = ("text", "values")

    def __init__(self, text: str, /, **values: Any) -> None:  # noqa: ANN401  (any value that prints)
        self.text = text
        self.values = values

    def __str__(self) -> str:
        return _(self.text).format(**self.values)

    def __repr__(self) -> str:
        return f"Message({self.text!r}, {self.values!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.text, self.values) == (other.text, other.values)

    def __hash__(self) -> int:
        return hash(self.text)

    def plain(self) -> dict[str, Any]:
        """The message as JSON-ready data; `Message.of` gives it back."""
        return {
            "text": self.text,
            "values": {k: v.plain() if isinstance(v, Message) else v for k, v in self.values.items()},
        }

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> "Message":
        """The message that `plain` described."""
        values = {
            k: cls.of(v) if isinstance(v, dict) and v.keys() == {"text", "values"} else v
            for k, v in plain["values"].items()
        }
        return cls(plain["text"], **values)


@dataclass(frozen=True, slots=True)
class InBoth:
    """What somebody wrote, as readers of each language see it: the same twice where it was said in one."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.zh if language() == "zh-hans" else self.en

    @property
    def other(self) -> str:
        """What the reader does not see; empty where both see the same."""
        return "" if self.en == self.zh else self.en if language() == "zh-hans" else self.zh

    def plain(self) -> dict[str, str]:
        """As JSON-ready data: the same keys whatever was said."""
        return {"en": self.en, "zh": self.zh}

    def cut(self, length: int) -> "InBoth":
        """No more than so many characters of each."""
        return InBoth(self.en[:length], self.zh[:length])
