"""Both versions answer alike, wherever they should: run by pytest, told where they are by the environment."""

import os
import re
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

JSON = {"Accept": "application/json"}
CART = {"Cookie": "cart=1x2.14x1.40x3"}
LIN = {"x-user": "u10", "x-region": "islands", "User-Agent": "A phone, Mobile"}
QUESTIONS: dict[str, tuple[str, dict[str, str], bytes | None]] = {
    "home": ("/", {}, None),
    "second page": ("/?page=2", {}, None),
    "home as json": ("/", JSON, None),
    "product": ("/products/12", {}, None),
    "no such product": ("/products/999", {}, None),
    "empty cart": ("/cart", {}, None),
    "cart": ("/cart", CART, None),
    "bad cart": ("/cart", {"Cookie": "cart=1xy"}, None),
    "fill the cart": ("/cart", CART, urlencode([("product", 5), ("quantity", 1)]).encode()),
    "checkout": ("/checkout", CART | LIN, b"payment=card"),
    "checkout as a guest": ("/checkout", CART, b"payment=invoice"),
    "unknown payment": ("/checkout", CART, b"payment=gold"),
    "empty checkout": ("/checkout", {}, b"payment=card"),
    "an order from before": ("/orders/S1000003", {}, None),
    "no such order": ("/orders/S1", {}, None),
}


def ask(version: str, path: str, headers: dict[str, str], body: bytes | None) -> str:
    """Status, headers and body, without what must differ."""
    request = Request(os.environ[version] + path, headers=headers, data=body)  # noqa: S310  (of this machine)
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            found = answer.status, sorted(answer.headers.items()), answer.read().decode()
    except HTTPError as error:
        with error:
            found = error.code, sorted(error.headers.items()), error.read().decode()
    kept = found[0], [one for one in found[1] if one[0].lower() not in ("date", "content-length")], found[2]
    text = re.sub(r"expires=[^;]+|S\d{7}", "–", repr(kept))
    return re.sub(r"20\d\d-\d\d-\d\dT[\d:.+]+", "–", text)


@pytest.mark.parametrize("question", QUESTIONS)
def test_both_answer_alike(question: str) -> None:
    """Status, headers and body."""
    assert ask("UNFELT_NEW", *QUESTIONS[question]) == ask("UNFELT_OLD", *QUESTIONS[question])
