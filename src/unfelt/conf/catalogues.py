"""The catalogue of messages: collected from the code, held complete by a test.

python -m unfelt.conf.catalogues
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as CatalogMessage
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent
CHINESE = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES" / "unfelt.po"
CLICK = ("core", "decorators", "exceptions", "formatting", "parser", "types")
"""The modules of click whose words a person can see here."""
KEYWORDS = {"_": None, "Message": None, "ngettext": (1, 2)}
_FIELD = re.compile(r"\{(\w+)")


def collect() -> Catalog:
    """Every message in the code and in what click says, with the places where it stands."""
    template = Catalog(project="unfelt", fuzzy=False)
    for file, line, text, comments, context in _found():
        if text:
            template.add(text, None, [(file, line)], auto_comments=comments, context=context)
    return template


def _found() -> Iterator[Any]:
    yield from extract_from_dir(
        PACKAGE,
        method_map=[("**.py", "python"), ("**/templates/**.html", "jinja2")],
        keywords=KEYWORDS,
        comment_tags=["Translators:"],
    )
    names = [(f"{name}.py", "python") for name in CLICK]
    yield from extract_from_dir(Path(click.__file__).parent, method_map=names, keywords=KEYWORDS)


def chinese() -> Catalog:
    """The Chinese catalogue as it is kept."""
    if not CHINESE.exists():
        return Catalog(locale="zh_Hans", project="unfelt", fuzzy=False)
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def update() -> list[str]:
    """The kept catalogue holds what the code says and nothing else; returns what still wants a Chinese text."""
    catalogue = chinese()
    catalogue.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    catalogue.header_comment = "# unfelt in Chinese (simplified); Apache-2.0. Renewed by: make translations"
    CHINESE.parent.mkdir(parents=True, exist_ok=True)
    with CHINESE.open("wb") as file:
        write_po(file, catalogue, width=115, sort_output=True, no_location=True, ignore_obsolete=True)
    return missing()


def missing() -> list[str]:
    """Messages in the code that have no Chinese text."""
    kept = chinese()
    return sorted(_name(message) for message in _messages(collect()) if not _translated(kept, message))


def misfits() -> list[str]:
    """Messages whose Chinese text has other placeholders: those of the English one, or of its plural, are due."""
    return sorted(_name(message) for message in _messages(chinese()) if not _fits(message))


def _messages(catalogue: Catalog) -> Iterator[CatalogMessage]:
    return (message for message in catalogue if message.id)


def _translated(kept: Catalog, message: CatalogMessage) -> bool:
    found = kept.get(message.id)
    return found is not None and bool(found.string if isinstance(found.string, str) else all(found.string))


def _fits(message: CatalogMessage) -> bool:
    if isinstance(message.id, str):
        return _fields(message.id) == _fields(message.string)
    return _fields(message.string) in (_fields(message.id[0]), _fields(message.id[1]))


def _fields(texts: str | tuple[str, ...] | list[str]) -> set[str]:
    whole = texts if isinstance(texts, str) else " ".join(texts)
    return set(_FIELD.findall(whole))


def _name(message: CatalogMessage) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


if __name__ == "__main__":
    open_ = update()
    print(f"{len(open_)} messages want a Chinese text in {CHINESE.relative_to(PACKAGE.parent.parent)}")
    print(*open_, sep="\n")
    sys.exit(bool(open_))
