"""What a client or a service writes into headers to steer the router: nothing of it has an effect or passes."""

import http.client
import json
import os
import signal
import socket
import time

import pytest
from router_site import Site

from unfelt.adapters.routers.envoy.journal import read_journal

pytest_plugins = ("router_fixtures",)

OURS = [
    "x-unfelt-arm",
    "X-Unfelt-Arm",
    "x_unfelt_arm",
    "X_UNFELT_ARM",
    "x-unfelt_arm",
    "x_unfelt-served",
    "x_envoy_retry_on",
    "x-envoy_max_retries",
    "x-envoy-original-path",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-decorator-operation",
    "x-envoy-internal",
]


def sent(site: Site, *headers: tuple[str, str], target: str = "/") -> dict[str, str]:
    """What the service was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=10)
    try:
        connection.putrequest("GET", target)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return {**json.loads(answer.read())["headers"], "status": str(answer.status)}
    finally:
        connection.close()


@pytest.mark.parametrize("name", OURS)
def test_names_of_the_router_do_not_reach_a_service(resting: Site, name: str) -> None:
    """In any spelling, once or twice; many services take `_` for `-`."""
    got = {one.lower().replace("_", "-") for one in sent(resting, (name, "new"), (name, "old"))}
    assert [one for one in got if one.startswith(("x-unfelt", "x-envoy"))] == []


def test_names_of_customers_pass_with_their_underscores(resting: Site) -> None:
    """The service decides about them, as it did without a router."""
    got = sent(resting, ("x_customer_tag", "1"), ("x_unfelter", "2"))
    assert (got["x_customer_tag"], got["x_unfelter"]) == ("1", "2")


@pytest.mark.parametrize("name", OURS)
def test_no_header_chooses_the_arm(resting: Site, name: str) -> None:
    """Fifty customers are where they are without it."""
    for number in range(50):
        user = f"user-{number}"
        plain = resting.arm(user)
        connection = http.client.HTTPConnection("127.0.0.1", resting.port, timeout=10)
        connection.request("GET", "/", headers={"x-user": user, name: "old" if plain == "new" else "new"})
        assert json.loads(connection.getresponse().read())["arm"] == plain
        connection.close()


def test_a_client_cannot_have_the_customers_id_dropped_on_the_way(resting: Site) -> None:
    """Named as belonging to the connection it would be taken out; then the request has no customer, and is on old."""
    for number in range(20):
        connection = http.client.HTTPConnection("127.0.0.1", resting.port, timeout=10)
        headers = {"x-user": f"user-{number}", "Connection": "close, x-user"}
        connection.request("GET", "/", headers=headers)
        answer = connection.getresponse()
        assert answer.status in (200, 400)
        if answer.status == 200:
            arm, plain = json.loads(answer.read())["arm"], resting.arm(f"user-{number}")
            assert arm in ("old", plain)
        connection.close()


def raw(port: int, request: bytes) -> bytes:
    """All that comes back on one connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        found = b""
        while piece := client.recv(65536):
            found += piece
        return found


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhelloGET /x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nx-user: lin\nx-unfelt-arm: new\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nx-user: lin\x00evil\r\n\r\n",
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(resting: Site, request_: bytes) -> None:
    """One answer that is a refusal, or none that says which arm: nothing hidden behind it reached a service."""
    got = raw(resting.port, request_)
    assert got.count(b"HTTP/1.1 200") == 0 or b"evil" not in got
    assert got.count(b'"arm"') == 0 or (b"x-unfelt-arm" not in got and got.count(b'"arm"') == 1)


def test_a_service_cannot_take_its_arm_out_by_a_header(site: Site) -> None:
    """An answer of `new` that tells Envoy to think it ill would move its customers to old, uncounted."""
    site.move(1.0, lease=site.open())
    end = time.monotonic() + 5
    while site.arm("lin") != "new" and time.monotonic() < end:
        time.sleep(0.05)
    for _ in range(5):
        site.get("/?x-envoy-immediate-health-check-fail=true&x-envoy-degraded=true", x_user="lin")
        assert site.arm("lin") == "new"


@pytest.mark.slow
def test_a_journal_that_was_damaged_hides_no_envoy(site: Site) -> None:
    """Envoy is known by its socket, adopted as it is, and ended by a stop."""
    site.move(0.5)
    journal = read_journal(site.router.place)
    assert journal is not None
    os.kill(journal.keeper.pid, signal.SIGKILL)
    for text in ('{"keeper": {"pid": 1', "[]", "null", '{"keeper": {}, "envoy": 7, "again": "x"}', "\x00" * 40):
        site.router.place.journal.write_text(text.ljust(512))
        again = read_journal(site.router.place)
        assert again is None or again.envoy == journal.envoy
    site.router.place.journal.write_text("{".ljust(512))
    site.router.heartbeat()
    found = read_journal(site.router.place)
    assert found is not None
    assert found.envoy == journal.envoy
    site.router.stop()
    assert not journal.envoy.is_alive()
