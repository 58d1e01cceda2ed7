"""The pages a customer sees."""

from html import escape

from shop.catalog import Product
from shop.orders import Order
from shop.pricing import Line

PAYMENT_CHOICES = "".join(f"<option>{payment}</option>" for payment in ("card", "wallet", "invoice"))


def money(cents: int) -> str:
    """`12.50`."""
    return f"{cents // 100}.{cents % 100:02d}"


def home(products: list[Product], *, page: int) -> str:
    """One page of the catalog."""
    items = "".join(
        f'<li><a href="/products/{product.id}">{escape(product.name)}</a> {money(product.price)}</li>'
        for product in products
    )
    return _page("The shop", f'<ul>{items}</ul><p><a href="/?page={page + 1}">More</a></p>')


def product(product: Product) -> str:
    """One product, and a way to put it into the cart."""
    form = (
        '<form method="post" action="/cart">'
        f'<input type="hidden" name="product" value="{product.id}">'
        '<input type="number" name="quantity" value="1"><button>Into the cart</button></form>'
    )
    return _page(product.name, f"<p>{escape(product.kind)}, {money(product.price)}</p>{form}")


def cart(lines: list[tuple[Product, int]], *, total: int) -> str:
    """What is in the cart, before tax."""
    items = "".join(f"<li>{quantity} x {escape(product.name)}</li>" for product, quantity in lines)
    form = (
        f'<form method="post" action="/checkout"><select name="payment">{PAYMENT_CHOICES}</select>'
        "<button>Buy</button></form>"
    )
    return _page("Your cart", f"<ul>{items}</ul><p>Together {money(total)} before tax</p>{form if lines else ''}")


def confirmation(order: Order) -> str:
    """Thanks, and the order number."""
    thanks = f"Thank you, {escape(order.name)}." if order.name else "Thank you."
    link = f'<a href="/orders/{order.number}">{order.number}</a>'
    return _page("Thank you", f"<p>{thanks} Your order is {link}.</p>{_lines(order)}")


def status(order: Order) -> str:
    """An order, later."""
    return _page(f"Order {order.number}", f"<p>Placed, paid by {escape(order.payment)}.</p>{_lines(order)}")


def trouble(sentence: str) -> str:
    """What went wrong, in a sentence."""
    return _page("Sorry", f"<p>{escape(sentence)}</p>")


def _lines(order: Order) -> str:
    items = "".join(_line(line) for line in order.lines)
    return f"<ul>{items}</ul><p>Total {money(order.total)}, of it tax {money(order.tax)}</p>"


def _line(line: Line) -> str:
    price = money(line.price * line.quantity)
    return f"<li>{line.quantity} x {escape(line.name)}, {price} + {money(line.tax)} tax</li>"


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<h1>{escape(title)}</h1>{body}<p><a href="/">Shop</a> <a href="/cart">Cart</a></p></html>'
    )
