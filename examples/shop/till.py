"""The till turns a cart into an order."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from shop.builds import Build
from shop.catalog import Catalog
from shop.orders import Order, OrderBook
from shop.pricing import Line
from shop.tax import TaxOffice

PAYMENTS = ("card", "wallet", "invoice")


class RefusedError(ValueError):
    """The till does not take this purchase."""


@dataclass(frozen=True)
class Purchase:
    """What a customer hands in at the till."""

    cart: dict[int, int]
    payment: str
    region: str
    user: str | None
    phone: bool


class Till:
    """Prices a purchase, gives it a number and writes it down."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        catalog: Catalog,
        tax: TaxOffice,
        build: Build,
        earlier: OrderBook | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._connection, self._catalog, self._tax, self._build = connection, catalog, tax, build
        self._book = build.book(connection)
        self._earlier = earlier
        self._now = now

    async def place(self, purchase: Purchase) -> Order:
        """The order, written down."""
        lines = await self._price(purchase)
        order = self._order(purchase, tuple(lines))
        self._book.write(order)
        return order

    async def find(self, number: str) -> Order | None:
        """An order from this till's book, or from the one that was kept before it."""
        return self._book.find(number) or (self._earlier.find(number) if self._earlier else None)

    async def _price(self, purchase: Purchase) -> list[Line]:
        if purchase.payment not in PAYMENTS:
            raise RefusedError(f"Payment {purchase.payment!r} is not taken here. Pay by {', '.join(PAYMENTS)}.")
        products = self._catalog.products(purchase.cart)
        if not purchase.cart or len(products) < len(purchase.cart):
            gone = [str(id) for id in purchase.cart if id not in products]
            raise RefusedError(f"Not for sale: product {', '.join(gone)}." if gone else "The cart is empty.")
        price = self._build.price_on_phone if purchase.phone else self._build.price
        return await price(purchase.cart, products, region=purchase.region, tax=self._tax)

    def _order(self, purchase: Purchase, lines: tuple[Line, ...]) -> Order:
        subtotal = sum(line.price * line.quantity for line in lines)
        tax = sum(line.tax for line in lines)
        return Order(
            number=self._book.next_number(),
            customer=purchase.user,
            name=self._name(purchase.user),
            region=purchase.region,
            payment=purchase.payment,
            lines=lines,
            subtotal=subtotal,
            tax=tax,
            total=subtotal + tax,
            placed_at=self._now().isoformat(timespec="milliseconds"),
        )

    def _name(self, user: str | None) -> str | None:
        row = self._connection.execute("SELECT name FROM customers WHERE id = ?", (user,)).fetchone()
        return row[0] if row else None
