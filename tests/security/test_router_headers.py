"""What a client or a service writes into headers to steer the router: nothing of it has an effect or passes."""

import http.client
import json
import os
import signal
import socket
import time
from contextlib import suppress

import pytest
from router_site import Site

from unfelt.adapters.routers.envoy.journal import read_journal

pytestmark = pytest.mark.slow

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
    "x.unfelt.arm",
    "x-unfelt",
    "x--unfelt-arm",
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
    got = {
        one.lower().replace("_", "-").replace(".", "-").replace("--", "-")
        for one in sent(resting, (name, "new"), (name, "old"))
    }
    assert [one for one in got if one.startswith(("x-unfelt", "x-envoy"))] == []


def test_names_of_customers_pass_with_their_underscores(resting: Site) -> None:
    """The service decides about them, as it did without a router."""
    got = sent(resting, ("x_customer_tag", "1"), ("x_unfelter", "2"))
    assert (got["x_customer_tag"], got["x_unfelter"]) == ("1", "2")


@pytest.mark.parametrize("name", OURS)
def test_no_header_chooses_the_arm(resting: Site, name: str) -> None:
    """Ten customers are where they are without it."""
    for number in range(10):
        user = f"user-{number}"
        plain = resting.arm(user)
        connection = http.client.HTTPConnection("127.0.0.1", resting.port, timeout=10)
        connection.request("GET", "/", headers={"x-user": user, name: "old" if plain == "new" else "new"})
        assert json.loads(connection.getresponse().read())["arm"] == plain
        connection.close()


def test_a_client_cannot_have_the_customers_id_dropped_on_the_way(resting: Site) -> None:
    """Named as belonging to the connection it would be taken out; then the request has no customer."""
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
    """All that comes back on one connection, which the client keeps open."""
    with socket.create_connection(("127.0.0.1", port), timeout=3) as client:
        client.sendall(request)
        found = b""
        with suppress(TimeoutError, ConnectionError):
            while piece := client.recv(65536):
                found += piece
                client.settimeout(1)
        return found


