"""An answer that drips, never ends or leads elsewhere holds nobody, and a proxy is never asked."""

import socket
import time
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers import OK, answering, saying

from unfelt.adapters.http import OutgoingError, Policy, RefusedError, fetch
from unfelt.conf.settings import Network

HERE = Policy((Network("local", ip_network("127.0.0.1/32")),))
FOLLOW = Policy(HERE.networks, redirects=3)


def dripping(first: bytes, drop: bytes):
    """One piece each 50 ms, for ever: no single wait is long."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            time.sleep(0.05)
            connection.sendall(drop)

    return answer


def pouring(first: bytes, more: bytes):
    """As much as is taken."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(more)

    return answer


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"a"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
def test_what_drips_ends_in_time(first, drop):
    """The time is for all of it, not for each piece."""
    began = time.monotonic()
    with answering(dripping(first, drop)) as (port, _asked), pytest.raises(OutgoingError):
        fetch("GET", f"http://127.0.0.1:{port}/", policy=HERE, within=0.5)
    assert time.monotonic() - began < 10  # It would go on for ever.


@pytest.mark.parametrize(
    ("first", "more"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"a" * 1000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"a" * 65_536),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
        (b"", b"a" * 65_536),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1;" + b"a" * 60_000 + b"\r\nx\r\n"),
    ],
)
def test_headers_without_end_are_not_read_to_the_end(first, more):
    """A failure, and not one of memory."""
    with answering(pouring(first, more)) as (port, _asked), pytest.raises(OutgoingError):
        fetch("GET", f"http://127.0.0.1:{port}/", policy=HERE, within=20, most=10_000)


def test_of_a_body_without_end_so_much_is_kept():
    """And it is said that there is more."""
    with answering(pouring(b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 65_536)) as (port, _asked):
        answer = fetch("GET", f"http://127.0.0.1:{port}/", policy=HERE, most=100_000)
    assert (answer.status, len(answer.body), answer.is_whole) == (200, 100_000, False)


def test_what_is_packed_stays_packed():
    """A small answer cannot become a large one."""
    packed = saying(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00")
    with answering(packed) as (port, asked):
        assert fetch("GET", f"http://127.0.0.1:{port}/", policy=HERE).body == b"\x1f\x8b\x08\x00"
    assert b"Accept-Encoding: identity" in asked[0]


@pytest.mark.parametrize(
    "location",
    [
        *("https://127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "//127.0.0.2/", "http://[::1]/"),
        *(
            "http://169.254.169.254/",
            "http://0x7f.2/",
            "gopher://127.0.0.1/",
            "javascript:1",
            "http://a@127.0.0.1/",
        ),
    ],
)
def test_a_redirect_leads_nowhere_else(location):
    """Another scheme, or an address that may not be called."""
    moved = saying(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
    with answering(moved) as (port, asked):
        with pytest.raises(RefusedError):
            fetch("GET", f"http://127.0.0.1:{port}/", policy=FOLLOW)
        assert len(asked) == 1


@pytest.mark.parametrize(
    ("policy", "method", "times"), [(HERE, "GET", 1), (FOLLOW, "GET", 4), (FOLLOW, "POST", 1)]
)
def test_redirects_are_followed_so_often_as_is_allowed(policy, method, times):
    """None without being asked for, none with a body, and no circle for ever."""
    moved = saying(b"HTTP/1.1 307 Moved\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")
    with answering(moved) as (port, asked):
        assert fetch(method, f"http://127.0.0.1:{port}/", policy=policy, body=None).status == 307
        assert len(asked) == times


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    """It could be anywhere, and would ask for names itself."""
    with answering(OK) as (port, asked), answering(OK) as (proxy, through):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy}")
        fetch("GET", f"http://127.0.0.1:{port}/", policy=HERE)
        assert (len(asked), through) == (1, [])


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_becomes_another_header(name, value):
    """What cannot be sent as one header is not sent at all; nobody is asked before that is known."""
    is_plain = name.isascii() and value.isascii() and name.isprintable() and value.isprintable()
    with pytest.raises((ValueError, OutgoingError)) as refused:
        fetch("GET", "http://127.0.0.2/", policy=HERE, headers={name: value})
    assert isinstance(refused.value, ValueError) or is_plain


def test_the_message_names_a_class_and_never_what_was_said():
    """A server that speaks no HTTP."""
    banner = saying(b"220 secret.internal ESMTP secret banner\r\n")
    with answering(banner) as (port, _asked), pytest.raises(OutgoingError) as failed:
        fetch("GET", f"http://127.0.0.1:{port}/", policy=HERE)
    assert str(failed.value) == "no answer that is HTTP"
