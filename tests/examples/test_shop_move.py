"""The move of the example shop's data from one store to two."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from shop.database import StoreExistsError, connect
from shop.move import NotMovedError, move, move_back
from shop.orders import OrderBook
from shop.stock import stock


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A stocked old store, moved."""
    stock(tmp_path / "old.db")
    move(tmp_path / "old.db", catalog=tmp_path / "catalog.db", checkout=tmp_path / "checkout.db")
    return tmp_path


def rows(path: Path, table: str) -> list[tuple[object, ...]]:
    """A whole table."""
    with closing(sqlite3.connect(path)) as store:
        return store.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()


@pytest.mark.parametrize(
    ("store", "table", "count"),
    [
        ("catalog", "products", 60),
        ("checkout", "products", 60),
        ("checkout", "customers", 500),
        ("checkout", "orders", 200),
    ],
)
def test_every_row_is_moved(data: Path, store: str, table: str, count: int) -> None:
    """The new stores hold what the old one held, unchanged."""
    moved = rows(data / f"{store}.db", table)
    assert (moved, len(moved)) == (rows(data / "old.db", table), count)


def test_numbers_of_both_stores_never_meet(data: Path) -> None:
    """Each store counts in a block of its own."""
    books = [OrderBook(connect(data / name)) for name in ("old.db", "checkout.db")]
    assert [book.next_number() for book in books] == ["S1000200", "S5000000"]


def test_a_store_is_never_written_over(data: Path) -> None:
    """A second move says that there is a store already, and leaves it as it is."""
    before = rows(data / "checkout.db", "orders")
    with pytest.raises(StoreExistsError):
        move(data / "old.db", catalog=data / "other.db", checkout=data / "checkout.db")
    assert rows(data / "checkout.db", "orders") == before


def test_a_move_from_nowhere_is_refused(tmp_path: Path) -> None:
    """Without an old store nothing is made."""
    with pytest.raises(NotMovedError):
        move(tmp_path / "old.db", catalog=tmp_path / "catalog.db", checkout=tmp_path / "checkout.db")
    assert list(tmp_path.iterdir()) == []


def test_orders_written_on_new_come_back(data: Path) -> None:
    """Orders of new are in old after moving back, once, however often it is done."""
    new, old = (OrderBook(connect(data / name)) for name in ("checkout.db", "old.db"))
    order = old.find("S1000003")
    new.write(type(order)(**{**vars(order), "number": new.next_number()}))
    counts = [move_back(data / "checkout.db", old=data / "old.db")["orders"] for _ in range(2)]
    assert (counts, old.find("S5000000")) == ([1, 0], new.find("S5000000"))
