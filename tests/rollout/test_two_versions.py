"""Two versions of one public web application (Datasette, from the registry): its answers changed their shape."""

import asyncio
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import aiohttp
import pytest
from blank import begin_with_tables
from living import until
from test_two_servers import Swap
from two_servers import process

from unfelt.testing.ports import free_port

VERSIONS = {"old": "0.65.1", "new": "1.0a19"}
PAGES = (
    "/",
    "/parcels",
    "/parcels/parcel",
    "/parcels/parcel.json",
    "/parcels/parcel/7.json",
    "/parcels/parcel.csv",
)
PAUSE = 0.3


def installed(place: Path, version: str) -> Path:
    """That version with what it needs, in a folder of its own."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(place)]
    subprocess.run([*command, f"datasette=={version}", "setuptools<81"], check=True, timeout=300)
    return place


@contextmanager
def serving(packages: Path, data: Path) -> Iterator[str]:
    """The address of the version that lies there, over the data."""
    port = free_port()
    command = [sys.executable, "-m", "datasette", "serve", str(data), "--host", "127.0.0.1", "--port", str(port)]
    running = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(packages)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _answers(port), what="it answers")
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(connection), suppress(OSError, HTTPException):
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    return False


async def visit(session: aiohttp.ClientSession, url: str, name: str) -> None:
    """Two pages of the customer's choice."""
    draw = random.Random(name)
    for page in draw.sample(PAGES, 2):
        try:
            async with session.get(url + page, headers={"Cookie": f"uid={name}"}) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            continue
        await asyncio.sleep(PAUSE)


async def customers(url: str, rate: float) -> None:
    """They come for ever."""
    number, visits = 0, set[asyncio.Task[None]]()
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(total=10)) as session:
        while True:
            number += 1
            one = asyncio.ensure_future(visit(session, url, f"c{number}"))
            visits.add(one)
            one.add_done_callback(visits.discard)
            await asyncio.sleep(1 / rate)


@pytest.mark.nightly
def test_an_application_whose_answers_changed_shape_is_held(tmp_path: Path) -> None:
    """Every answer is 200 on both; members of the JSON are others, and the plan has no word of them."""
    data, home = tmp_path / "parcels.db", tmp_path / "home"
    with sqlite3.connect(data) as connection:
        connection.execute("CREATE TABLE parcel (id INTEGER PRIMARY KEY, place TEXT, kilos REAL)")
        connection.executemany("INSERT INTO parcel VALUES (?, ?, ?)", [(n, f"p{n}", n / 7) for n in range(1, 60)])
    packages = {arm: installed(tmp_path / arm, version) for arm, version in VERSIONS.items()}
    home.mkdir(mode=0o700)
    begin_with_tables(home)
    with serving(packages["old"], data) as old, serving(packages["new"], data) as new:
        place = Swap(home, old=old, new=new, id="swap")
        guard = place.run()
        try:
            until(lambda: place.state() == "baseline" or guard.process.poll() is not None, what="baseline")
            with process(sys.executable, __file__, f"http://{place.listen}", "10"):
                shapes = until(lambda: _shapes(place), within=300, what="a changed shape")
                until(
                    lambda: "All that the plan names is proved" in guard.out.read_text(), within=400, what="held"
                )
            assert place.state() == "watching"
        finally:
            place.close()
    for body in shapes:
        print(body["feature"]["route"], body["feature"]["value"], body["old"], body["new"])


def _shapes(place: Swap) -> list[dict]:
    """Members of JSON that only one version has, once they are on record."""
    return [one for one in place.entries("difference") if one["feature"]["kind"] == "shape"]


if __name__ == "__main__":
    asyncio.run(customers(sys.argv[1], float(sys.argv[2])))
