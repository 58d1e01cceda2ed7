"""The checkout service of the new shop: prices, orders, and a store of its own.

python -m shop.checkout --port 9003 --data data --build good
"""

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from shop.builds import BUILDS
from shop.cart import read_cart
from shop.catalog import Catalog
from shop.database import connect, connect_for_reading
from shop.orders import OrderBook
from shop.process import arguments, serve
from shop.tax import TaxOffice
from shop.till import Purchase, RefusedError, Till
from shop.web import health


def checkout(till: Till) -> Starlette:
    """Orders in, orders out; spoken to by the gateway alone."""

    async def place(request: Request) -> Response:
        try:
            order = await till.place(_purchase(await request.json()))
        except RefusedError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return JSONResponse(order.to_json())

    async def find(request: Request) -> Response:
        order = await till.find(request.path_params["number"])
        return JSONResponse(order.to_json()) if order else JSONResponse({}, status_code=404)

    return Starlette(
        routes=[
            Route("/orders", place, methods=["POST"]),
            Route("/orders/{number}", find),
            Route("/health", health),
        ]
    )


def _purchase(data: dict[str, Any]) -> Purchase:
    return Purchase(**{**data, "cart": read_cart(data["cart"])})


def main() -> None:
    """Serves orders from checkout.db; orders placed on the old shop since the move are looked up there."""
    parser = arguments(__doc__)
    parser.add_argument("--build", choices=BUILDS, default="good")
    options = parser.parse_args()
    store, earlier = connect(options.data / "checkout.db"), options.data / "old.db"
    till = Till(
        store,
        catalog=Catalog(store),
        tax=TaxOffice(),
        build=BUILDS[options.build],
        earlier=OrderBook(connect_for_reading(earlier)) if earlier.exists() else None,
    )
    serve(checkout(till), port=options.port, parent=options.parent)


if __name__ == "__main__":
    main()
