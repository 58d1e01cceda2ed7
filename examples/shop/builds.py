"""The builds of the checkout that can be put into service."""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from shop.orders import OrderBook, WalletBook
from shop.pricing import Line, price_cart, price_lines


@dataclass(frozen=True)
class Build:
    """How one build prices a cart and keeps its book."""

    price: Callable[..., Awaitable[list[Line]]] = price_cart
    price_on_phone: Callable[..., Awaitable[list[Line]]] = price_cart
    book: Callable[[sqlite3.Connection], OrderBook] = OrderBook


BUILDS = {
    "good": Build(),
    # The page on a phone prices each line as it draws it: a question to the tax office per line of the cart.
    "slow-phones": Build(price_on_phone=price_lines),
    # Large wallet orders wait to be confirmed, but the wallet still calls the old shop: `confirm` is never called.
    "lossy": Build(book=WalletBook),
}
