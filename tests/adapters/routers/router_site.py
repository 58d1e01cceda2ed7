"""Real backends, a real Envoy and real clients, to be used by the tests beside this file."""

import asyncio
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp

from unfelt.adapters.pseudonyms import pseudonym
from unfelt.adapters.routers import Position
from unfelt.adapters.routers.envoy import EnvoyRouter
from unfelt.adapters.routers.lease import LeaseServer
from unfelt.documents.change import Change
from unfelt.testing.ports import free_port

HERE = Path(__file__).parent


@dataclass
class Backend:
    """One arm in a process of its own."""

    arm: str
    process: subprocess.Popen[str] = field(init=False)
    port: int = field(init=False)

    def __post_init__(self) -> None:
        command = (sys.executable, str(HERE / "backend_process.py"), self.arm)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """It has ended at once."""
        self.process.kill()
        self.process.communicate()


def a_change(old: str, new: str, **rollout: object) -> Change:
    """A plan with all ways to name a customer and all kinds of columns."""
    listen = f"127.0.0.1:{free_port()}"
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "split", "title": "Split", "owner": "lin"},
            "experience": {
                "customer": ["header:x-user", "claim:sub", "cookie:uid"],
                "columns": {
                    "region": "header:x-region",
                    "order": "response:x-order",
                    "page": "query:page",
                    "plan": "cookie:plan",
                },
                "segments": [{"by": "device"}, {"by": "tier"}],
                "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "10 customers"},
            "rollout": {"old": old, "new": new, "listen": listen, **rollout},
        }
    )


@dataclass
class Site:
    """A router with its lease, and a way to ask it for pages."""

    change: Change
    directory: Path
    lease: LeaseServer = field(init=False)
    router: EnvoyRouter = field(init=False)
    epoch: int = 0

    def __post_init__(self) -> None:
        self.lease = LeaseServer(directory=self.directory)
        self.router = EnvoyRouter(self.change, self.directory, lease_address=self.lease.address)

    @property
    def port(self) -> int:
        """Where the router listens."""
        assert self.change.rollout is not None
        return int(self.change.rollout.listen.rpartition(":")[2])

    def open(self, *, seconds: float = 600) -> str:
        """A new lease that runs."""
        path = self.lease.open()
        self.lease.extend(seconds)
        return path

    def move(self, share: float, *, phase: str = "watch", salt: str = "s1", lease: str | None = None) -> None:
        """The next epoch; without a lease of its own it goes on under none."""
        self.epoch += 1
        self.router.move(Position(self.epoch, phase, share, salt, lease))

    def get(self, path: str = "/", **headers: str) -> tuple[int, dict[str, Any], str | None]:
        """Status, what the service was sent, and the cookie set."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): one for name, one in headers.items()})
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, json.loads(body) if answer.status == 200 else {}, answer.getheader("set-cookie")
        finally:
            connection.close()

    def arm(self, user: str) -> str:
        """The arm that serves this customer."""
        return str(self.get(x_user=user)[1]["arm"])

    def lines(
        self, *, at_least: int = 0, where: Callable[[dict[str, Any]], bool] = lambda line: True
    ) -> list[Any]:
        """The lines of the log so far, once there are that many."""
        end = time.monotonic() + 3
        while True:
            text = self.router.log.read_text() if self.router.log.exists() else ""
            found = [line for line in map(json.loads, text.splitlines()) if where(line)]
            if len(found) >= at_least or time.monotonic() > end:
                return found
            time.sleep(0.02)

    def close(self) -> None:
        """Nothing runs any more."""
        self.router.stop()
        self.lease.shutdown()


def expected_arm(site: Site, user: str, *, salt: str, share: float) -> str:
    """What the assignment must be, computed in Python."""
    who = pseudonym(site.router.place.secret.read_bytes(), user)
    place = int(sha256(f"{salt}|{who}".encode()).hexdigest()[:8], 16)
    return "new" if place * 1_000_000 < round(share * 1_000_000) * 2**32 else "old"


@dataclass(frozen=True)
class Seen:
    """One answer: when it was asked for, by whom, its status (0: none came) and the arm."""

    at: float
    user: str
    status: int
    arm: str


@dataclass
class Load:
    """Paced traffic from some customers on kept-alive connections."""

    port: int
    rate: float = 200.0
    customers: int = 200
    path: str = "/"
    seen: list[Seen] = field(default_factory=list)

    async def run(self, seconds: float) -> None:
        """Traffic for that long."""
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=20)) as session:
            began, tasks = time.monotonic(), []
            for number in range(int(self.rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / self.rate - time.monotonic()))
                tasks.append(asyncio.ensure_future(self._ask(session, f"user-{number % self.customers}")))
            await asyncio.gather(*tasks)

    async def _ask(self, session: aiohttp.ClientSession, user: str) -> None:
        at = time.monotonic()
        try:
            async with session.get(f"http://127.0.0.1:{self.port}{self.path}", headers={"x-user": user}) as answer:
                body = await answer.read()
                arm = json.loads(body)["arm"] if answer.status == 200 else ""
                self.seen.append(Seen(at, user, answer.status, arm))
        except (aiohttp.ClientError, TimeoutError):
            self.seen.append(Seen(at, user, 0, ""))

    def during(self, seconds: float, *steps: tuple[float, Callable[[], object]]) -> list[Seen]:
        """What was seen while each step was taken at its second."""

        async def all_of_it() -> None:
            began = time.monotonic()
            traffic = asyncio.ensure_future(self.run(seconds))
            for at, step in steps:
                await asyncio.sleep(max(0.0, began + at - time.monotonic()))
                await asyncio.to_thread(step)
            await traffic

        asyncio.run(all_of_it())
        return self.seen

    def failures(self) -> list[Seen]:
        """Requests that were not answered with 200."""
        return [one for one in self.seen if one.status != 200]
