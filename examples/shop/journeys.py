"""Who comes to the shop, when, and what they do there: all of it from one seed."""

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
TABLET = "Mozilla/5.0 (Linux; Android 15; SM-X910 Tablet) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"
AGENTS = {"phone": PHONE, "desktop": DESKTOP, "tablet": TABLET}
DEVICES = {"phone": 50, "desktop": 40, "tablet": 10}
REGIONS = {"north": 40, "south": 30, "west": 20, "islands": 10}
PAYMENTS = {"card": 45, "wallet": 45, "invoice": 10}
PRODUCTS = range(1, 61)
LOGGED_IN, BY_API, BUYS, LOOKS_TWICE, ASKS_AFTER = 0.4, 0.2, 0.9, 0.3, 0.15
RETURNS = 0.3
"""The part of arrivals who have been here before."""
AWAY = 5.0
"""Seconds before a customer may come back."""
REMEMBERED = 10_000
"""Customers who may come back."""


@dataclass(frozen=True)
class Customer:
    """One person with one device."""

    number: int
    device: str
    region: str
    user: str | None
    api: bool

    def headers(self) -> dict[str, str]:
        """What this customer's device sends with each request."""
        headers = {
            "user-agent": AGENTS[self.device],
            "x-region": self.region,
            "accept": "application/json" if self.api else "text/html",
        }
        return headers | ({"x-user": self.user} if self.user else {})


@dataclass(frozen=True)
class Step:
    """One request, after some thought (in seconds)."""

    think: float
    method: str
    path: str
    body: dict[str, Any] | None = None


@dataclass(frozen=True)
class Journey:
    """One visit of one customer, beginning so many seconds after the first."""

    at: float
    customer: Customer
    steps: tuple[Step, ...]


def journeys(*, seed: int, rate: float) -> Iterator[Journey]:
    """Arrivals at `rate` customers per second, without end and at random moments (Poisson)."""
    chance = random.Random(seed)
    waiting: deque[tuple[float, Customer]] = deque()
    ripe: deque[Customer] = deque(maxlen=REMEMBERED)
    at, born = 0.0, 0
    while True:
        at += chance.expovariate(rate)
        while waiting and waiting[0][0] <= at:
            ripe.append(waiting.popleft()[1])
        customer = _returning(ripe, chance)
        if customer is None:
            customer, born = _customer(born, chance), born + 1
        waiting.append((at + AWAY, customer))
        yield Journey(at=at, customer=customer, steps=tuple(_steps(chance)))


def _returning(ripe: deque[Customer], chance: random.Random) -> Customer | None:
    if chance.random() >= RETURNS or not ripe:
        return None
    ripe.rotate(-chance.randrange(len(ripe)))
    return ripe.popleft()


def _customer(number: int, chance: random.Random) -> Customer:
    return Customer(
        number=number,
        device=_draw(DEVICES, chance),
        region=_draw(REGIONS, chance),
        user=f"u{number}" if chance.random() < LOGGED_IN else None,
        api=chance.random() < BY_API,
    )


def _steps(chance: random.Random) -> Iterator[Step]:
    yield Step(0, "GET", f"/?page={chance.randint(1, 5)}")
    cart = chance.sample(PRODUCTS, chance.randint(3, 8))
    for product in cart[: 2 if chance.random() < LOOKS_TWICE else 1]:
        yield _step(chance, "GET", f"/products/{product}")
    lines = [{"product": product, "quantity": chance.randint(1, 2)} for product in cart]
    yield _step(chance, "POST", "/cart", {"lines": lines})
    if chance.random() < BUYS:
        yield _step(chance, "POST", "/checkout", {"payment": _draw(PAYMENTS, chance)})
        if chance.random() < ASKS_AFTER:
            yield _step(chance, "GET", "/orders/{order}")


def _step(chance: random.Random, method: str, path: str, body: dict[str, Any] | None = None) -> Step:
    return Step(round(chance.uniform(0.1, 0.4), 3), method, path, body)


def _draw(weights: dict[str, int], chance: random.Random) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]
