"""Both versions under a third more than the forecast peak, in turns: `load` beside the peak, `slower_p95`.

Customers come at random moments and buy; each asks one version, the next one the other. Argument: the peak of the
catalog in customers an hour.
"""

import json
import os
import random
import sys
import threading
import time
from urllib.request import Request, urlopen

SECONDS, ABOVE = 16, 1.5
CART = {"Cookie": "cart=1x2.14x1.40x3", "Accept": "application/json", "Content-Type": "application/json"}


def buy(version: str, taken: list[float], failed: list[str]) -> None:
    """One order, and how long it took."""
    began = time.perf_counter()
    request = Request(os.environ[version] + "/checkout", headers=CART, data=b'{"payment": "card"}')  # noqa: S310
    try:
        with urlopen(request, timeout=10) as answer:  # noqa: S310  (of this machine)
            answer.read()
    except OSError as error:
        failed.append(str(error))
    taken.append(time.perf_counter() - began)


def p95(taken: list[float]) -> float:
    """Nineteen of twenty took no longer."""
    return sorted(taken)[int(0.95 * len(taken))]


def main() -> None:
    """Both versions in turns, each under that load."""
    peak = float(sys.argv[1]) / 3600
    chance, rate = random.Random(1), 2 * ABOVE * peak  # noqa: S311
    taken: dict[str, list[float]] = {"UNFELT_OLD": [], "UNFELT_NEW": []}
    failed: list[str] = []
    asking: list[threading.Thread] = []
    began = time.monotonic()
    while time.monotonic() - began < SECONDS:
        version = ("UNFELT_OLD", "UNFELT_NEW")[len(asking) % 2]
        asking.append(threading.Thread(target=buy, args=(version, taken[version], failed)))
        asking[-1].start()
        time.sleep(chance.expovariate(rate))
    length = time.monotonic() - began
    for one in asking:
        one.join()
    slower = p95(taken["UNFELT_NEW"]) / p95(taken["UNFELT_OLD"]) - 1
    load = len(taken["UNFELT_NEW"]) / length / peak
    print(json.dumps({"load": load, "slower_p95": slower, "n": len(taken["UNFELT_NEW"]), "failed": len(failed)}))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
