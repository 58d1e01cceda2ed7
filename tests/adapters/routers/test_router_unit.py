"""The router under a service manager: there again after everything was killed, as examples/systemd has it."""

import configparser
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from router_site import Backend, Load, Site, a_change

from unfelt.adapters.routers.envoy.addresses import Address
from unfelt.adapters.routers.envoy.journal import Journal, read_journal, write_journal
from unfelt.adapters.routers.envoy.launch import await_beat
from unfelt.adapters.routers.envoy.processes import Known, known
from unfelt.rollout.places import Places

pytestmark = pytest.mark.slow

UNIT = Path(__file__).parents[3] / "examples" / "systemd" / "unfelt-router@.service"


def unit() -> configparser.SectionProxy:
    """What the example tells systemd of the service."""
    read = configparser.ConfigParser(interpolation=None, strict=False)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(UNIT)
    return read["Service"]


@dataclass
class Supervisor:
    """Does what systemd does with `ExecStart`, `Restart=always` and `RestartSec` of the unit."""

    home: Path
    listen: str
    process: subprocess.Popen[str] | None = None
    starts: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def command(self) -> list[str]:
        """`ExecStart`, with this checkout's program and this test's directory."""
        words = shlex.split(unit()["ExecStart"].replace("%i", self.listen))
        return [sys.executable, "-m", "unfelt", *words[1 : words.index("--home")], "--home", str(self.home)]

    def begin(self) -> None:
        """It runs until `end`."""
        assert unit()["Restart"] == "always"
        pause = float(unit()["RestartSec"].removesuffix("ms")) / 1000
        self._thread = threading.Thread(target=self._run, args=(pause,))
        self._thread.start()

    def _run(self, pause: float) -> None:
        while not self._ended.is_set():
            self.starts += 1
            self.process = subprocess.Popen(self.command(), stderr=subprocess.DEVNULL, text=True)
            self.process.wait()
            self._ended.wait(pause)

    def end(self) -> None:
        """As `systemctl stop`."""
        self._ended.set()
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
        if self._thread is not None:
            self._thread.join(30)


@contextmanager
def supervised(site: Site, home: Path) -> Iterator[Supervisor]:
    """The unit is over the router within the block."""
    assert site.change.rollout is not None
    made = Supervisor(home, site.change.rollout.listen)
    made.begin()
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def site(tmp_path: Path, old: Backend, new: Backend) -> Iterator[Site]:
    """A started router where an installation keeps it."""
    plan = a_change(old.url, new.url)
    assert plan.rollout is not None
    made = Site(plan, Places(tmp_path).router(plan.rollout.listen))
    made.router.start()
    yield made
    made.close()


def kill_everything(site: Site, supervisor: Supervisor) -> None:
    """Guard (here: its lease), keeper, Envoy and the unit's own process, as kill -9 has it."""
    journal = read_journal(site.router.place)
    assert journal is not None
    assert supervisor.process is not None
    for pid in {journal.keeper.pid, journal.envoy.pid, supervisor.process.pid}:
        os.kill(pid, signal.SIGKILL)
    site.lease.close()


def test_after_everything_was_killed_it_serves_from_old_by_itself(site: Site, tmp_path: Path) -> None:
    """No guard, no records: everybody is on old, those who asked in between are few, and a guard finds it so."""
    site.move(0.5, lease=site.open())
    with supervised(site, tmp_path) as supervisor:
        time.sleep(2)
        load = Load(site.port, rate=50)
        killed: list[float] = []

        def kill() -> None:
            killed.append(time.monotonic())
            kill_everything(site, supervisor)

        seen = load.during(10, (2, kill))
        lost = [one for one in seen if one.status != 200]
        last = max((one.at for one in lost), default=killed[0])
        print(f"{len(lost)} of {len(seen)} refused; served again {last - killed[0]:.2f} s after the kill")
        after = [one for one in seen if one.at > last and one.at > killed[0]]
        assert len(after) > 50
        assert {one.arm for one in after} == {"old"}
        assert site.router.state().position.share == 0
        assert site.router.state().restarts >= 1
        site.router.start()
        site.move(0.5, lease=site.open())
        assert site.router.state().position.share == 0.5


def test_two_units_begin_one_router(site: Site, tmp_path: Path) -> None:
    """The second waits for the first; the Envoy of the first goes on."""
    with supervised(site, tmp_path) as first, supervised(site, tmp_path) as second:
        time.sleep(2)
        kill_everything(site, first)
        end = time.monotonic() + 20
        while not site.router.state().alive and time.monotonic() < end:
            time.sleep(0.1)
        before = read_journal(site.router.place)
        time.sleep(2)
        assert read_journal(site.router.place) == before
        assert (first.starts, second.starts) == (2, 1)


def test_a_router_that_was_ended_for_good_stays_ended(site: Site, tmp_path: Path) -> None:
    """`unfelt router --stop` and a rollout that begins it anew have the last word."""
    with supervised(site, tmp_path):
        time.sleep(1)
        site.router.stop()
        time.sleep(2)
        assert not site.router.state().alive
        site.router.start()
        assert site.get("/")[0] == 200


def test_stopping_the_unit_ends_the_router_and_starting_it_begins_it_again(site: Site, tmp_path: Path) -> None:
    """As one expects of systemctl."""
    with supervised(site, tmp_path) as supervisor:
        time.sleep(2)
        journal = read_journal(site.router.place)
        assert journal is not None
        os.kill(journal.keeper.pid, signal.SIGKILL)  # From here on the unit's own process keeps it.
        end = time.monotonic() + 20
        while read_journal(site.router.place).keeper == journal.keeper and time.monotonic() < end:  # type: ignore[union-attr]
            time.sleep(0.1)
        assert supervisor.process is not None
    assert not journal.envoy.is_alive()
    with supervised(site, tmp_path):
        end = time.monotonic() + 20
        while not site.router.state().alive and time.monotonic() < end:
            time.sleep(0.1)
        assert site.get("/")[1]["arm"] == "old"


def test_after_a_shutdown_of_the_machine_the_router_begins_by_itself(site: Site, tmp_path: Path) -> None:
    """Shutting down asks every process to end; numbers of processes from before mean nothing afterwards."""
    site.move(0.5, lease=site.open())
    journal = read_journal(site.router.place)
    assert journal is not None
    os.kill(journal.keeper.pid, signal.SIGTERM)
    assert journal.keeper.has_ended(within=10)
    me = known(os.getpid())
    assert me is not None
    before = Known(me.pid, me.started.partition("@")[0] + "@another-boot")
    write_journal(site.router.place, Journal(before, before, 0))
    with supervised(site, tmp_path):
        await_beat(Address("127.0.0.1", site.port), within=20)
        assert {site.arm(f"user-{number}") for number in range(20)} == {"old"}


def test_a_router_that_was_never_begun_cannot_be_kept(tmp_path: Path) -> None:
    """That is said, with what begins it."""
    asked = [
        sys.executable,
        "-m",
        "unfelt",
        "--lang",
        "en",
        "router",
        "--keep",
        "127.0.0.1:9",
        "--home",
        str(tmp_path),
    ]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert found.returncode == 2
    assert "a rollout begins it" in found.stderr
