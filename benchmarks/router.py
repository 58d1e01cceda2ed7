"""The Envoy router: what it adds to a request, how exactly it splits, and how soon it moves customers.

`python benchmarks/router.py` prints a table. All figures come from one run on one machine, over the loopback.
"""

import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from unfelt.adapters.routers import Position
from unfelt.adapters.routers.envoy import EnvoyRouter
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.documents.change import Change

CUSTOMERS = 20_000
PACED, PAUSE = 2_000, 0.004
SHARES = (0.01, 0.05, 0.10, 0.50)
MOVES = 60

BACKEND = """
import asyncio, sys
body = sys.argv[1].encode()
answer = b"HTTP/1.1 200 OK\\r\\ncontent-length: 3\\r\\n\\r\\n" + body
async def serve(reader, writer):
    try:
        while True:
            await reader.readuntil(b"\\r\\n\\r\\n")
            writer.write(answer)
    except (ConnectionError, asyncio.IncompleteReadError):
        writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""

HOLDER = """
import json, pathlib, sys, time
from unfelt.adapters.routers.lease import LeaseServer
server = LeaseServer(directory=pathlib.Path(sys.argv[1]))
path = server.open()
server.extend(8)
print(json.dumps([*server.address, path]), flush=True)
while True:
    time.sleep(0.2)
    server.extend(8)
"""


@contextmanager
def process(source: str, argument: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A Python process and the first line it prints."""
    command = (sys.executable, "-c", source, argument)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield running, running.stdout.readline()
        finally:
            running.kill()


class Client:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def arms(self, users: list[str]) -> list[str]:
        """The arms of these customers, asked for all at once."""
        self.socket.sendall(
            b"".join(f"GET / HTTP/1.1\r\nhost: a\r\nx-user: {user}\r\n\r\n".encode() for user in users)
        )
        answers, text = [], b""
        while len(answers) < len(users):
            text += self.socket.recv(65536)
            while (end := text.find(b"\r\n\r\n")) >= 0 and len(text) >= end + 7:
                answers.append(text[end + 4 : end + 7].decode())
                text = text[end + 7 :]
        return answers

    def milliseconds(self, user: str) -> float:
        """How long one request takes."""
        began = time.perf_counter()
        self.arms([user])
        return 1000 * (time.perf_counter() - began)


def plan(old: int, new: int, listen: int) -> Change:
    """The least that routes."""
    where = {"listen": f"127.0.0.1:{listen}", "old": f"http://127.0.0.1:{old}", "new": f"http://127.0.0.1:{new}"}
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "bench", "title": "Bench", "owner": "bench"},
            "experience": {
                "customer": ["header:x-user", "cookie:uid"],
                "segments": [{"by": "device"}, {"by": "region"}],
                "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "10 customers"},
            "rollout": where,
        }
    )


