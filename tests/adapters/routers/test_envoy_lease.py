"""What becomes of customers when the process that holds the lease dies or freezes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from router_site import Load, Seen, Site

from unfelt.adapters.routers import Position
from unfelt.adapters.routers.envoy import EnvoyRouter
from unfelt.adapters.routers.lease import LeaseServer

pytestmark = pytest.mark.slow
PROMISED = 15.0


@dataclass
class Holder:
    """A process that holds the lease."""

    directory: Path
    process: subprocess.Popen[str] = field(init=False)
    address: tuple[str, int] = field(init=False)
    path: str = field(init=False)

    def __post_init__(self) -> None:
        self.directory.mkdir(mode=0o700, exist_ok=True)
        script = str(Path(__file__).with_name("lease_process.py"))
        command = (sys.executable, script, str(self.directory))
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self.address, self.path = (told["address"][0], told["address"][1]), told["path"]

    def send(self, sign: signal.Signals) -> None:
        """The process has the signal."""
        os.kill(self.process.pid, sign)

    def end(self) -> None:
        """It has ended."""
        self.process.kill()
        if self.process.stdout is not None and not self.process.stdout.closed:
            self.process.communicate()


@pytest.fixture
def held(sites: Callable[..., Site]) -> Iterator[tuple[Site, Holder]]:
    """A router with half of all customers on new, under the lease of another process."""
    site = sites()
    holder = Holder(site.directory)
    site.router = EnvoyRouter(site.change, site.directory, lease_address=holder.address)
    site.router.start()
    site.move(0.5, lease=holder.path)
    yield site, holder
    holder.end()


def last_on_new(seen: list[Seen], *, after: float) -> float:
    """How long after that time customers were still sent to new."""
    return max(one.at for one in seen if one.arm == "new") - after


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGSTOP])
def test_without_its_holder_the_lease_ends_within_15_seconds(
    held: tuple[Site, Holder], sign: signal.Signals
) -> None:
    """Killed or frozen, the holder takes the customers of new with it, and no request fails."""
    site, holder = held
    load, at = Load(site.port, rate=150), []

    def strike() -> None:
        holder.send(sign)
        at.append(time.monotonic())

    load.during(11.0, (1.0, strike))
    assert load.failures() == []
    assert {one.arm for one in load.seen if one.at < at[0]} == {"old", "new"}
    assert last_on_new(load.seen, after=at[0]) < PROMISED
    assert {one.arm for one in load.seen[-150:]} == {"old"}
    strays = site.lines(where=lambda line: line["arm"] == "new" and line["served"] == "old")
    assert {line["attempts"] for line in strays} == {1}


def test_a_holder_that_thaws_does_not_revive_its_lease(held: tuple[Site, Holder]) -> None:
    """The lease has lapsed for good, whoever extends it; only a new one brings customers back to new."""
    site, holder = held
    users = [f"user-{n}" for n in range(30)]
    holder.send(signal.SIGSTOP)
    time.sleep(6.0)
    assert {site.arm(user) for user in users} == {"old"}
    holder.send(signal.SIGCONT)
    time.sleep(4.0)
    assert {site.arm(user) for user in users} == {"old"}
    assert holder.process.stdout is not None
    assert holder.process.stdout.readline() == "lapsed\n"
    fresh = LeaseServer()
    path = fresh.open()
    fresh.extend(60)
    router = EnvoyRouter(site.change, site.directory, lease_address=fresh.address)
    router.move(Position(9, "watch", 0.5, "s1", path))
    assert {site.arm(user) for user in users} == {"old", "new"}
    fresh.shutdown()


def test_a_short_freeze_lapses_too_if_the_router_may_have_noticed(held: tuple[Site, Holder]) -> None:
    """Three seconds of silence latch the lease, although it still had five to run."""
    site, holder = held
    holder.send(signal.SIGSTOP)
    time.sleep(3.0)
    holder.send(signal.SIGCONT)
    time.sleep(2.5)
    assert {site.arm(f"user-{n}") for n in range(30)} == {"old"}
    assert site.router.state().lease_alive is False


def test_the_position_without_a_lease_outlives_its_holder(held: tuple[Site, Holder]) -> None:
    """Past the point of no return, stopping unfelt moves nobody."""
    site, holder = held
    site.move(1.0, phase="settled", lease=None)
    holder.end()
    load = Load(site.port, rate=100)
    load.during(5.0)
    assert ({one.arm for one in load.seen}, load.failures()) == ({"new"}, [])
