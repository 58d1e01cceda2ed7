"""Taking customers back from another process."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from router_site import Load, Site

from unfelt.adapters.routers import Position, RetryableRouterError, RouterError
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.safety import clear_latch, is_latched, take_back

pytestmark = pytest.mark.slow

BY_ANOTHER = """
import resource, sys
from pathlib import Path
from unfelt.adapters.routers.envoy.safety import take_back
if sys.argv[2] == "full":
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
take_back(Path(sys.argv[1]))
"""

FROZEN_WORKER = """
import fcntl, sys, time
with open(sys.argv[1], "ab") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(60)
"""


def on_new(site: Site) -> int:
    """How many of twenty customers are served by new."""
    return sum(site.arm(f"user-{n}") == "new" for n in range(20))


def by_another_process(site: Site, disk: str = "roomy") -> None:
    """`take_back` from a process of its own."""
    subprocess.run([sys.executable, "-c", BY_ANOTHER, str(site.directory), disk], check=True, timeout=20)


def test_taking_back_closes_the_lease_and_writes_share_0(site: Site) -> None:
    """The answer is the time at which nobody was on new any more."""
    site.move(1.0, lease=site.open())
    assert on_new(site) == 20
    began = time.monotonic()
    at = take_back(site.directory)
    assert time.monotonic() - began < 2.0
    assert isinstance(at, datetime)
    assert (on_new(site), site.lease.alive(), site.lease.is_taken_back()) == (0, False, True)
    assert (site.router.state().position.share, site.router.taken_back()) == (0.0, True)


def test_only_share_0_is_accepted_until_the_latch_is_cleared(site: Site) -> None:
    """A worker that races cannot bring customers back to new."""
    site.move(1.0, lease=site.open())
    take_back(site.directory)
    with pytest.raises(RouterError, match="taken back"):
        site.move(0.5, lease=site.open())
    site.move(0.0)
    assert (on_new(site), is_latched(site.directory)) == (0, True)
    clear_latch(site.directory)
    site.move(1.0, lease=site.open())
    assert on_new(site) == 20


def test_the_latch_outlives_the_router(site: Site) -> None:
    """Stopped and started again, it still refuses."""
    site.router.close_for_good()
    site.router.stop()
    site.router.start()
    with pytest.raises(RouterError, match="taken back"):
        site.move(0.5)


def test_it_works_from_another_process_with_the_disk_full(site: Site) -> None:
    """A process that cannot write one byte to any file takes customers back."""
    site.move(1.0, lease=site.open())
    by_another_process(site, "full")
    assert (on_new(site), site.router.taken_back()) == (0, True)


def test_a_guard_goes_back_with_the_disk_full(site: Site) -> None:
    """Widening is refused with a sentence; share 0 is reached all the same."""
    lease = site.open()
    site.move(1.0, lease=lease)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(RetryableRouterError, match="Make room"):
            site.move(0.5, lease=lease)
        site.move(0.0, lease=lease)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (on_new(site), site.router.state().position.share) == (0, 0.0)


def test_it_works_past_the_point_of_no_return(site: Site) -> None:
    """A person may still go back, lease or no lease."""
    site.move(1.0, phase="settled", lease=None)
    take_back(site.directory)
    assert on_new(site) == 0


def test_it_works_twice(site: Site) -> None:
    """Once it is done there is nothing more to do."""
    site.move(1.0, lease=site.open())
    take_back(site.directory)
    take_back(site.directory)
    assert on_new(site) == 0


def test_a_worker_frozen_with_the_lock_in_hand_does_not_hinder_it(site: Site) -> None:
    """Within 2 s all the same."""
    site.move(1.0, lease=site.open())
    command = (sys.executable, "-c", FROZEN_WORKER, str(site.router.place.writing))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "held\n"
        os.kill(worker.pid, signal.SIGSTOP)
        began = time.monotonic()
        take_back(site.directory)
        took = time.monotonic() - began
        worker.kill()
    assert (on_new(site), took < 2.0) == (0, True)


def test_it_works_with_envoy_killed_at_that_moment(site: Site) -> None:
    """The next Envoy begins with nobody on new, and then it is done."""
    site.move(1.0, lease=site.open())
    journal = read_journal(site.router.place)
    assert journal is not None
    os.kill(journal.envoy.pid, signal.SIGKILL)
    take_back(site.directory)
    assert on_new(site) == 0


def test_without_a_router_there_is_nothing_to_take_back(tmp_path: Path) -> None:
    """The error names the directory."""
    with pytest.raises(RouterError, match="nothing to take back"):
        take_back(tmp_path)


def test_a_racing_worker_loses(site: Site) -> None:
    """A position written after the latch, by a process that had looked before it, is undone by its own writer."""
    site.move(0.5, lease=site.open())
    site.router.place.unlatched.rename(site.router.place.latched)
    with pytest.raises(RouterError, match="taken back"):
        site.router.move(Position(9, "watch", 1.0, "s1", site.open()))


def test_taking_back_under_load_fails_no_request(sites: Callable[..., Site]) -> None:
    """From another process, in the middle of traffic."""
    site = sites()
    site.router.start()
    site.move(0.5, lease=site.open())
    load = Load(site.port)
    load.during(3.0, (1.0, lambda: by_another_process(site)))
    assert load.failures() == []
    assert {one.arm for one in load.seen[-50:]} == {"old"}
