"""What the three builds of the example shop's checkout do."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from shop_running import EXAMPLES, address, running

from shop.builds import BUILDS
from shop.catalog import Catalog
from shop.database import connect
from shop.journeys import journeys
from shop.orders import Order
from shop.stock import stock
from shop.tax import TaxOffice
from shop.till import Purchase, Till

CART = {1: 2, 14: 1, 27: 1, 40: 2, 53: 1}
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


opened: list[sqlite3.Connection] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Every store is closed after the test."""
    yield
    while opened:
        opened.pop().close()


def till(directory: Path, build: str, tax: TaxOffice) -> tuple[Till, sqlite3.Connection]:
    """A till of this build over a fresh store."""
    stock(directory / f"{build}.db")
    store = connect(directory / f"{build}.db")
    opened.append(store)
    return Till(store, catalog=Catalog(store), tax=tax, build=BUILDS[build], now=lambda: NOON), store


def purchases(count: int) -> list[Purchase]:
    """What the first customers of the traffic buy."""
    bought = []
    for journey in journeys(seed=7, rate=100):
        bodies = [step.body for step in journey.steps if step.body]
        if "payment" in bodies[-1]:
            cart = {line["product"]: line["quantity"] for line in bodies[0]["lines"]}
            payment, region = bodies[-1]["payment"], journey.customer.region
            bought.append(
                Purchase(cart, payment, region, journey.customer.user, journey.customer.device == "phone")
            )
        if len(bought) == count:
            return bought
    raise AssertionError


async def place(till: Till, purchases: list[Purchase]) -> list[Order]:
    """The orders, one after the other."""
    return [await till.place(purchase) for purchase in purchases]


@pytest.mark.parametrize(
    ("build", "phone", "asked"),
    [
        ("good", True, 1),
        ("good", False, 1),
        ("lossy", True, 1),
        ("slow-phones", False, 1),
        ("slow-phones", True, 5),
    ],
)
def test_only_phones_on_slow_phones_ask_for_tax_line_by_line(
    tmp_path: Path, build: str, phone: bool, asked: int
) -> None:
    """The tax office is asked once for a cart, and once for each of five lines on the phones of slow-phones."""
    tax = TaxOffice(there_and_back=0)
    shop, _ = till(tmp_path, build, tax)
    asyncio.run(shop.place(Purchase(CART, "card", "north", None, phone)))
    assert tax.asked == asked


def test_all_builds_charge_the_same(tmp_path: Path) -> None:
    """Builds differ in no number that a customer sees."""
    bought = purchases(300)
    orders = [
        asyncio.run(place(till(tmp_path, build, TaxOffice(there_and_back=0))[0], bought)) for build in BUILDS
    ]
    assert orders[0] == orders[1] == orders[2]


def test_lossy_loses_some_wallet_orders_and_nothing_else(tmp_path: Path) -> None:
    """A large wallet order has a number and is shown, but is not in the store."""
    shop, store = till(tmp_path, "lossy", TaxOffice(there_and_back=0))
    orders = asyncio.run(place(shop, purchases(1000)))
    stored = {number for (number,) in store.execute("SELECT number FROM orders")}
    lost = [order for order in orders if order.number not in stored]
    assert {order.payment for order in lost} == {"wallet"}
    assert 0.14 < len(lost) / len(orders) < 0.20
    assert asyncio.run(shop.find(lost[0].number)) == lost[0]


def test_a_confirmed_wallet_order_is_stored(tmp_path: Path) -> None:
    """The code that waits would be right if the wallet called it."""
    shop, store = till(tmp_path, "lossy", TaxOffice(there_and_back=0))
    order = asyncio.run(shop.place(Purchase(dict.fromkeys(range(1, 13), 9), "wallet", "north", None, False)))
    shop._book.confirm(order.number)
    assert store.execute("SELECT count(*) FROM orders WHERE number = ?", (order.number,)).fetchone() == (1,)


def visit(directory: Path, build: str) -> tuple[dict, int]:
    """What two hundred customers of this build saw, and how many of their orders are in the store."""
    with running("shop.serve", "new", "--data", str(directory), "--build", build) as arm:
        options = ("--to", address(arm), "--rate", "50", "--seconds", "4")
        with running("shop.traffic", *options) as customers:
            summary = json.loads(customers.stdout.readline())
    with closing(sqlite3.connect(directory / "checkout.db")) as store:
        (stored,) = store.execute("SELECT count(*) FROM orders WHERE number >= 'S5000000'").fetchone()
    return summary, stored


@pytest.mark.slow
@pytest.mark.parametrize(("build", "slow"), [("good", False), ("lossy", False), ("slow-phones", True)])
def test_customers_of_each_build(tmp_path: Path, build: str, slow: bool) -> None:
    """Every answer is 200; phones are slow on slow-phones alone; orders are missing on lossy alone."""
    summary, stored = visit(tmp_path, build)
    checkout = summary["checkout_ms"]
    assert (list(summary["statuses"]), summary["errors"]) == (["200"], {})
    assert (checkout["phone"]["p50"] > 2.5 * checkout["desktop"]["p50"]) == slow
    assert (stored == summary["orders"]) == (build != "lossy")
    assert 0.7 * summary["orders"] < stored


@pytest.mark.slow
def test_no_answer_names_its_build(tmp_path: Path) -> None:
    """Nothing that a router or a customer sees says which build is in service."""
    said = "".join(answers(tmp_path / build, build) for build in ("slow-phones", "lossy"))
    assert re.findall(r"slow|loss|build|wait|fault", said, re.IGNORECASE) == []


def answers(directory: Path, build: str) -> str:
    """All headers and bodies of one journey, and all that the processes print."""
    with running("shop.serve", "new", "--data", str(directory), "--build", build) as arm:
        url = address(arm)
        curl = ["curl", "-si", "-A", "A phone, Mobile", "-b", "cart=1x99.2x99"]
        paths = [["/"], ["/cart"], ["/checkout", "-d", "payment=wallet"], ["/nothing"]]
        said = "".join(
            Popen([*curl, url + path, *more], cwd=EXAMPLES, stdout=PIPE, text=True).communicate()[0]
            for path, *more in paths
        )
        arm.terminate()
        return said + "".join(arm.communicate(timeout=30))
