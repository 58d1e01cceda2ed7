"""The step `copy`: what lies in the new store is what lay in the old one. MISSION_DATA names where they are."""

import os
import sqlite3
from pathlib import Path

import pytest

DATA = Path(os.environ.get("MISSION_DATA", "."))


def rows(store: str, table: str) -> list[tuple[object, ...]]:
    """All rows of the table, in order."""
    with sqlite3.connect(f"file:{DATA / store}?mode=ro", uri=True) as found:
        return sorted(found.execute(f"SELECT * FROM {table}").fetchall())  # noqa: S608  (a name of ours)


@pytest.mark.parametrize("table", ["products", "customers"])
def test_every_row_was_moved(table: str) -> None:
    """As it was."""
    assert rows("checkout.db", table) == rows("old.db", table)


def test_orders_from_before_are_there() -> None:
    """Those that both stores know are the same, and no number of one store is another order in the other."""
    old = {one[0]: one for one in rows("old.db", "orders")}
    new = {one[0]: one for one in rows("checkout.db", "orders")}
    both = old.keys() & new.keys()
    assert both
    assert [old[name] for name in both] == [new[name] for name in both]


@pytest.mark.parametrize("store", ["old.db", "checkout.db"])
def test_no_page_of_the_store_is_broken(store: str) -> None:
    """As the store itself sees it."""
    with sqlite3.connect(f"file:{DATA / store}?mode=ro", uri=True) as found:
        assert found.execute("PRAGMA integrity_check").fetchone() == ("ok",)
