"""What a cart costs, with tax."""

from dataclasses import dataclass

from shop.catalog import Product
from shop.tax import TaxOffice


@dataclass(frozen=True)
class Line:
    """A product and how many of it; prices are in cents."""

    product: int
    name: str
    quantity: int
    price: int
    tax: int


async def price_cart(
    cart: dict[int, int], products: dict[int, Product], *, region: str, tax: TaxOffice
) -> list[Line]:
    """The lines of the cart, with one question to the tax office for all of them."""
    rates = await tax.rates({products[id].kind for id in cart}, region=region)
    return [_line(products[id], quantity, rate=rates[products[id].kind]) for id, quantity in cart.items()]


async def price_lines(
    cart: dict[int, int], products: dict[int, Product], *, region: str, tax: TaxOffice
) -> list[Line]:
    """The lines of the cart, priced one after the other, as the page on a phone draws them."""
    lines = []
    for id, quantity in cart.items():
        lines += await price_cart({id: quantity}, products, region=region, tax=tax)
    return lines


def _line(product: Product, quantity: int, *, rate: int) -> Line:
    tax = round(product.price * quantity * rate / 10_000)
    return Line(product=product.id, name=product.name, quantity=quantity, price=product.price, tax=tax)
