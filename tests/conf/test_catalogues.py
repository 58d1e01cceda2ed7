"""Everything that a person reads is there in Chinese, in the words of the glossary."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message as CatalogMessage

from unfelt.conf.catalogues import PACKAGE, chinese, collect, misfits, missing
from unfelt.conf.language import Message, in_language, ngettext

GLOSSARY = {
    r"experience metrics?": ("体验指标",),
    r"impact budget": ("影响预算",),
    r"margins?": ("容许劣化幅度",),
    r"touchpoints?": ("客户触点",),
    r"catalog": ("配置目录",),
    r"affected": ("受影响",),
    r"unfelt(?! (?:new|check|run|watch|back|judge)|: \{| in Chinese|\[| is\b)": ("无感", "unfelt"),
    r"the guard('s)?": ("变更守护",),
    r"advise mode": ("建议模式",),
    r"rollouts?": ("灰度发布", "rollout"),
    r"the share": ("灰度比例", "扩大灰度"),
    r"on old": ("旧版",),
    r"on new": ("新版",),
    r"the old version": ("旧版",),
    r"the new version": ("新版",),
    r"soak": ("观察期",),
    r"lease": ("放量许可",),
    r"ledger": ("证据台账",),
    r"evidence": ("证据",),
    r"proof report": ("无感验证报告",),
    r"promote|promoted|promotion": ("全量",),
    r"(?<!unfelt )(?:goes? back|taken back|sent back|send the change back)": ("回退", "回到旧版"),
    r"^hold$": ("暂停",),
    r"widen": ("扩大灰度",),
    r"unmeasured": ("数据不足",),
    r"budget (?:is )?spent": ("影响预算已用尽",),
    r"baseline": ("基线期",),
}
"""English terms as they stand in messages, and the Chinese words of which one must be there."""


def messages() -> Iterator[tuple[str, str]]:
    """Each English text with its Chinese one."""
    return ((_first(message.id), _first(message.string)) for message in chinese() if message.id)


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def of_term(term: str) -> list[tuple[str, str]]:
    """The messages in which the English term is a word of its own."""
    pattern = re.compile(rf"(?<![\w`/.-])(?:{term})(?![\w`/]|:`|\.\w)", re.IGNORECASE)
    return [pair for pair in messages() if pattern.search(re.sub(r"\{.*?\}", "…", pair[0]))]


def test_every_message_has_a_chinese_text() -> None:
    """Nothing that the code can say is left in English."""
    assert missing() == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    """A Chinese text takes the values that the English one takes."""
    assert misfits() == []


@pytest.mark.parametrize("term", GLOSSARY)
def test_a_term_of_the_glossary_is_one_word_in_chinese(term: str) -> None:
    """Wherever a message uses the English term, its Chinese text uses the glossary's."""
    assert [pair for pair in of_term(term) if not any(word in pair[1] for word in GLOSSARY[term])] == []


@pytest.mark.parametrize("term", GLOSSARY)
def test_every_term_of_the_glossary_is_used(term: str) -> None:
    """No line of the table stands there for nothing."""
    assert of_term(term) != []


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
