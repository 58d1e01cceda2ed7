"""Moves the old shop's data into the stores of the new one, and orders back again.

python -m shop.move --old data/old.db --catalog data/catalog.db --checkout data/checkout.db
python -m shop.move --back --old data/old.db --checkout data/checkout.db
"""

import argparse
import sqlite3
from pathlib import Path

from shop.database import CATALOG, CHECKOUT, StoreExistsError, connect, create, reading

FIRST_NUMBER = 5_000_000
"""The new store counts from here, so that numbers of both stores never meet and can be put together again."""


class NotMovedError(RuntimeError):
    """The move did not bring everything over; nothing was put in place."""


def move(old: Path, *, catalog: Path, checkout: Path) -> dict[str, int]:
    """Both new stores, each there whole or not at all, and how many rows went into them."""
    moved = _copy(old, catalog, tables=CATALOG, names=["products"])
    return moved | _copy(old, checkout, tables=CATALOG + CHECKOUT, names=["products", "customers", "orders"])


def move_back(checkout: Path, *, old: Path) -> dict[str, int]:
    """Orders which only the new store has are in the old one afterwards; the new store keeps them too."""
    store = connect(old)
    store.execute("ATTACH ? AS source", (reading(checkout),))
    moved = store.execute("INSERT OR IGNORE INTO orders SELECT * FROM source.orders").rowcount
    store.close()
    return {"orders": moved}


def _copy(old: Path, new: Path, *, tables: str, names: list[str]) -> dict[str, int]:
    if not old.exists():
        raise NotMovedError(f"There is no store at {old}. Make it with shop.stock, or name the right one.")
    with create(new, tables=tables, source=old) as store:
        # What old is given from here on is not moved: checkout looks it up in the old store.
        moved = {name: _copy_table(store, name) for name in names}
        if "numbers" in tables:
            store.execute("INSERT INTO numbers VALUES (?)", (FIRST_NUMBER,))
    return moved


def _copy_table(store: sqlite3.Connection, name: str) -> int:
    store.execute(f"INSERT INTO main.{name} SELECT * FROM source.{name}")  # noqa: S608 - our names
    missing = f"SELECT count(*) FROM (SELECT * FROM source.{name} EXCEPT SELECT * FROM main.{name})"  # noqa: S608
    if lost := store.execute(missing).fetchone()[0]:
        raise NotMovedError(f"{lost} rows of {name} did not arrive as they were.")
    return store.execute(f"SELECT count(*) FROM main.{name}").fetchone()[0]  # noqa: S608 - our names


def main() -> None:
    """Moves, and says how much."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old", type=Path, required=True, help="store of the old shop")
    parser.add_argument("--catalog", type=Path, help="new store of the gateway")
    parser.add_argument("--checkout", type=Path, required=True, help="new store of the checkout service")
    parser.add_argument(
        "--back", action="store_true", help="take orders written on the new shop back to the old one"
    )
    options = parser.parse_args()
    try:
        moved = _moved(options)
    except (NotMovedError, StoreExistsError) as error:
        parser.exit(1, f"{error}\n")
    print("moved " + ", ".join(f"{count} {name}" for name, count in moved.items()))


def _moved(options: argparse.Namespace) -> dict[str, int]:
    if options.back:
        return move_back(options.checkout, old=options.old)
    catalog = options.catalog or options.checkout.with_name("catalog.db")
    return move(options.old, catalog=catalog, checkout=options.checkout)


if __name__ == "__main__":
    main()
