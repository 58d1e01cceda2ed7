"""The front of the new shop: pages and catalog here, orders at the checkout service.

python -m shop.gateway --port 9002 --data data --checkout http://127.0.0.1:9003
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
from starlette.applications import Starlette

from shop.cart import write_cart
from shop.catalog import Catalog
from shop.database import connect
from shop.orders import Order
from shop.process import arguments, serve
from shop.till import Purchase, RefusedError
from shop.web import ClosedError, storefront

PATIENCE = aiohttp.ClientTimeout(total=5)


class RemoteTill:
    """The checkout service, as the gateway sees it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self, _app: Starlette) -> AsyncIterator[None]:
        """Connections are kept for as long as the gateway lives."""
        connector = aiohttp.TCPConnector(limit=200, keepalive_timeout=60)
        async with aiohttp.ClientSession(self._address, connector=connector, timeout=PATIENCE) as self._session:
            yield

    async def place(self, purchase: Purchase) -> Order:
        """The order, written down by the checkout service."""
        status, data = await self._ask("POST", "/orders", {**vars(purchase), "cart": write_cart(purchase.cart)})
        if status == 400:
            raise RefusedError(data["error"])
        return Order.from_json(data)

    async def find(self, number: str) -> Order | None:
        """An order placed before."""
        status, data = await self._ask("GET", f"/orders/{quote(number, safe='')}")
        return None if status == 404 else Order.from_json(data)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        try:
            async with self._session.request(method, path, json=body) as answer:
                data = await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ClosedError("Orders cannot be taken at the moment. Please try again in a minute.") from error
        return answer.status, data


def main() -> None:
    """Serves the pages, with the catalog from catalog.db."""
    parser = arguments(__doc__)
    parser.add_argument("--checkout", required=True, help="address of the checkout service")
    options = parser.parse_args()
    till = RemoteTill(options.checkout)
    app = storefront(Catalog(connect(options.data / "catalog.db")), till, lifespan=till.open)
    serve(app, port=options.port, parent=options.parent)


if __name__ == "__main__":
    main()
