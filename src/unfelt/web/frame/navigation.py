"""The top of every page and the rows of tabs: of the pages that engines list, by who may open them."""

from collections.abc import Iterator
from dataclasses import dataclass

from unfelt.conf import plugins
from unfelt.engines.people.rights import Reader
from unfelt.web.frame.page import Page, Tab

MAIN = "main"
HEADS = {"change": "changes", "settings": "me", "rollouts": "board"}
"""Rows and first parts of addresses by the page at the top, where that has another name."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A tab as it is shown: where it leads, what it says, and whether the reader is there."""

    address: str
    label: str
    is_here: bool


def sections(known: Reader, here: Page | None) -> list[Shown]:
    """The places at the top that the reader may go to; `here` is the page that is shown, if it is a page."""
    at = section_of(here) if here is not None else ""
    return [
        Shown(_address(page, tab), _label(page, tab), page.name == at)
        for page, tab in _row(MAIN)
        if page.right is None or known.may(page.right)
    ]


def section_of(page: Page) -> str:
    """The name of the page at the top that this one belongs to; empty where to none."""
    tops = {one.name for one, _tab in _row(MAIN)}
    said = (page.section, page.name, *(tab.row for tab in page.tabs), page.at.partition("/")[0])
    return next((top for one in said if (top := HEADS.get(one, one)) in tops), "")


def tabs(row: str, known: Reader, here: str, change: str = "") -> list[Shown]:
    """A row of tabs, the one with the longest address that the reader is within being theirs.

    here: the path that was asked for. change: whose tabs they are, for the row `change`.
    """
    path = here.partition("?")[0]
    shown = [
        (page, tab, _address(page, tab).replace("<str:name>", change))
        for page, tab in _row(row)
        if page.right is None or known.may(page.right)
    ]
    within = [address for _page, tab, address in shown if not tab.query and path.startswith(address)]
    at = max(within, key=len, default=None)
    return [Shown(address, _label(page, tab), address == at) for page, tab, address in shown]


def _row(row: str) -> list[tuple[Page, Tab]]:
    return sorted(_tabs(row), key=lambda both: (both[1].order, both[0].name))


def _tabs(row: str) -> Iterator[tuple[Page, Tab]]:
    for page in plugins.registered("pages", "PAGES").values():
        yield from ((page, tab) for tab in page.tabs if tab.row == row)


def _address(page: Page, tab: Tab) -> str:
    return f"/{page.at}{tab.query}"


def _label(page: Page, tab: Tab) -> str:
    return str(tab.label or page.title)
