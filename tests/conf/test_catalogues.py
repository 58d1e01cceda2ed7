"""Everything that a person reads is there in Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message as CatalogMessage

from unfelt.conf.catalogues import PACKAGE, chinese, collect, misfits, missing
from unfelt.conf.language import Message, in_language, ngettext


def messages() -> Iterator[tuple[str, str]]:
    """Each English text with its Chinese one."""
    return ((_first(message.id), _first(message.string)) for message in chinese() if message.id)


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def test_every_message_has_a_chinese_text() -> None:
    """Nothing that the code can say is left in English."""
    assert missing() == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    """A Chinese text takes the values that the English one takes."""
    assert misfits() == []


def test_chinese_texts_use_chinese_punctuation() -> None:
    """No comma, colon or question mark of half width follows a Chinese character."""
    wrong = re.compile(r"[\u4e00-\u9fff][,:;?!](?!\n)")
    assert [text for _english, text in messages() if wrong.search(text)] == []


def test_every_message_in_the_code_is_a_literal() -> None:
    """What is put together at run time cannot be collected, and so never be translated."""
    assert [place for file in sorted(PACKAGE.rglob("*.py")) for place in not_literal(file)] == []


def test_every_message_in_the_code_is_collected() -> None:
    """No text hides where the collector does not look, such as inside an f-string."""
    collected = {_first(message.id) for message in collect() if message.id}
    asked = [text for file in sorted(PACKAGE.rglob("*.py")) for text in texts_asked(file)]
    assert sorted(set(asked) - collected) == []


def texts_asked(file: Path) -> Iterator[str]:
    """The texts that a file asks for, as Python itself reads them."""
    for call in calls_in(file):
        if number_of_texts(call) and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def calls_in(file: Path) -> list[ast.Call]:
    """Every call in the file."""
    return [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]


def number_of_texts(call: ast.Call) -> int:
    """How many of the call's arguments are texts for people."""
    return {"_": 1, "Message": 1, "ngettext": 2}.get(getattr(call.func, "id", ""), 0)


def not_literal(file: Path) -> list[str]:
    """The places in a file where a message is asked for by anything but a text."""
    if file.parts[-2:] == ("conf", "language.py"):
        return []  # The words themselves: they take what they are given.
    return [f"{file.relative_to(PACKAGE)}:{call.lineno}" for call in calls_in(file) if _is_built(call)]


def _is_built(call: ast.Call) -> bool:
    return not all(isinstance(text, ast.Constant) for text in call.args[: number_of_texts(call)])


def test_a_message_speaks_the_language_of_its_reader() -> None:
    """The same message, kept as data, reads in either language."""
    message = Message.of(Message("metric {metric}", metric="failed").plain())
    with in_language("zh"):
        chinese_text = str(message)
    assert (str(message), chinese_text) == ("metric failed", "指标 failed")


def test_numbers_choose_one_text_in_chinese() -> None:
    """Chinese has no plural: one and many read the same."""
    with in_language("zh"):
        texts = {ngettext("{n} error", "{n} errors", number) for number in (1, 2)}
    assert texts == {"{n} 处错误"}


def test_the_kept_catalogue_holds_nothing_that_the_code_does_not_say() -> None:
    """Texts of messages that are gone are gone too."""
    said = {_first(message.id) for message in collect() if message.id}
    assert [english for english, _text in messages() if english not in said] == []


def test_the_catalogue_is_read_as_messages() -> None:
    """Every entry is a message with a text of its own."""
    assert {type(message) for message in chinese()} == {CatalogMessage}
