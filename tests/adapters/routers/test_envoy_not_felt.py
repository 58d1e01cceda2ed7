"""A router that is not felt: what a client meets directly it meets through the router, or the manual names it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from certificates import write_certificate
from felt import REQUESTS, SLOW, Meeting, echoed, meet, request, upgraded
from router_site import Site, a_change
from web_servers import find, raw_service, web_server

from unfelt.adapters.routers import RouterError
from unfelt.testing.ports import free_port

pytestmark = pytest.mark.slow

MANUAL = Path(__file__).parents[3] / "docs" / "reference" / "router.md"
NAMED = {
    "HTTP/1.0 without a host",
    "HTTP/1.1 without a host",
    "Chinese, not encoded",
    "a space in the path",
    "a number sign",
    "a whole address",
    "a folded header",
    "a space behind a header's name",
    "OPTIONS *",
    "a control byte in a cookie",
    "two lengths of a body",
    "the same length twice",
    "what proxies add",
    "names of the router",
    "a client that closes its side",
}
"""Cases that differ, each of them in the manual's table."""
SERVERS = ["raw", "nginx", "caddy"]
Served = tuple[str, int, Site]


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server, its own port, and a router before it."""
    kind, home = request.param, tmp_path_factory.mktemp("served")
    if kind != "raw" and find(kind) is None:
        pytest.skip(f"{kind} is not installed")
    with ExitStack() as stack:
        app = stack.enter_context(raw_service())
        port = app if kind == "raw" else stack.enter_context(web_server(kind, home, port=free_port(), app=app))
        site = stack.enter_context(routed(port, home / "router"))
        yield kind, port, site


class routed:  # noqa: N801  (used as a function)
    """A started router before that port, gone after the block."""

    def __init__(self, port: int, home: Path, *, scheme: str = "http", **rollout: object) -> None:
        url = f"{scheme}://127.0.0.1:{port}"
        self.site = Site(a_change(url, url, **rollout), home)

    def __enter__(self) -> Site:
        self.site.router.start()
        return self.site

    def __exit__(self, *_what: object) -> None:
        self.site.close()


def comparable(met: Meeting) -> Meeting:
    """Without what differs at every request, as the manual says: spelling, what the router adds, its cookie."""
    headers = {
        (name.lower(), value.partition("boundary=")[0])
        for name, value in met.get("headers", ())
        if not value.startswith("uid=")
    }
    sent = {
        (name.lower(), value)
        for name, value in met.get("sent headers", ())
        if name.lower() not in {"x-forwarded-for", "x-forwarded-proto"}
    }
    return {**met, "headers": headers, "sent headers": sent, "reason": None}


@pytest.mark.parametrize("case", [one for one in REQUESTS if one not in NAMED])
def test_a_request_is_met_alike(served: Served, case: str) -> None:
    """Status, headers and body of the answer, and line, headers and body that the service was sent."""
    _kind, port, site = served
    assert comparable(meet(site.port, REQUESTS[case])) == comparable(meet(port, REQUESTS[case]))


@pytest.mark.parametrize("case", [one for one in SLOW if one not in NAMED])
def test_what_takes_its_time_is_met_alike(served: Served, case: str) -> None:
    """100 Continue, events one by one, WebSockets, slow bodies."""
    _kind, port, site = served
    assert SLOW[case](site.port) == SLOW[case](port)


def test_what_differs_is_named_in_the_manual() -> None:
    """Each case has its row, and no row is left of a case that is alike now."""
    rows = {line.split("|")[1].strip() for line in MANUAL.read_text().splitlines() if line.startswith("| ")}
    assert rows >= NAMED
    assert {*REQUESTS, *SLOW} & rows == NAMED


def test_what_is_named_does_differ(served: Served) -> None:
    """With the service that takes everything; otherwise the row is out of date."""
    kind, port, site = served
    if kind != "raw":
        pytest.skip("a web server refuses some of it itself")
    differing = set()
    for case in NAMED & REQUESTS.keys():
        if _spoken(meet(site.port, REQUESTS[case])) != _spoken(meet(port, REQUESTS[case])):
            differing.add(case)
    for case in NAMED & SLOW.keys():
        if SLOW[case](site.port) != SLOW[case](port):
            differing.add(case)
    assert differing == NAMED


def _spoken(met: Meeting) -> Meeting:
    same = comparable(met)
    protocol = [value for name, value in met.get("sent headers", ()) if name.lower() == "x-forwarded-proto"]
    return same | {"protocol": [one for one in protocol if one != "http"]}


# What a plan may ask for ---------------------------------------------------------------------------------------


@pytest.fixture
def app() -> Iterator[int]:
    """A service that tells what it was sent."""
    with raw_service() as port:
        yield port


def test_what_trusted_proxies_say_passes_as_it_is(app: int, tmp_path: Path) -> None:
    """Scheme, addresses and host that the proxy in front wrote are what the service reads."""
    with routed(app, tmp_path / "router", trusted_hops=1) as site:
        direct, through = meet(app, REQUESTS["what proxies add"]), meet(site.port, REQUESTS["what proxies add"])
    assert _lower(through["sent headers"]) == _lower(direct["sent headers"])


def test_without_trusted_proxies_nobody_can_pretend_to_come_by_https(app: int, tmp_path: Path) -> None:
    """The scheme is that of the connection, and the address met is added."""
    with routed(app, tmp_path / "router") as site:
        sent = dict(_lower(meet(site.port, REQUESTS["what proxies add"])["sent headers"]))
    assert sent["x-forwarded-proto"] == "http"
    assert sent["x-forwarded-for"].startswith("203.0.113.7,")
    assert sent["x-real-ip"] == "203.0.113.7"


def _lower(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((name.lower(), value) for name, value in headers)


def test_names_are_spelled_as_they_were_where_asked(app: int, tmp_path: Path) -> None:
    """Towards the service, towards the client, and the reason beside the status."""
    case = REQUESTS["names of headers spelled oddly"]
    with routed(app, tmp_path / "router", keep_case=True) as site:
        through, direct = meet(site.port, case), meet(app, case)
    assert (through["reason"], through["headers"]) == (direct["reason"], direct["headers"])
    assert set(map(tuple, direct["sent headers"])) <= set(map(tuple, through["sent headers"]))


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Chain and key of a service for 127.0.0.1."""
    directory = tmp_path / "certificate"
    directory.mkdir()
    return write_certificate(directory)


