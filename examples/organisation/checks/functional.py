"""The tests of invoices and orders: python functional.py REPORT writes what came of them as JUnit's XML."""

import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path


def tax(net: int, percent: int) -> int:
    """In cents, half a cent up."""
    return (net * percent + 50) // 100


def an_invoice_has_the_tax_of_today() -> bool:
    return tax(10_000, 13) == 1_300


def half_a_cent_is_rounded_up() -> bool:
    return tax(50, 13) == 7


def nothing_costs_no_tax() -> bool:
    return tax(0, 13) == 0


def orders_come_newest_first() -> bool:
    orders = [{"id": one, "at": -one} for one in range(100)]
    return [one["id"] for one in sorted(orders, key=lambda one: one["at"], reverse=True)] == list(range(100))


TESTS: tuple[Callable[[], bool], ...] = (
    an_invoice_has_the_tax_of_today,
    half_a_cent_is_rounded_up,
    nothing_costs_no_tax,
    orders_come_newest_first,
)


def main(report: Path) -> int:
    """How many failed."""
    suite, failures = ET.Element("testsuite", name="shop", tests=str(len(TESTS))), 0
    for test in TESTS:
        began = time.perf_counter()
        case = ET.SubElement(suite, "testcase", classname="functional", name=test.__name__.replace("_", " "))
        if not test():
            failures += 1
            ET.SubElement(case, "failure", message="it does not hold")
        case.set("time", f"{time.perf_counter() - began:.6f}")
    suite.set("failures", str(failures))
    ET.ElementTree(suite).write(report, encoding="utf-8", xml_declaration=True)
    return failures


if __name__ == "__main__":
    sys.exit(min(main(Path(sys.argv[1])), 1))
