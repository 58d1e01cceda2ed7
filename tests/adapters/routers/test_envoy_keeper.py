"""The keeper: what happens when Envoy, the keeper or the guard ends."""

import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from router_site import Site

from unfelt.adapters.routers import RouterError, RouterState
from unfelt.adapters.routers.envoy import EnvoyRouter
from unfelt.adapters.routers.envoy.journal import Journal, read_journal, write_journal
from unfelt.adapters.routers.envoy.processes import Known, known, started

pytestmark = pytest.mark.slow


def journal_of(site: Site) -> Journal:
    """Who keeper and Envoy are."""
    journal = read_journal(site.router.place)
    assert journal is not None
    return journal


def state_when(site: Site, holds: Callable[[RouterState], bool]) -> RouterState:
    """The state once that holds, or after five seconds."""
    end = time.monotonic() + 5
    while True:
        state = site.router.state()
        if holds(state) or time.monotonic() > end:
            return state
        time.sleep(0.02)


def test_a_killed_envoy_is_back_at_share_0(site: Site) -> None:
    """Within about a second it serves everybody from old; the restart and the gap are on record."""
    site.move(1.0, lease=site.open())
    os.kill(journal_of(site).envoy.pid, signal.SIGKILL)
    began = time.monotonic()
    state = state_when(site, lambda state: state.restarts == 1 and state.alive)
    took = time.monotonic() - began
    state_when(site, lambda _state: bool(site.router.gaps()))  # Written down once Envoy is seen to serve.
    assert (state.alive, state.position.share, state.position.phase, state.restarts) == (True, 0.0, "off", 1)
    assert {site.arm(f"user-{n}") for n in range(20)} == {"old"}
    assert [(gap["restart"], gap["code"], gap["gap_ms"] < 1000 * took + 500) for gap in site.router.gaps()] == [
        (1, -9, True)
    ]
    assert took < 3.0


def test_after_a_restart_requests_belong_to_no_arm_until_the_next_move(site: Site) -> None:
    """The epoch before is over: nobody may count its customers at a share that no longer holds."""
    site.move(0.5, lease=site.open())
    os.kill(journal_of(site).envoy.pid, signal.SIGKILL)
    state_when(site, lambda state: state.restarts == 1 and state.alive)
    site.get("/between", x_user="lin")
    site.move(1.0, lease=site.open())
    site.get("/after", x_user="lin")
    lines = site.lines(at_least=2, where=lambda line: line["path"] in {"/between", "/after"})
    assert [(line["arm"], line["phase"]) for line in lines] == [("none", "off"), ("new", "watch")]


def test_without_a_lease_a_restarted_envoy_keeps_its_position(site: Site) -> None:
    """Past the point of no return old may no longer hold the customers' data."""
    site.move(1.0, phase="settled", lease=None)
    os.kill(journal_of(site).envoy.pid, signal.SIGKILL)
    state = state_when(site, lambda state: state.restarts == 1 and state.alive)
    assert (state.position.share, state.position.phase) == (1.0, "settled")


def test_a_guard_that_comes_again_adopts_the_router(site: Site) -> None:
    """Nothing is started, stopped or moved."""
    site.move(0.5, lease=site.open())
    before, position = journal_of(site), site.router.state().position
    again = EnvoyRouter(site.change, site.directory, lease_address=site.lease.address)
    assert again.start().position == position
    assert journal_of(site) == before


def test_a_dead_keeper_is_replaced_and_envoy_goes_on(site: Site) -> None:
    """The new keeper takes Envoy over as it is and keeps it running."""
    site.move(0.5, lease=site.open())
    before = journal_of(site)
    os.kill(before.keeper.pid, signal.SIGKILL)
    before.keeper.has_ended(within=2)
    site.router.heartbeat()
    after = journal_of(site)
    assert (after.envoy, after.keeper == before.keeper) == (before.envoy, False)
    assert site.router.state().position.share == 0.5
    os.kill(after.envoy.pid, signal.SIGKILL)
    state = state_when(site, lambda state: state.restarts == 1 and state.alive)
    assert (state.restarts, state.position.share) == (1, 0.0)


def test_keeper_and_envoy_both_dead_is_a_restart_too(site: Site) -> None:
    """Whoever asks next gets a router at share 0 that counts one restart more."""
    site.move(1.0, lease=site.open())
    journal = journal_of(site)
    os.kill(journal.keeper.pid, signal.SIGKILL)
    journal.keeper.has_ended(within=2)
    os.kill(journal.envoy.pid, signal.SIGKILL)
    journal.envoy.has_ended(within=2)
    assert site.router.state().alive is False
    state = site.router.start()
    assert (state.alive, state.position.share, state.restarts) == (True, 0.0, 1)


