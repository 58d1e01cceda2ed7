"""Clients who send half of a request and wait: they are let go, and nobody else notices."""

import os
import resource
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from router_site import Load, Site
from serving import served

from unfelt.adapters.routers.envoy.addresses import Address
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.launch import await_beat
from unfelt.adapters.routers.envoy.limits import ASIDE, HEADERS_WITHIN, most_connections
from unfelt.adapters.routers.lease import LeaseServer

pytestmark = pytest.mark.slow

HALF = b"GET / HTTP/1.1\r\nHost: shop.example\r\nX-User: sl"


@contextmanager
def half_sent(port: int, many: int, text: bytes = HALF) -> Iterator[list[socket.socket]]:
    """So many connections on which half of a request was sent."""
    clients = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(many)]
    for client in clients:
        client.sendall(text)
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def still_open(clients: list[socket.socket], *, after: float) -> int:
    """How many are still open after so many seconds."""
    end = time.monotonic() + after
    with selectors.DefaultSelector() as selector:
        for client in clients:
            client.setblocking(False)
            selector.register(client, selectors.EVENT_READ)
        while selector.get_map() and (left := end - time.monotonic()) > 0:
            for key, _events in selector.select(left):
                if _is_over(key.fileobj):
                    selector.unregister(key.fileobj)
        return len(selector.get_map())


def _is_over(client: object) -> bool:
    assert isinstance(client, socket.socket)
    try:
        return client.recv(65536) == b""
    except ConnectionError:
        return True
    except BlockingIOError:
        return False


@pytest.mark.parametrize("many", [200, 2000])
def test_half_sent_requests_are_let_go_and_customers_are_served(site: Site, many: int) -> None:
    """Within the time for headers; meanwhile every other request is answered."""
    site.move(0.5)
    load = Load(site.port, rate=50)
    with half_sent(site.port, many) as clients:
        load.during(4)
        assert load.failures() == []
        assert still_open(clients, after=HEADERS_WITHIN + 20) == 0


def test_a_client_that_drips_its_headers_is_let_go(site: Site) -> None:
    """A byte every half second is no progress."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30) as client:
        client.sendall(HALF)
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < HEADERS_WITHIN + 20:
                client.sendall(b"x")
                time.sleep(0.5)
        assert HEADERS_WITHIN - 2 <= time.monotonic() - began < HEADERS_WITHIN + 20


def test_the_lease_is_answered_beside_half_sent_questions() -> None:
    """Two hundred on its port, and the router's own question is answered; the halves are let go."""
    lease = LeaseServer()
    try:
        path = lease.open()
        lease.extend(600)
        with half_sent(lease.address[1], 200, b"GET /lease HTTP/1.1\r\nHost: g") as clients:
            with socket.create_connection(lease.address, timeout=10) as router:
                router.sendall(f"GET {path} HTTP/1.1\r\nHost: guard\r\n\r\n".encode())
                assert router.recv(100).startswith(b"HTTP/1.1 200")
            assert still_open(clients, after=30) == 0
    finally:
        lease.shutdown()


def test_long_answers_live_on(sites: Callable[..., Site]) -> None:
    """A request that takes longer than the time for headers is answered: that time is for headers alone."""
    made = sites()
    made.router.start()
    assert made.get(f"/?sleep={HEADERS_WITHIN + 2:g}", x_user="lin")[0] == 200


def test_the_console_lets_half_sent_requests_go(tmp_path: Path) -> None:
    """Two hundred of them, new and behind an answered one, and a page meanwhile."""
    with served(tmp_path / "home") as console:
        port = int(console.base.rpartition(":")[2])
        whole = b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        with (
            half_sent(port, 190) as first,
            half_sent(port, 5, whole + HALF) as second,
            half_sent(port, 5, whole + b"\r\n") as third,
        ):
            assert console.stranger().get("/login/").status_code < 500
            assert still_open(first + second + third, after=40) == 0


@pytest.mark.parametrize(("files", "most"), [(100, 64), (1024, 384), (20_000, 9872), (1_000_000, 10_000)])
def test_the_bound_leaves_files_for_the_services(files: int, most: int) -> None:
    """Each customer's connection may need another one."""
    assert most_connections(files) == most


def test_the_bound_is_kept(site: Site) -> None:
    """With few open files allowed, Envoy closes what comes beyond, and opens again when the first have gone."""
    journal = read_journal(site.router.place)
    assert journal is not None
    resource.prlimit(journal.keeper.pid, resource.RLIMIT_NOFILE, (ASIDE + 200, ASIDE + 200))
    os.kill(journal.envoy.pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while site.router.state().restarts == 0 and time.monotonic() < end:
        time.sleep(0.1)
    with half_sent(site.port, 150) as clients:
        assert still_open(clients, after=2) == 100
    await_beat(Address("127.0.0.1", site.port), within=10)
    assert site.get("/")[0] == 200
