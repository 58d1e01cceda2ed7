"""The first store of the old shop: products, customers, and orders of earlier days.

python -m shop.stock --data data
"""

import argparse
import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shop.database import CATALOG, CHECKOUT, StoreExistsError, create
from shop.orders import Order, OrderBook
from shop.pricing import Line
from shop.tax import RATES

FIRST_NUMBER = 1_000_000
PRODUCTS, CUSTOMERS, ORDERS = 60, 500, 200
FIRST_DAY = datetime(2026, 11, 1, 9, tzinfo=UTC)
COLOURS = ("Amber", "Blue", "Crimson", "Dune", "Elm", "Fern", "Grey", "Honey", "Indigo", "Jade", "Kelp", "Lilac")
THINGS = {"food": "Tea", "books": "Notebook", "kitchen": "Pan", "garden": "Spade", "toys": "Kite"}
NAMES = ("Lin", "Ada", "Noor", "Tomas", "Mei", "Ivo", "Sara", "Jun", "Olga", "Kofi")


def stock(path: Path) -> None:
    """The same store each time."""
    with create(path, tables=CATALOG + CHECKOUT) as store:
        _fill(store, random.Random(1))


def _fill(store: sqlite3.Connection, chance: random.Random) -> None:
    products = [
        (12 * kind + colour + 1, f"{name} {thing}", goods, chance.randrange(290, 9990, 10))
        for kind, (goods, thing) in enumerate(THINGS.items())
        for colour, name in enumerate(COLOURS)
    ]
    store.executemany("INSERT INTO products VALUES (?, ?, ?, ?)", products)
    customers = [(f"u{n}", NAMES[n % len(NAMES)]) for n in range(CUSTOMERS)]
    store.executemany("INSERT INTO customers VALUES (?, ?)", customers)
    store.execute("INSERT INTO numbers VALUES (?)", (FIRST_NUMBER,))
    book = OrderBook(store)
    for n in range(ORDERS):
        book.write(_order(book.next_number(), chance.choice(products), customers[n], placed=n))


def _order(number: str, product: tuple[int, str, str, int], customer: tuple[str, str], *, placed: int) -> Order:
    id, name, kind, price = product
    line = Line(product=id, name=name, quantity=1, price=price, tax=round(price * RATES[kind] / 10_000))
    return Order(
        number=number,
        customer=customer[0],
        name=customer[1],
        region="north",
        payment="card",
        lines=(line,),
        subtotal=price,
        tax=line.tax,
        total=price + line.tax,
        placed_at=(FIRST_DAY + timedelta(minutes=90 * placed)).isoformat(timespec="milliseconds"),
    )


def main() -> None:
    """Makes old.db."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of the stores")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    try:
        stock(options.data / "old.db")
    except StoreExistsError as error:
        parser.exit(1, f"{error}\n")
    print(f"stocked {PRODUCTS} products, {CUSTOMERS} customers, {ORDERS} orders")


if __name__ == "__main__":
    main()
