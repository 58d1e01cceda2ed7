"""The cart travels in a cookie, so that it is there whichever server answers next."""

from collections.abc import Iterable

COOKIE = "cart"
MOST_LINES = 20
MOST_OF_ONE = 99


class BadCartError(ValueError):
    """This is not a cart."""


def read_cart(text: str) -> dict[int, int]:
    """`12x1.7x2` is one of product 12 and two of product 7; prices are never taken from the customer."""
    try:
        pairs = [line.split("x") for line in text.split(".") if line]
        return fill_cart((int(product), int(quantity)) for product, quantity in pairs)
    except ValueError as error:
        raise BadCartError(
            f"{text[:60]!r} is not a cart. A cart looks like 12x1.7x2 (product x quantity)."
        ) from error


def fill_cart(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Products and quantities; the last quantity of a product counts and 0 takes it out."""
    cart = {product: quantity for product, quantity in dict(pairs).items() if quantity}
    if len(cart) > MOST_LINES:
        raise BadCartError(f"A cart holds at most {MOST_LINES} products; this one has {len(cart)}.")
    for quantity in cart.values():
        if not 0 < quantity <= MOST_OF_ONE:
            raise BadCartError(f"A quantity is from 1 to {MOST_OF_ONE}; this one is {quantity}.")
    return cart


def write_cart(cart: dict[int, int]) -> str:
    """What the cookie holds."""
    return ".".join(f"{product}x{quantity}" for product, quantity in cart.items())