def test_there_is_one_keeper_for_a_directory(site: Site) -> None:
    """Starting again and again starts nothing."""
    before = journal_of(site)
    for _ in range(3):
        site.router.start()
    assert journal_of(site) == before


def test_stop_ends_both_and_frees_the_port(site: Site) -> None:
    """Nothing is left running."""
    journal = journal_of(site)
    site.router.stop()
    assert (journal.keeper.is_alive(), journal.envoy.is_alive()) == (False, False)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", site.port))
    site.router.stop()
    with pytest.raises(RouterError, match="Start it first"):
        site.router.heartbeat()


def test_stop_without_a_keeper_ends_envoy(site: Site) -> None:
    """An Envoy that lost its keeper is no orphan for ever."""
    journal = journal_of(site)
    os.kill(journal.keeper.pid, signal.SIGKILL)
    journal.keeper.has_ended(within=2)
    site.router.stop()
    assert journal.envoy.is_alive() is False


def test_a_recycled_number_is_not_the_process_it_was(site: Site) -> None:
    """A journal that names this test's own process as Envoy, from another time, harms nobody."""
    site.router.stop()
    me = known(os.getpid())
    assert me is not None
    stranger = replace(me, started="1")
    write_journal(site.router.place, Journal(stranger, stranger, 0))
    assert site.router.start().alive is True
    assert journal_of(site).envoy != stranger


def test_a_process_is_known_by_its_start() -> None:
    """No process, no start; the same process, the same start."""
    assert started(os.getpid()) == started(os.getpid())
    assert started(2**22 + 1) is None
    assert Known(os.getpid(), "1").is_alive() is False


def test_another_plan_is_not_adopted(site: Site) -> None:
    """A router that logs other columns is started anew, at share 0."""
    site.move(0.5, lease=site.open())
    before = journal_of(site)
    experience = site.change.experience.model_copy(update={"columns": {"city": "header:x-city"}})
    other = site.change.model_copy(update={"experience": experience})
    state = EnvoyRouter(other, site.directory, lease_address=site.lease.address).start()
    assert (state.position.share, journal_of(site).envoy == before.envoy) == (0.0, False)


def test_a_port_that_is_taken_is_said_and_nothing_runs(sites: Callable[..., Site]) -> None:
    """The error names host, port and what to do."""
    site = sites()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", site.port))
        taken.listen()
        with pytest.raises(RouterError, match=rf"127\.0\.0\.1:{site.port}.*rollout\.listen"):
            site.router.start()
    assert read_journal(site.router.place) is None


def test_a_missing_envoy_is_said(sites: Callable[..., Site], tmp_path: Path) -> None:
    """No file, no router, and no keeper either."""
    site = sites()
    router = EnvoyRouter(
        site.change, site.directory, lease_address=site.lease.address, envoy=tmp_path / "no-envoy"
    )
    with pytest.raises(RouterError, match="no-envoy"):
        router.start()
    assert read_journal(site.router.place) is None


def test_an_address_of_another_machine_is_said(sites: Callable[..., Site]) -> None:
    """What cannot be listened on is refused, and nothing is left running."""
    site = sites(listen="not-a-number.invalid:18999")
    with pytest.raises(RouterError, match=r"rollout\.listen"):
        site.router.start()
    assert read_journal(site.router.place) is None


def test_a_long_path_gets_its_socket_elsewhere(sites: Callable[..., Site], tmp_path: Path) -> None:
    """A socket's path ends at 107 bytes; the router's directory may lie deeper."""
    site = sites()
    site.router = EnvoyRouter(
        site.change, tmp_path / ("deep" * 10) / ("deeper" * 10), lease_address=site.lease.address
    )
    assert site.router.start().alive is True
    assert site.router.place.admin.parent.stat().st_mode & 0o077 == 0


def test_what_envoy_refuses_is_said_in_its_own_words(sites: Callable[..., Site]) -> None:
    """The complaint is in the error, and nothing is left running."""
    site = sites()
    site.router.log.mkdir(parents=True)
    with pytest.raises(RouterError, match=r"access\.jsonl.*envoy\.log"):
        site.router.start()
    assert read_journal(site.router.place) is None
