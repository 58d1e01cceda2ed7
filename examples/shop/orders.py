"""Orders, and the book they are written in."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from shop.pricing import Line

COLUMNS = "number, customer, name, region, payment, lines, subtotal, tax, total, placed_at"


@dataclass(frozen=True)
class Order:
    """What was bought, by whom, and what it costs in cents."""

    number: str
    customer: str | None
    name: str | None
    region: str
    payment: str
    lines: tuple[Line, ...]
    subtotal: int
    tax: int
    total: int
    placed_at: str

    def to_json(self) -> dict[str, Any]:
        """As the API shows it."""
        return {**vars(self), "lines": [vars(line) for line in self.lines]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Order":
        """As it was shown."""
        return cls(**{**data, "lines": tuple(Line(**line) for line in data["lines"])})


class OrderBook:
    """The orders of one store. What is written here is kept."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def next_number(self) -> str:
        """An order number that nobody gets again; each store counts in a block of its own."""
        query = "UPDATE numbers SET next = next + 1 RETURNING next - 1"
        return f"S{self._connection.execute(query).fetchone()[0]}"

    def write(self, order: Order) -> None:
        """The order is in the store when this returns."""
        row = {**order.to_json(), "lines": json.dumps(order.to_json()["lines"])}
        places = ", ".join(f":{column}" for column in COLUMNS.split(", "))
        self._connection.execute(f"INSERT INTO orders ({COLUMNS}) VALUES ({places})", row)  # noqa: S608 - our names

    def find(self, number: str) -> Order | None:
        """The order with this number, if it is in the store."""
        query = f"SELECT {COLUMNS} FROM orders WHERE number = ?"  # noqa: S608 - our names
        row = self._connection.execute(query, (number,)).fetchone()
        if row is None:
            return None
        data = dict(zip(COLUMNS.split(", "), row, strict=True))
        return Order.from_json({**data, "lines": json.loads(data["lines"])})


class WalletBook(OrderBook):
    """A book in which a large order paid by wallet waits for the wallet's word before it is written."""

    ASK_FROM = 55_000
    """Cents. From here on the wallet asks its owner again and calls back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._waiting: dict[str, Order] = {}

    def write(self, order: Order) -> None:
        """Written, or kept at hand until `confirm`."""
        if order.payment == "wallet" and order.total >= self.ASK_FROM:
            self._waiting[order.number] = order
        else:
            super().write(order)

    def confirm(self, number: str) -> None:
        """The wallet's owner said yes."""
        super().write(self._waiting.pop(number))

    def find(self, number: str) -> Order | None:
        """The order, written or waiting."""
        return self._waiting.get(number) or super().find(number)
