"""click's own words in the reader's language, and lines that are broken where Chinese may be broken."""

import re
from collections.abc import Iterator
from importlib import import_module

from unfelt.conf.catalogues import CLICK
from unfelt.conf.language import _, ngettext

_UNIT = re.compile(r"[^\s\u2e80-\uffef]+[，。：；？！、）”]*|[（“]?[\u2e80-\uffef][，。：；？！、）”]*|\s+")
"""What stays on one line: a Latin word, or one Chinese character; punctuation stays with what it follows."""


def teach_click() -> None:
    """From here on click asks our catalogue for its words.

    click asks gettext, which knows one language for the whole process, from compiled files only; ours may
    change with each command and is read from text.
    """
    for name in CLICK:
        module = import_module(f"click.{name}")
        for word, ours in (("_", _), ("ngettext", ngettext)):
            if hasattr(module, word):
                setattr(module, word, ours)
    formatting = import_module("click.formatting")
    formatting.__dict__["wrap_text"] = wrap_text


def wrap_text(
    text: str,
    width: int = 78,
    initial_indent: str = "",
    subsequent_indent: str = "",
    preserve_paragraphs: bool = False,
) -> str:
    """The text in lines no wider than that on the screen, where a Chinese character is two columns wide."""
    if preserve_paragraphs:
        return "\n\n".join(
            wrap_text(" ".join(part.split()), width, initial_indent, subsequent_indent)
            for part in text.split("\n\n")
        )
    return "\n".join(_lines(text, width, initial_indent, subsequent_indent))


def _lines(text: str, width: int, first: str, later: str) -> Iterator[str]:
    from rich.cells import cell_len

    line, is_empty = first, True
    for unit in _UNIT.findall(text):
        if not is_empty and cell_len(line + unit.rstrip()) > width:
            yield line.rstrip()
            line, is_empty = later, True
        if not (is_empty and unit.isspace()):
            line, is_empty = line + unit, False
    yield line.rstrip()