@pytest.mark.parametrize("moved", [0.0, 1.0])
def test_services_behind_tls_are_asked_by_tls(
    tmp_path: Path, certificate: tuple[Path, Path], moved: float
) -> None:
    """On either arm, under a lease that is not behind it."""
    with raw_service(*certificate) as port:
        services = {"ca": str(certificate[0])}
        with routed(port, tmp_path / "router", scheme="https", services=services) as site:
            site.move(moved, lease=site.open())
            _until(lambda: site.router.state().lease_alive)
            assert meet(site.port, request(more="X-User: lin\r\n"))["status"] == "200"
            line = site.lines(at_least=1, where=lambda line: line["path"] == "/api/echo")[0]
            assert (line["arm"], line["served"]) == (("new", "new") if moved else ("old", "old"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_services_may_speak_http_2(tmp_path: Path, certificate: tuple[Path, Path], scheme: str) -> None:
    """In the clear as well as by TLS."""
    with raw_service(*(certificate if scheme == "https" else ()), program="h2_service.py") as port:
        services: dict[str, Any] = {"http2": True} | ({"ca": str(certificate[0])} if scheme == "https" else {})
        with routed(port, tmp_path / "router", scheme=scheme, services=services) as site:
            met = meet(site.port, request("/page?x=1"))
    assert (met["status"], dict(met["sent headers"])[":path"]) == ("200", "/page?x=1")


def test_a_service_that_nobody_vouches_for_is_not_believed(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """Another authority, or another name, and no customer's request reaches it."""
    other = tmp_path / "other"
    other.mkdir()
    stranger = write_certificate(other)[0]
    with raw_service(*certificate) as port:
        for number, told in enumerate(
            ({"ca": str(stranger)}, {"ca": str(certificate[0]), "name": "other.example"}, {})
        ):
            with routed(port, tmp_path / f"router-{number}", scheme="https", services=told) as site:
                assert meet(site.port, request())["status"] == "503"


def test_authorities_that_cannot_be_read_are_said_before_anything_starts(tmp_path: Path) -> None:
    """With their file."""
    broken = tmp_path / "ca.pem"
    broken.write_text("none")
    with pytest.raises(RouterError, match=r"ca\.pem holds no authorities"):
        routed(1, tmp_path / "router", scheme="https", services={"ca": str(broken)}).__enter__()


# What lasts ----------------------------------------------------------------------------------------------------


def _until(is_so: Callable[[], bool], *, seconds: float = 8.0) -> None:
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.05)
    assert is_so()


def _ended(client: socket.socket, *, within: float) -> bool:
    client.settimeout(within)
    with suppress(TimeoutError):
        try:
            return client.recv(100) == b""
        except ConnectionError:
            return True
    return False


def test_what_is_open_on_new_ends_after_going_back_and_old_is_left_alone(app: int, tmp_path: Path) -> None:
    """Also what never falls silent; requests that end in time are answered; new can be had again."""
    with routed(app, tmp_path / "router", longest_stream="2s") as site:
        site.move(1.0, lease=site.open())
        _until(lambda: site.router.state().lease_alive)
        silent, chatty = (upgraded(site.port, more="X-User: lin\r\n") for _ in range(2))
        stays = upgraded(site.port)  # Without an id: on old.
        answers: list[str] = []
        slowly = request("/api/echo?sleep=1.5", more="X-User: lin\r\n")
        slow = threading.Thread(target=lambda: answers.append(meet(site.port, slowly)["status"]))
        slow.start()
        time.sleep(0.3)
        site.move(0.0)
        began = time.monotonic()
        lasted = 0.0
        with suppress(ConnectionError):
            while time.monotonic() < began + 10 and echoed(chatty) == b"hi":
                lasted = time.monotonic() - began
                time.sleep(0.1)
        assert 1.5 < lasted < 5
        assert _ended(silent, within=2)
        assert echoed(stays) == b"hi"
        slow.join()
        assert answers == ["200"]
        site.move(1.0, lease=site.open())
        _until(lambda: site.router.state().lease_alive)
        with upgraded(site.port, more="X-User: lin\r\n") as again:
            assert not _ended(again, within=3)
            assert echoed(again) == b"hi"
        for one in (silent, chatty, stays):
            one.close()


def test_customers_taken_back_by_hand_have_their_streams_ended_too(app: int, tmp_path: Path) -> None:
    """From any process, with the guard dead."""
    from unfelt.adapters.routers.envoy.safety import take_back

    with routed(app, tmp_path / "router", longest_stream="100ms") as site:
        site.move(1.0)
        with upgraded(site.port, more="X-User: lin\r\n") as client:
            assert echoed(client) == b"hi"
            take_back(site.directory)
            assert _ended(client, within=4)
