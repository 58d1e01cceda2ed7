"""Readers of the library: `foreign_readers.py URL RATE SEED RECORD` sends requests until it is ended.

Each reader comes without a cookie, gets one, and makes a few more requests with it. Every answer is a line of
RECORD: seconds since the epoch at sending, the status (0: none came), the page.
"""

import asyncio
import random
import sys
import time

import aiohttp

PHONE, DESK = "Mozilla/5.0 (iPhone; Mobile)", "Mozilla/5.0 (X11; Linux x86_64)"


async def reader(session: aiohttp.ClientSession, url: str, chance: random.Random, record: object) -> None:
    """One visit."""
    agent = PHONE if chance.random() < 0.5 else DESK
    cookies: dict[str, str] = {}
    for number in range(4):
        page = f"/shelf/{chance.randrange(10**6)}"
        cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers = {"user-agent": agent} | ({"cookie": cookie} if cookie else {})
        began = time.time()
        try:
            async with session.get(url + page, headers=headers) as answer:
                await answer.read()
                cookies |= {name: one.value for name, one in answer.cookies.items()}
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = 0
        record.write(f"{began:.3f} {status} {page}\n")
        await asyncio.sleep(0.05 + 0.1 * chance.random() if number else 0.01)


async def main(url: str, rate: float, seed: int, path: str) -> None:
    """New readers come at that rate, for ever."""
    chance = random.Random(seed)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=20)
    jar = aiohttp.DummyCookieJar()
    visits: set[asyncio.Task[None]] = set()
    with open(path, "a", buffering=1) as record:
        async with aiohttp.ClientSession(connector=connector, timeout=timeout, cookie_jar=jar) as session:
            due = time.monotonic()
            while True:
                due += 1 / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                visit = asyncio.ensure_future(reader(session, url, random.Random(chance.random()), record))
                visits.add(visit)
                visit.add_done_callback(visits.discard)


asyncio.run(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
