"""The lease itself."""

import http.client
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.lease import LeaseLapsedError, LeaseServer, close_lease


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LeaseServer]:
    """A lease server that the directory knows."""
    made = LeaseServer(directory=tmp_path, silence=0.3)
    yield made
    made.shutdown()


def ask(server: LeaseServer, path: str, *, method: str = "GET", word: str = "") -> int:
    """The status of one question."""
    connection = http.client.HTTPConnection(*server.address, timeout=2)
    connection.request(method, path, headers={"Authorization": f"Bearer {word}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_lease_is_closed_until_it_is_extended(server: LeaseServer) -> None:
    """An open lease is not a running one."""
    path = server.open()
    assert (ask(server, path), server.alive(), server.remaining()) == (503, False, 0.0)
    server.extend(5)
    assert (ask(server, path), server.alive()) == (200, True)
    assert 4 < server.remaining() <= 5


def test_a_lease_runs_out_and_stays_so(server: LeaseServer) -> None:
    """After its last second it can no longer be extended."""
    path = server.open()
    server.extend(0.05)
    time.sleep(0.1)
    assert (ask(server, path), server.alive()) == (503, False)
    with pytest.raises(LeaseLapsedError, match="share 0"):
        server.extend(5)
    assert ask(server, path) == 503


def test_a_lease_nobody_asks_for_any_more_lapses(server: LeaseServer) -> None:
    """A router that fell silent has sent its customers to old; they must not come back by themselves."""
    path = server.open()
    server.extend(60)
    time.sleep(0.4)
    assert ask(server, path) == 200
    time.sleep(0.4)
    assert (server.alive(), ask(server, path)) == (False, 503)


def test_a_new_lease_ends_the_one_before(server: LeaseServer) -> None:
    """Each lease has a path of its own."""
    first = server.open()
    server.extend(60)
    second = server.open()
    server.extend(60)
    assert (ask(server, first), ask(server, second)) == (503, 200)


def test_close_is_at_once_and_for_good(server: LeaseServer) -> None:
    """A closed lease answers 503 from then on."""
    path = server.open()
    server.extend(60)
    server.close()
    assert (ask(server, path), server.alive()) == (503, False)


def test_whoever_can_read_the_directory_can_close_it(server: LeaseServer, tmp_path: Path) -> None:
    """`close_lease` needs the word in the file, and the file is its owner's alone."""
    server.open()
    server.extend(60)
    assert ask(server, "/back", method="POST", word="wrong") == 403
    assert (server.alive(), server.is_taken_back()) == (True, False)
    assert close_lease(tmp_path) is True
    assert (server.alive(), server.is_taken_back()) == (False, True)
    assert oct((tmp_path / "lease.json").stat().st_mode & 0o777) == "0o600"


def test_closing_the_lease_of_a_dead_process_says_no(tmp_path: Path) -> None:
    """Nobody answers, and that is an answer."""
    assert close_lease(tmp_path) is False
    server = LeaseServer(directory=tmp_path)
    server.shutdown()
    assert close_lease(tmp_path) is False


def test_a_lease_without_an_opening_cannot_be_extended(server: LeaseServer) -> None:
    """First open, then extend."""
    with pytest.raises(LeaseLapsedError, match="Open one first"):
        server.extend(5)


def test_the_lease_is_served_on_the_loopback_only() -> None:
    """No other machine can hold or close it."""
    with pytest.raises(RouterError, match="loopback"):
        LeaseServer("192.0.2.1")


def test_a_port_in_use_is_said(server: LeaseServer) -> None:
    """The error names the port."""
    with pytest.raises(RouterError, match=str(server.address[1])):
        LeaseServer(*server.address)


def test_a_router_that_hangs_up_is_not_news(server: LeaseServer, capfd: pytest.CaptureFixture[str]) -> None:
    """A connection reset in the middle of a question prints nothing and hinders nobody."""
    path = server.open()
    server.extend(60)
    with socket.create_connection(server.address) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(b"GET ")
    assert ask(server, path) == 200
    assert capfd.readouterr() == ("", "")
