"""Clients who send half of a request and wait: they are let go, and nobody else notices."""

import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from router_site import Load, Site

from unfelt.adapters.routers.envoy.bootstrap import HEADERS_WITHIN
from unfelt.adapters.routers.lease import LeaseServer

pytest_plugins = ("router_fixtures",)
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
        with pytest.raises(ConnectionError):
            while time.monotonic() - began < HEADERS_WITHIN + 20:
                client.sendall(b"x")
                time.sleep(0.5)
        assert time.monotonic() - began >= HEADERS_WITHIN - 2


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
    """Two hundred of them, and a page meanwhile."""
    with console(tmp_path / "home") as served:
        host, port = served.base.removeprefix("http://").split(":")
        with half_sent(int(port), 200) as clients:
            with socket.create_connection((host, int(port)), timeout=10) as browser:
                browser.sendall(b"GET /login/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert browser.recv(100).startswith(b"HTTP/1.1 ")
            assert still_open(clients, after=40) == 0