@pytest.mark.parametrize(
    "request_",
    [
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: 4, 5\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length: +4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nhost: s\r\ncontent-length : 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nhost: s\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ntransfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\n transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: s\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx-user: a\x00b\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_a_request_that_can_be_read_in_two_ways_is_refused(resting: Site, request_: bytes) -> None:
    """One refusal, and nothing of it or behind it reached a service."""
    got = raw(resting.port, request_ + b"GET /hidden HTTP/1.1\r\nhost: s\r\n\r\n")
    assert got == b"" or 400 <= int(got.split()[1]) < 600
    assert (got.count(b"HTTP/1."), b'"arm"' in got) in {(0, False), (1, False)}


def test_a_name_of_ours_behind_a_bare_line_feed_is_a_name_of_ours(resting: Site) -> None:
    """What the router takes for the end of a line, it takes for the end of a header too."""
    got = raw(
        resting.port, b"GET / HTTP/1.1\r\nhost: a\r\nx-other: 1\nx-unfelt-arm: new\r\nconnection: close\r\n\r\n"
    )
    assert (b'"x-other": "1"' in got, b"unfelt-arm" in got) == (True, False)


def test_a_service_cannot_take_its_arm_out_by_a_header(site: Site) -> None:
    """An answer of `new` that tells Envoy to think it ill would move its customers to old, uncounted."""
    site.move(1.0, lease=site.open())
    end = time.monotonic() + 5
    while site.arm("lin") != "new" and time.monotonic() < end:
        time.sleep(0.05)
    for _ in range(5):
        site.get("/?x-envoy-immediate-health-check-fail=true&x-envoy-degraded=true", x_user="lin")
        assert site.arm("lin") == "new"


@pytest.mark.parametrize(
    "order",
    ["x-envoy-overloaded", "x-envoy-ratelimited", "x-unfelt-arm", "x_unfelt_arm", "x-unfelt-lease", "x-unfelt"],
)
def test_a_service_does_not_speak_in_the_router_s_name(resting: Site, order: str) -> None:
    """What pretends to be the router's in an answer does not reach the client."""
    connection = http.client.HTTPConnection("127.0.0.1", resting.port, timeout=10)
    connection.request("GET", f"/?{order}=true&x-other=1")
    answer = connection.getresponse()
    answer.read()
    assert (answer.status, answer.getheader(order), answer.getheader("x-other")) == (200, None, "1")
    connection.close()


@pytest.mark.parametrize("name", ["x-tenant", "cookie-law", "x-unfelted", "x_envoyage"])
def test_trailers_reach_no_service_and_choose_nothing(resting: Site, name: str) -> None:
    """What stands behind a body in pieces, ours or another's, is not passed on."""
    user = next(f"user-{number}" for number in range(30) if resting.arm(f"user-{number}") == "old")
    head = f"GET / HTTP/1.1\r\nhost: shop\r\nx-user: {user}\r\nconnection: close\r\n"
    pieces = f"transfer-encoding: chunked\r\n\r\n0\r\nx-unfelt-arm: new\r\n{name}: late\r\n\r\n"
    answer = raw(resting.port, (head + pieces).encode())
    assert (b'"arm": "old"' in answer, b"late" in answer, b"unfelt-arm" in answer) == (True, False, False)


@pytest.mark.parametrize(
    "target",
    [
        "http://elsewhere/",
        "http://127.0.0.1:1/",
        "//.unfelt/heartbeat",
        "/./.unfelt/heartbeat",
        "/%2eunfelt/heartbeat",
        "/.unfelt%2fheartbeat",
        "/.unfelt/heartbeat/",
        "/.unfelt/heartbeat;a",
        "/.UNFELT/heartbeat",
        "/.unfelt/../x",
        "/..%5c..%2fetc",
    ],
)
def test_an_odd_target_goes_to_the_drawn_arm_as_it_is(resting: Site, target: str) -> None:
    """The router decides nothing by the path but its own heartbeat, spelled exactly."""
    for number in range(8):
        request = f"GET {target} HTTP/1.1\r\nhost: shop\r\nx-user: user-{number}\r\nconnection: close\r\n\r\n"
        assert f'"arm": "{resting.arm(f"user-{number}")}"'.encode() in raw(resting.port, request.encode())


def test_a_request_without_a_version_is_the_only_one_on_its_connection(resting: Site) -> None:
    """What stands behind it reaches no service."""
    got = raw(resting.port, b"GET /\r\n\r\nGET /hidden HTTP/1.1\r\nhost: s\r\n\r\n")
    assert got.count(b"HTTP/1.") == 1
    assert resting.lines(where=lambda line: line["path"] == "/hidden") == []


def test_what_stands_behind_a_number_sign_is_no_path(resting: Site) -> None:
    """Neither the router's own path nor anything else."""
    got = raw(resting.port, b"GET /a#/.unfelt/heartbeat HTTP/1.1\r\nhost: s\r\nconnection: close\r\n\r\n")
    assert b" 200 OK" in got[:20]
    assert b"#" not in got
    assert len(resting.lines(at_least=1, where=lambda line: line["path"] == "/a")) == 1


@pytest.mark.parametrize("way", ["Upgrade: h2c", "Upgrade: tcp", "tunnel"])
def test_nobody_speaks_to_a_service_past_the_router(resting: Site, way: str) -> None:
    """Neither by another protocol nor by a tunnel."""
    line = "CONNECT 127.0.0.1:22 HTTP/1.1" if way == "tunnel" else "GET / HTTP/1.1"
    more = (
        "" if way == "tunnel" else f"{way}\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABk\r\n"
    )
    answer = raw(resting.port, f"{line}\r\nhost: shop\r\n{more}\r\n".encode())
    status = int(answer.split()[1])
    assert (status == 101, b'"upgrade"' in answer.lower()) == (False, False)
    assert way != "tunnel" or status >= 400


def test_large_headers_pass_and_huge_ones_are_refused(resting: Site) -> None:
    """A cookie of 60 kB and 150 headers are the service's business; 120 kB or 2,100 get 431, in no arm."""
    many = [(f"x-{number}", "1") for number in range(2100)]
    assert len(sent(resting, ("cookie", "a=" + "b" * 60_000))["cookie"]) == 60_002
    assert sent(resting, *many[:150])["x-149"] == "1"
    for headers in ([("cookie", "a=" + "b" * 120_000)], many):
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        assert b" 431 " in raw(resting.port, f"GET /huge HTTP/1.1\r\nhost: s\r\n{head}\r\n".encode())[:20]
    refused = resting.lines(at_least=2, where=lambda line: line["status"] == 431)
    assert {line["arm"] for line in refused} == {"none"}


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
