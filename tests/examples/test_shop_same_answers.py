"""Both architectures of the example shop say the same to everybody."""

import re
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

JSON = {"Accept": "application/json"}
API = JSON | {"Content-Type": "application/json"}
CART = {"Cookie": "cart=1x2.14x1.40x3"}
LIN = {"x-user": "u10", "x-region": "islands", "User-Agent": "A phone, Mobile"}

QUESTIONS: dict[str, tuple[str, dict[str, str], bytes | None]] = {
    "home": ("/", {}, None),
    "second page": ("/?page=2", {}, None),
    "home as json": ("/", JSON, None),
    "product": ("/products/12", {}, None),
    "product as json": ("/products/12", JSON, None),
    "no such product": ("/products/999", {}, None),
    "empty cart": ("/cart", {}, None),
    "cart": ("/cart", CART, None),
    "cart as json": ("/cart", CART | JSON, None),
    "bad cart": ("/cart", {"Cookie": "cart=1xy"}, None),
    "fill the cart": ("/cart", CART, urlencode([("product", 5), ("quantity", 1)]).encode()),
    "fill the cart by json": ("/cart", CART | API, b'{"lines": [{"product": 5, "quantity": 1}]}'),
    "fill with nonsense": ("/cart", API, b'[{"product": {}}'),
    "checkout": ("/checkout", CART | LIN, b"payment=wallet"),
    "checkout as a guest": ("/checkout", CART, b"payment=invoice"),
    "checkout by json": ("/checkout", CART | LIN | API, b'{"payment": "card"}'),
    "checkout with an unknown payment": ("/checkout", CART, b"payment=gold"),
    "checkout with an empty cart": ("/checkout", {}, b"payment=card"),
    "checkout of what is not sold": ("/checkout", {"Cookie": "cart=999x1"}, b"payment=card"),
    "an order from before the move": ("/orders/S1000003", {}, None),
    "the same as json": ("/orders/S1000003", JSON, None),
    "no such order": ("/orders/S1", {}, None),
    "no such page": ("/nothing", {}, None),
}


def ask(arm: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, dict[str, str], str]:
    """Status, headers and body."""
    try:
        with urlopen(Request(arm + path, headers=headers, data=body), timeout=10) as answer:  # noqa: S310 - loopback
            return answer.status, dict(answer.headers), answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def normal(status: int, headers: dict[str, str], body: str) -> str:
    """An answer without what must differ: the order number and the time of day."""
    kept = {name.lower(): value for name, value in headers.items() if name.lower() != "date"}
    text = re.sub(r"expires=[^;]+", "expires=THEN", repr((status, sorted(kept.items()), body)))
    return re.sub(r"20\d\d-\d\d-\d\dT[\d:.+]+", "NOW", re.sub(r"S\d{7}", "NUMBER", text))


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_arms_answer_alike(arms: dict[str, str], question: str) -> None:
    """Old and new give the same status, headers and body."""
    path, headers, body = QUESTIONS[question]
    assert normal(*ask(arms["old"], path, headers, body)) == normal(*ask(arms["new"], path, headers, body))


@pytest.mark.parametrize("arm", ["old", "new"])
def test_checkout_answers_the_order_number_twice(arms: dict[str, str], arm: str) -> None:
    """The order number stands in the body and in the x-order header."""
    status, headers, body = ask(arms[arm], "/checkout", CART, b"payment=card")
    assert (status, [headers["x-order"]] * 2) == (200, re.findall(r"S\d{7}", body))


def test_the_cart_survives_a_change_of_arm(arms: dict[str, str]) -> None:
    """A cart filled on one arm is bought on the other."""
    _, headers, _ = ask(arms["old"], "/cart", {}, b"product=12&quantity=2")
    cookie = {"Cookie": headers["set-cookie"].partition(";")[0]}
    status, _, body = ask(arms["new"], "/checkout", cookie | JSON, b"payment=card")
    assert (status, re.findall(r'"product":(\d+)', body)) == (200, ["12"])


def test_an_order_placed_on_old_after_the_move_is_found_on_new(arms: dict[str, str]) -> None:
    """Who is moved to new still finds what they ordered a minute ago."""
    _, headers, _ = ask(arms["old"], "/checkout", CART, b"payment=card")
    path = f"/orders/{headers['x-order']}"
    assert ask(arms["new"], path, JSON, None)[2] == ask(arms["old"], path, JSON, None)[2]
