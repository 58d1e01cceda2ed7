"""Every message is in the words of docs/reference/glossary.md, in both languages."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from unfelt.conf.catalogues import PACKAGE, chinese

PAGE = PACKAGE.parent.parent / "docs" / "reference" / "glossary.md"
STATISTICS = ("p-value", "statistically", "significant", "null hypothesis", "显著性", "p 值")
"""The words of the page's sentence on what no customer is shown."""


@dataclass(frozen=True)
class Term:
    """A row of the page."""

    english: str
    allowed: tuple[str, ...]
    never: tuple[str, ...]


def _words(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())


def _rows() -> Iterator[Term]:
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[0] not in ("English", "---"):
            english, renderings, also, never = cells
            yield Term(english, (renderings, *_words(also)), _words(never))


TERMS = {term.english: term for term in _rows()}
AS_TERM = {
    # Verbs and plain words everywhere but in these turns.
    "action": r"an action|actions|the action in hand|action done",
    "assignee": r"assignees?|assigned to you",
    "back": r"(?<!unfelt )(?:goes? back|taken? back|takes back|sent back|the change back)|^Back$",
    "budget spent": r"budget (?:is )?spent",
    "close": r"^close$",
    "comment": r"comments?(?! there stay)",  # In a file: notes beside what is read.
    "derived": r"^derived$",
    "go": r"^go$",
    "hold": r"^hold$",
    "new": r"(?:is |are |stay |everybody |version )?on new|the new version|^new$",
    "observed": r"^observed$",
    "old": r"on old|the old version|^old$",
    "plan": r"(?<!gate )plans?",
    "promote": r"promote|promoted|promotion",
    "reach": r"^reach$|(?:its|the) reach(?! of)",
    "read": r"^read from a tool's file$",
    "ready": r"^ready$",
    "share": r"the share|share [0{]|share on new|first share",
    "stated": r"^stated$",
    "delivered": r"^delivered$",
    "widen": r"widen(?:s|ed)?",
    # The name of the product and its commands stay.
    "unfelt": r"unfelt(?! (?:new|check|run|watch|back|judge)|: \{| in Chinese|\[| is\b)",
}
"""Where an English word is more than a term: as what it has to be the term's."""
EXCEPTIONS = {
    "may read catalogs of the system": "a database's own catalogs",
    "Use UTF-8 text without control characters": "characters of a text",
    "Allowed: a signed percentage": "a number with its sign",
    "Add a kind that measures": "the word that a playbook writes",
    "The expression holds a comment": "a comment of a language of programs",
    "`{piece}` is not allowed here": "a keyword of SQL",
    "Write CN: the State Council's notice": "what an authority publishes",
}
"""Messages that use a term's word for another thing: how they begin, and what it is there."""


@cache
def messages() -> tuple[tuple[str, str], ...]:
    """Each English text, with the one for several, and its Chinese one."""
    return tuple((_whole(message.id), _whole(message.string)) for message in chinese() if message.id)


def _whole(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else " | ".join(text)


def uses(term: Term, english: str) -> bool:
    """The term stands in the text as a word of its own: in no placeholder, name of a field, option or file."""
    words = AS_TERM.get(term.english, rf"{re.escape(term.english)}s?")
    pattern = re.compile(rf"(?<![\w`/.-])(?:{words})(?![\w`/=-]|:`|\.\w)", re.IGNORECASE)
    return any(not found[0].isupper() for found in pattern.finditer(_plain(english)))


@cache
def _plain(english: str) -> str:
    return re.sub(r"`[^`]*`", "…", re.sub(r"\{.*?\}", "{}", english))


def misfits(term: Term, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The messages that use the term without one of its Chinese words."""
    return [
        (english, text)
        for english, text in pairs
        if uses(term, english) and not any(word in text for word in term.allowed)
    ]


def holds(text: str, word: str) -> bool:
    """The word, or in Chinese the characters, are in the text."""
    edge = r"(?![a-z])" if word.isascii() else ""
    return re.search(rf"(?<![a-z]){re.escape(word)}{edge}" if edge else re.escape(word), text, re.I) is not None


def is_exception(english: str) -> bool:
    """The message uses a term's word for another thing."""
    return english.startswith(tuple(EXCEPTIONS))


def test_every_term_is_on_the_page_once() -> None:
    """In both languages; what is made of it elsewhere is made of terms that are there."""
    rows = [term.english for term in _rows()]
    assert len(rows) == len(set(rows)) == len(TERMS) > 80
    assert AS_TERM.keys() - TERMS.keys() == set()
    assert [name for name, term in TERMS.items() if not all(term.allowed)] == []


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_one_word_in_chinese(term: str) -> None:
    """Wherever a message uses the English term, its Chinese text uses the glossary's."""
    found = misfits(TERMS[term], messages())
    assert [pair for pair in found if not is_exception(pair[0])] == []


@pytest.mark.parametrize("term", [name for name, term in TERMS.items() if term.never])
def test_no_second_word_stands_for_the_same(term: str) -> None:
    """In messages of neither language."""
    never = TERMS[term].never
    assert [pair for pair in messages() if any(holds(text, word) for word in never for text in pair)] == []


def test_no_word_of_statistics_is_shown() -> None:
    """In no message: what a customer reads is made of them."""
    assert [pair for pair in messages() if any(holds(text, word) for word in STATISTICS for text in pair)] == []


def test_most_terms_are_met() -> None:
    """The page is about words that are there; the others are those of parts to come."""
    used = [name for name, term in TERMS.items() if any(uses(term, english) for english, _text in messages())]
    assert len(used) > 45, sorted(TERMS.keys() - used)


def test_every_exception_is_needed() -> None:
    """One whose message is gone, or in the glossary's words by now, goes too."""
    off = [english for term in TERMS.values() for english, _text in misfits(term, messages())]
    assert [start for start in EXCEPTIONS if not any(one.startswith(start) for one in off)] == []


@pytest.mark.parametrize(
    ("english", "chinese", "is_off"),
    [
        ("A gate is shut", "一道门没有打开", True),
        ("A gate is shut", "一道门禁没有打开", False),
        ("Gates are shut", "闸门没有打开", True),
        ("The investigated {gate} of `gate` and --gate", "无", False),
        ("unfelt sign GATE", "无", False),
    ],
)
def test_a_message_off_the_glossary_is_found(english: str, chinese: str, is_off: bool) -> None:
    """As a word of its own, in either number; not within another word, a placeholder or a name."""
    assert bool(misfits(TERMS["gate"], [(english, chinese)])) is is_off
