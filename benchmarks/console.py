"""The console with 200 watchers: how late they see a look, what it costs the worker, and the first paint.

Run it with: .venv/bin/python benchmarks/console.py
"""

import asyncio
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import httpx

WATCHERS = 200
LOOKS = 40
PAUSE = 0.5
"""Seconds between two looks of the rollout, as in the demo."""
PAINT = "performance.getEntriesByName('first-contentful-paint').map(one => one.startTime)[0] || 0"


def work(home: Path) -> None:
    """A rollout on paper in real time, with guard, journal and ledger of a live one; a line for each look."""
    from unfelt.testing.paper import PaperRollout

    rollout = PaperRollout(home, seed=1)
    while True:
        began = time.monotonic()
        rollout.look(at=datetime.now(UTC))
        took = time.monotonic() - began
        print(f"{time.time()} {took}", flush=True)
        time.sleep(max(0.0, PAUSE - took))


def login(base: str, home: Path) -> dict[str, str]:
    """The cookies of somebody who came by a link."""
    command = [sys.executable, "-m", "unfelt", "link", "--home", str(home), "--at", base]
    link = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[-1]
    with httpx.Client() as client:
        client.get(link)
        client.post(link, data={"csrfmiddlewaretoken": client.cookies["csrftoken"]})
        return dict(client.cookies)


async def watch(base: str, cookies: dict[str, str], seen: list[float]) -> None:
    """The times at which pictures came, over one connection."""
    parts = urlsplit(base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    ask = f"GET /rollouts/paper-1/events/ HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n\r\n"
    writer.write(ask.encode())
    try:
        while data := await reader.read(1 << 20):
            if b"event: picture" in data:
                seen.append(time.time())
    finally:
        writer.close()


async def crowd(base: str, cookies: dict[str, str], seconds: float) -> tuple[float, float, list[list[float]]]:
    """Seconds until all watched, when that was, and what each of them saw in so many seconds from then on."""
    seen: list[list[float]] = [[] for _ in range(WATCHERS)]
    began = time.time()
    watching = [asyncio.create_task(watch(base, cookies, one)) for one in seen]
    while not all(seen):
        await asyncio.sleep(0.05)
    there = time.time()
    await asyncio.sleep(seconds)
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    return there - began, there, seen


def lags(looks: list[float], seen: list[list[float]]) -> list[float]:
    """For each watcher and look, how long after it was on record a new picture came."""
    return [next(at for at in one if at >= look) - look for one in seen for look in looks]


def first_paint(base: str, cookies: dict[str, str]) -> list[float]:
    """Milliseconds from asking for the live page to its first contentful paint, each time anew."""
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=options)
        for _ in range(7):
            context = browser.new_context()
            context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
            page = context.new_page()
            page.goto(f"{base}/rollouts/paper-1/")
            while not (painted := page.evaluate(PAINT)):
                time.sleep(0.05)
            found.append(painted)
            context.close()
        browser.close()
    return found


def looks_in(file: Path) -> list[tuple[float, float]]:
    """When each look was on record, and how many seconds it took."""
    lines = [line.split() for line in file.read_text().splitlines(keepends=True) if line.endswith("\n")]
    return [(float(at), float(took)) for at, took in lines]


def peak(process: int) -> float:
    """The most memory that the process has had, in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """One run: looks without watchers, then with them."""
    with TemporaryDirectory() as directory:
        home, file = Path(directory) / "home", Path(directory) / "looks"
        command = [sys.executable, "-m", "unfelt", "serve", "--home", str(home), "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        link = process.stdout.readline().split()[-1]
        base = link[: link.index("/login/")]
        cookies = login(base, home)
        with file.open("w") as out:
            worker = subprocess.Popen([sys.executable, __file__, str(home)], stdout=out)
        try:
            while not looks_in(file):
                time.sleep(0.1)
            time.sleep(LOOKS * PAUSE)
            alone = looks_in(file)[10:]
            before = peak(process.pid)
            took, there, seen = asyncio.run(crowd(base, cookies, LOOKS * PAUSE))
            after = peak(process.pid)
            end = min(map(max, seen))
            watched = [(at, took) for at, took in looks_in(file) if there <= at < end]
            paints = first_paint(base, cookies)
        finally:
            for one in (worker, process):
                one.terminate()
                one.wait()
    late = sorted(lags([at for at, _took in watched], seen))
    quiet, busy = (statistics.median(took for _at, took in looks) for looks in (alone, watched))
    print(f"{WATCHERS} watchers, all there after {took:.1f} s; {len(watched)} looks")
    print(
        f"lag of a look                  median {late[len(late) // 2]:.2f} s, "
        f"p99 {late[int(len(late) * 0.99)]:.2f} s, longest {late[-1]:.2f} s"
    )
    print(
        f"a look of the worker           {1000 * quiet:.1f} ms alone, {1000 * busy:.1f} ms with watchers "
        f"({busy / quiet:.2f} times)"
    )
    print(f"memory of the console          {before:.0f} MB before, {after:.0f} MB with watchers (peak)")
    print(
        f"first contentful paint         median {statistics.median(paints):.0f} ms, longest {max(paints):.0f} ms"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(Path(sys.argv[1]))
    else:
        main()
