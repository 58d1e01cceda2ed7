"""Customers of the shop: real HTTP, with cookies, from a seed.

python -m shop.traffic --to http://127.0.0.1:8080 --rate 100 --seed 7 --seconds 30
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from urllib.parse import urlencode

import aiohttp
import uvloop

from shop.journeys import Customer, Journey, Step, journeys
from shop.measures import Measures
from shop.process import add_parent, parent_ended

CONNECTIONS = 100
PATIENCE = aiohttp.ClientTimeout(total=10)
LEAVING = 3
"""Seconds which those who are in the shop get to finish when the traffic stops."""
JARS = 30_000
"""Customers whose cookies are kept."""


class Crowd:
    """All customers: who they are to the server (their cookies), and what happened to them."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.measures = Measures()
        self._session = session
        self._jars: dict[int, dict[str, str]] = {}

    async def walk(self, journey: Journey) -> None:
        """One journey, step by step; a request that fails ends it."""
        customer = journey.customer
        jar = self._jar(customer)
        order = None
        for step in journey.steps:
            await asyncio.sleep(step.think)
            if order is None and "{order}" in step.path:
                return
            try:
                order = await self._request(customer, jar, step, path=step.path.replace("{order}", order or ""))
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self.measures.failed(error)
                return

    async def _request(self, customer: Customer, jar: dict[str, str], step: Step, *, path: str) -> str | None:
        headers = customer.headers()
        if jar:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        data = _encoded(step, headers)
        started = time.perf_counter()
        async with self._session.request(
            step.method, path, headers=headers, data=data, allow_redirects=False
        ) as answer:
            await answer.read()
        seconds = time.perf_counter() - started
        self.measures.answered(customer.device, path, status=answer.status, seconds=seconds)
        _keep(jar, answer.headers.getall("Set-Cookie", ()))
        return answer.headers.get("x-order")

    def _jar(self, customer: Customer) -> dict[str, str]:
        if customer.number not in self._jars and len(self._jars) >= JARS:
            del self._jars[next(iter(self._jars))]
        self.measures.arrived(known=customer.number in self._jars)
        return self._jars.setdefault(customer.number, {})


def _encoded(step: Step, headers: dict[str, str]) -> bytes | None:
    if step.body is None:
        return None
    if headers["accept"] == "application/json":
        headers["content-type"] = "application/json"
        return json.dumps(step.body).encode()
    headers["content-type"] = "application/x-www-form-urlencoded"
    fields = [field for line in step.body.get("lines", [step.body]) for field in line.items()]
    return urlencode(fields).encode()


def _keep(jar: dict[str, str], cookies: Iterable[str]) -> None:
    for cookie in cookies:
        pair, _, attributes = cookie.partition(";")
        name, _, value = pair.strip().partition("=")
        if "max-age=0" in attributes.lower():
            jar.pop(name, None)
        else:
            jar[name] = value.strip('"')


async def traffic(options: argparse.Namespace) -> Measures:
    """Customers arrive until the time is over or a signal comes; those inside may finish."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if options.parent:
        watching = asyncio.create_task(parent_ended(options.parent))
        watching.add_done_callback(lambda _: stop.set())
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=60)
    nobody = aiohttp.DummyCookieJar()  # each customer has a jar of their own
    async with aiohttp.ClientSession(
        options.to, connector=connector, cookie_jar=nobody, timeout=PATIENCE
    ) as session:
        crowd = Crowd(session)
        await _arrive(crowd, options, stop=stop)
    return crowd.measures


async def _arrive(crowd: Crowd, options: argparse.Namespace, *, stop: asyncio.Event) -> None:
    clock = asyncio.get_running_loop().time
    begin, inside = clock(), set()
    for journey in journeys(seed=options.seed, rate=options.rate):
        if options.seconds is not None and journey.at > options.seconds:
            break
        await _until(begin + journey.at, stop)
        if stop.is_set():
            break
        visit = asyncio.create_task(crowd.walk(journey))
        inside.add(visit)
        visit.add_done_callback(inside.discard)
    if inside:
        _, left = await asyncio.wait(inside, timeout=LEAVING)
        crowd.measures.cut_short += len(left)
        for visit in left:
            visit.cancel()


async def _until(moment: float, stop: asyncio.Event) -> None:
    wait = moment - asyncio.get_running_loop().time()
    if wait > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait)


def main() -> None:
    """Sends the traffic and prints what came of it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", required=True, help="address of the shop, such as http://127.0.0.1:8080")
    parser.add_argument("--rate", type=float, default=100, help="customers per second")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, help="how long customers arrive; without end if left out")
    add_parent(parser)
    options = parser.parse_args()
    if options.rate <= 0:
        parser.error(f"--rate is {options.rate}, must be above 0 customers per second.")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        summary = json.dumps(runner.run(traffic(options)).summary())
    with contextlib.suppress(BrokenPipeError):  # whoever started this may be gone
        os.write(sys.stdout.fileno(), f"{summary}\n".encode())


if __name__ == "__main__":
    main()
