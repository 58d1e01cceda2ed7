"""The shop on the web: pages for people and the same as JSON for programs, from whichever till stands behind."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Lifespan

from shop import pages
from shop.cart import COOKIE, BadCartError, fill_cart, read_cart, write_cart
from shop.catalog import Catalog, Product
from shop.orders import Order
from shop.till import Purchase, RefusedError

CART_KEPT = 86_400
LARGEST_BODY = 10_000


class Counter(Protocol):
    """Where purchases are handed in: a till in this process, or one behind the network."""

    async def place(self, purchase: Purchase) -> Order:
        """The order."""
        ...

    async def find(self, number: str) -> Order | None:
        """An order placed before."""
        ...


class NotHereError(LookupError):
    """The shop has no such thing."""


class ClosedError(ConnectionError):
    """The till cannot be reached."""


def storefront(catalog: Catalog, counter: Counter, *, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """The whole shop."""
    shop = Storefront(catalog, counter)
    routes = [
        Route("/", shop.home),
        Route("/products/{id:int}", shop.product),
        Route("/cart", shop.cart),
        Route("/cart", shop.fill, methods=["POST"]),
        Route("/checkout", shop.checkout, methods=["POST"]),
        Route("/orders/{number}", shop.order),
        Route("/health", health),
    ]
    troubles = {
        RefusedError: _trouble(400),
        BadCartError: _trouble(400),
        NotHereError: _trouble(404),
        ClosedError: _trouble(503),
    }
    return Starlette(routes=routes, exception_handlers=troubles, lifespan=lifespan)


async def health(_request: Request) -> Response:
    """This server takes requests."""
    return JSONResponse({"ok": True})


class Storefront:
    """One method for each page."""

    def __init__(self, catalog: Catalog, counter: Counter) -> None:
        self._catalog, self._counter = catalog, counter

    async def home(self, request: Request) -> Response:
        """GET /?page=1"""
        text = request.query_params.get("page", "1")
        page = int(text) if text.isdecimal() and 0 < int(text) < 1000 else 1
        products = self._catalog.page(page)
        data = {"page": page, "products": [vars(product) for product in products]}
        return _answer(request, data, lambda: pages.home(products, page=page))

    async def product(self, request: Request) -> Response:
        """GET /products/12"""
        product = self._product(request.path_params["id"])
        return _answer(request, vars(product), lambda: pages.product(product))

    async def cart(self, request: Request) -> Response:
        """GET /cart"""
        return self._show(request, _cart(request))

    async def fill(self, request: Request) -> Response:
        """POST /cart with product and quantity, once or several times."""
        cart = fill_cart([*_cart(request).items(), *_choices(await _body(request))])
        answer = self._show(request, cart)
        answer.set_cookie(COOKIE, write_cart(cart), max_age=CART_KEPT, httponly=True, samesite="lax")
        return answer

    async def checkout(self, request: Request) -> Response:
        """POST /checkout with the payment; buys what is in the cart."""
        body = dict(await _body(request))
        order = await self._counter.place(_purchase(request, payment=str(body.get("payment", "card"))))
        answer = _answer(request, order.to_json(), lambda: pages.confirmation(order))
        answer.headers["x-order"] = order.number
        answer.delete_cookie(COOKIE)
        return answer

    async def order(self, request: Request) -> Response:
        """GET /orders/S1000201"""
        order = await self._counter.find(request.path_params["number"])
        if order is None:
            raise NotHereError("There is no order with this number.")
        return _answer(request, order.to_json(), lambda: pages.status(order))

    def _show(self, request: Request, cart: dict[int, int]) -> Response:
        lines = [(self._product(id), quantity) for id, quantity in cart.items()]
        total = sum(product.price * quantity for product, quantity in lines)
        data = {
            "lines": [{**vars(product), "quantity": quantity} for product, quantity in lines],
            "subtotal": total,
        }
        return _answer(request, data, lambda: pages.cart(lines, total=total))

    def _product(self, id: int) -> Product:
        product = self._catalog.product(id)
        if product is None:
            raise NotHereError(f"There is no product {id}.")
        return product


def is_phone(request: Request) -> bool:
    """The customer holds a phone."""
    return "Mobile" in request.headers.get("user-agent", "")


def _purchase(request: Request, *, payment: str) -> Purchase:
    return Purchase(
        cart=_cart(request),
        payment=payment,
        region=request.headers.get("x-region", "unknown"),
        user=request.headers.get("x-user"),
        phone=is_phone(request),
    )


def _cart(request: Request) -> dict[int, int]:
    return read_cart(request.cookies.get(COOKIE, ""))


async def _body(request: Request) -> list[tuple[str, Any]]:
    raw = await request.body()
    if len(raw) > LARGEST_BODY:
        raise RefusedError(f"A form holds at most {LARGEST_BODY} bytes; this one has {len(raw)}.")
    try:
        if request.headers.get("content-type", "").startswith("application/json"):
            return _members(json.loads(raw))
        return parse_qsl(raw.decode(), max_num_fields=100)
    except (ValueError, AttributeError) as error:
        raise RefusedError("This is neither a form nor a JSON object.") from error


def _members(data: dict[str, Any]) -> list[tuple[str, Any]]:
    """`{"lines": [{"product": 12, "quantity": 1}]}` says the same as a form with product and quantity."""
    lines = data.get("lines", [data])
    return [member for line in lines for member in line.items()]


def _choices(body: list[tuple[str, Any]]) -> list[tuple[int, int]]:
    try:
        products = [int(value) for name, value in body if name == "product"]
        quantities = [int(value) for name, value in body if name == "quantity"]
        return list(zip(products, quantities, strict=True))
    except (TypeError, ValueError) as error:
        raise RefusedError("Each product needs a quantity, and both are whole numbers.") from error


def _answer(
    request: Request, data: dict[str, Any], page: Callable[[], str], *, status_code: int = 200
) -> HTMLResponse | JSONResponse:
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse(data, status_code=status_code)
    return HTMLResponse(page(), status_code=status_code)


def _trouble(status_code: int) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handler(request: Request, error: Exception) -> Response:
        sentence = str(error)
        return _answer(request, {"error": sentence}, lambda: pages.trouble(sentence), status_code=status_code)

    return handler