def at(values: list[float], part: float) -> float:
    """The value below which that part lies."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def say(what: str, *values: str) -> None:
    """One row of the table."""
    sys.stdout.write(f"{what:<46}" + "".join(f"{value:>14}" for value in values) + "\n")
    sys.stdout.flush()


def latency(direct: int, routed: int) -> None:
    """Requests in turn, straight to the service and through the router."""
    one, other = Client(direct), Client(routed)
    straight, through = [], []
    for number in range(PACED):
        straight.append(one.milliseconds(f"user-{number}"))
        through.append(other.milliseconds(f"user-{number}"))
        time.sleep(PAUSE)
    say("one paced connection, ms", "p50", "p99", "p99.9")
    for name, values in (("  direct", straight), ("  through Envoy", through)):
        say(name, *(f"{at(values, part):.2f}" for part in (0.5, 0.99, 0.999)))
    added = (f"{at(through, part) - at(straight, part):+.2f}" for part in (0.5, 0.99, 0.999))
    say("  added", *added)


def accuracy(router: EnvoyRouter, port: int) -> None:
    """The part of all customers that is served by new, beside the share asked for."""
    say(f"share of {CUSTOMERS:,} customers on new", "asked", "measured", "binomial sd")
    client, users = Client(port), [f"customer-{number}" for number in range(CUSTOMERS)]
    for number, share in enumerate(SHARES, start=1):
        router.move(Position(number, "watch", share, "accuracy", None))
        groups = (users[i : i + 100] for i in range(0, CUSTOMERS, 100))
        measured = sum(arm == "new" for group in groups for arm in client.arms(group)) / CUSTOMERS
        spread = (share * (1 - share) / CUSTOMERS) ** 0.5
        say("", f"{share:.2%}", f"{measured:.3%}", f"{spread:.3%}")


def moving(router: EnvoyRouter, lease: LeaseServer) -> None:
    """How long it takes until Envoy has applied a position."""
    times: dict[str, list[float]] = {"move(), same lease": [], "move(), a new lease": [], "state()": []}
    path = ""
    for number in range(MOVES):
        fresh = number % 4 == 0
        path = lease.open() if fresh else path
        lease.extend(60)
        began = time.perf_counter()
        router.move(Position(100 + number, "watch", 0.01 + 0.01 * (number % 7), "s", path))
        times["move(), a new lease" if fresh else "move(), same lease"].append(
            1000 * (time.perf_counter() - began)
        )
        began = time.perf_counter()
        router.state()
        times["state()"].append(1000 * (time.perf_counter() - began))
    say("applied by Envoy, ms", "p50", "worst")
    for name, values in times.items():
        say(f"  {name}", f"{statistics.median(values):.1f}", f"{max(values):.1f}")


def last_on_new(port: int, strike: threading.Thread, seconds: float) -> tuple[float, int]:
    """How long after the strike customers were still served by new, and how many requests came to nothing."""
    client, users = Client(port), [f"customer-{number}" for number in range(100)]
    strike.start()
    began = last = time.monotonic()
    lost = 0
    while (now := time.monotonic()) - began < seconds:
        try:
            last = now if "new" in client.arms(users) else last
        except OSError:
            lost += len(users)
            time.sleep(0.02)
            client = reconnect(port, client)
        time.sleep(0.02)
    return last - began, lost


def reconnect(port: int, former: Client) -> Client:
    """A new connection, or the former one while nobody answers."""
    try:
        return Client(port)
    except OSError:
        return former


def lapses(change: Change, directory: Path, port: int) -> None:
    """The holder of the lease is killed, then frozen, with half of the customers on new."""
    say("without the holder of the lease", "last on new", "lost requests")
    for name, sign in (("killed", signal.SIGKILL), ("frozen", signal.SIGSTOP)):
        with process(HOLDER, str(directory)) as (holder, line):
            host, lease_port, path = json.loads(line)
            router = EnvoyRouter(change, directory, lease_address=(host, lease_port))
            router.move(Position(900, "watch", 0.5, "s", path))
            strike = threading.Thread(target=os.kill, args=(holder.pid, sign))
            seconds, lost = last_on_new(port, strike, 10.0)
        say(f"  {name}", f"{seconds:.1f} s", str(lost))


def restart(router: EnvoyRouter) -> None:
    """Envoy is killed, five times."""
    for number in range(1, 6):
        journal = read_journal(router.place)
        assert journal is not None
        os.kill(journal.envoy.pid, signal.SIGKILL)
        while len(router.gaps()) < number:
            time.sleep(0.02)
    gaps = [float(gap["gap_ms"]) for gap in router.gaps()]
    say("Envoy killed: serving again after, ms", f"{statistics.median(gaps):.0f}", f"{max(gaps):.0f}")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """All of it, on free ports and in a directory of its own."""
    say(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    port = free_port()
    with (
        tempfile.TemporaryDirectory() as home,
        process(BACKEND, "old") as (_old, old),
        process(BACKEND, "new") as (_new, new),
    ):
        lease = LeaseServer()
        change, directory = plan(int(old), int(new), port), Path(home) / "router"
        router = EnvoyRouter(change, directory, lease_address=lease.address)
        router.start()
        try:
            router.move(Position(1, "watch", 0.5, "s", None))
            latency(int(new), port)
            accuracy(router, port)
            moving(router, lease)
            lapses(change, directory, port)
            restart(router)
        finally:
            router.stop()
            lease.shutdown()


if __name__ == "__main__":
    main()
