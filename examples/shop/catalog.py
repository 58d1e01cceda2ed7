"""What the shop sells."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

PAGE = 12


@dataclass(frozen=True)
class Product:
    """One thing for sale; the price is in cents."""

    id: int
    name: str
    kind: str
    price: int


class Catalog:
    """The products of one store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def page(self, number: int) -> list[Product]:
        """Twelve products; none past the last page."""
        rows = self._connection.execute(
            "SELECT id, name, kind, price FROM products ORDER BY id LIMIT ? OFFSET ?", (PAGE, (number - 1) * PAGE)
        )
        return [Product(*row) for row in rows]

    def product(self, id: int) -> Product | None:
        """One product, if it is for sale."""
        row = self._connection.execute("SELECT id, name, kind, price FROM products WHERE id = ?", (id,)).fetchone()
        return Product(*row) if row else None

    def products(self, ids: Iterable[int]) -> dict[int, Product]:
        """Those of `ids` which are for sale."""
        found = (self.product(id) for id in ids)
        return {product.id: product for product in found if product}
