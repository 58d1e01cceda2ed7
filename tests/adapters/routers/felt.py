"""What a client meets, asked over a bare connection: directly, and through the router."""

import base64
import json
import os
import re
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

Meeting = dict[str, Any]
BETWEEN = frozenset(("date", "connection", "keep-alive", "transfer-encoding", "content-length"))
"""Headers of one connection and no more: they are made anew on each."""


def request(
    target: str = "/api/echo",
    *,
    method: str = "GET",
    version: str = "1.1",
    host: str = "Host: shop.example\r\n",
    close: str = "Connection: close\r\n",
    more: str = "",
    body: str = "",
) -> bytes:
    """One request as its bytes."""
    return f"{method} {target} HTTP/{version}\r\n{host}{close}{more}\r\n{body}".encode("latin-1")


def _many(count: int) -> str:
    return "".join(f"X-Many-{number}: {number}\r\n" for number in range(count))


PROXIED = (
    "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop.example\r\n"
    "X-Real-IP: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\nVia: 1.1 edge\r\nX-Request-Id: abc\r\n"
)
REQUESTS: dict[str, bytes] = {
    "HTTP/1.0 without a host": request("/", version="1.0", host="", close=""),
    "HTTP/1.0 with a host": request("/", version="1.0", close=""),
    "HTTP/1.1 without a host": request("/", host=""),
    "a directory without its slash": request("/docs"),
    "names of headers spelled oddly": request("/api/spelled", more="X-TeNaNt: t\r\n"),
    "a header of 7 kB": request(more=f"X-Large: {'a' * 7000}\r\n"),
    "a cookie of 20 kB": request(more=f"Cookie: c={'a' * 20_000}\r\n"),
    "a header of 70 kB": request(more=f"X-Large: {'a' * 70_000}\r\n"),
    "90 headers": request(more=_many(90)),
    "150 headers": request(more=_many(150)),
    "1,500 headers": request(more=_many(1500)),
    "a path of 7 kB": request("/api/" + "a" * 7000),
    "a path of 12 kB": request("/api/" + "a" * 12_000),
    "two slashes": request("/api/e//b"),
    "two dots": request("/api/e/../echo?x=1"),
    "two dots, encoded": request("/api/e/%2e%2e/echo"),
    "a slash, encoded": request("/api/e/a%2Fb"),
    "a zero byte, encoded": request("/api/e/a%00b"),
    "encoded twice": request("/api/e/%25E5%2595%2586?q=%2525"),
    "an encoding cut short": request("/api/e/%E5%9?q=%"),
    "a backslash": request("/api/e/a\\b"),
    "Chinese, not encoded": request("/api/e/\xe5\x95\x86\xe5\x93\x81"),
    "Chinese, encoded": request("/api/e/%E5%95%86%E5%93%81?q=%E5%95%86"),
    "a space in the path": request("/api/e/a b"),
    "a number sign": request("/api/e/a#part"),
    "quotes, bars, braces": request('/api/e/a|b"c{d}[e]^`<>'),
    "a whole address": request("http://shop.example/api/echo?x=1"),
    "a header with an underscore": request(more="X_Tenant: 1\r\n"),
    "a folded header": request(more="X-Folded: a\r\n b\r\n"),
    "a space behind a header's name": request(more="X-Spaced : a\r\n"),
    "an empty header": request(more="X-Empty:\r\n"),
    "a header twice": request(more="X-Twice: 1\r\nX-Twice: 2\r\n"),
    "bytes in a header": request(more="X-Bytes: caf\xe9 \xe5\x95\x86\r\n"),
    "line feeds alone": b"GET /api/echo HTTP/1.1\nHost: shop.example\nConnection: close\n\n",
    "a method in lower case": request(method="get"),
    "an unknown method": request(method="FOO"),
    "PROPFIND": request(method="PROPFIND"),
    "DELETE with a body": request(method="DELETE", more="Content-Length: 5\r\n", body="hello"),
    "TRACE": request(method="TRACE"),
    "OPTIONS": request(method="OPTIONS"),
    "OPTIONS *": request("*", method="OPTIONS"),
    "HEAD": request("/", method="HEAD"),
    "GET with a body": request(more="Content-Length: 5\r\n", body="hello"),
    "a cookie in UTF-8": request(more="Cookie: name=caf\xc3\xa9; x=1\r\n"),
    "a quoted cookie": request(more='Cookie: name="a b"; x=1\r\n'),
    "two cookies of one name": request(more="Cookie: a=1; a=2\r\n"),
    "two cookie headers": request(more="Cookie: a=1\r\nCookie: b=2\r\n"),
    "a control byte in a cookie": request(more="Cookie: a=\x01b\r\n"),
    "a cookie of JSON": request(more='Cookie: s={"a":1,"b":[2]}; y=2\r\n'),
    "a range": request("/video.mp4", more="Range: bytes=0-9\r\n"),
    "several ranges": request("/video.mp4", more="Range: bytes=0-9,20-29\r\n"),
    "gzip": request("/app.js", more="Accept-Encoding: gzip\r\n"),
    "two lengths of a body": request(
        method="POST", more="Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", body="0\r\n\r\n"
    ),
    "the same length twice": request(
        method="POST", more="Content-Length: 5\r\nContent-Length: 5\r\n", body="hello"
    ),
    "a body in chunks": request(
        method="POST", more="Transfer-Encoding: chunked\r\n", body="5\r\nhello\r\n0\r\n\r\n"
    ),
    "a body of 900 kB": request(method="POST", more="Content-Length: 900000\r\n", body="a" * 900_000),
    "a body of 12 MB": request(method="POST", more="Content-Length: 12000000\r\n", body="a" * 12_000_000),
    "TE: trailers": request(more="TE: trailers\r\n"),
    "an answer's header of 3 kB": request("/api/big?n=3000"),
    "an answer's header of 70 kB": request("/api/big?n=70000"),
    "a redirect": request("/api/r?status=302+Found&h-Location=http://shop.example/api/echo"),
    "a status that nobody knows": request("/api/r?status=299+Odd"),
    "no content": request("/api/r?status=304+Not+Modified"),
    "what proxies add": request(more=PROXIED),
    "names of the router": request(more="X-Unfelt-Arm: new\r\nX-Envoy-Max-Retries: 3\r\n"),
}


def meet(port: int, sent: bytes, *, seconds: float = 6.0) -> Meeting:
    """What comes back: status, headers, and what the service says it was sent."""
    got = exchange(port, sent, seconds=seconds)
    if not got:
        return {"status": "none"}
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    named = [line.split(":", 1) for line in lines[1:]]
    if b"\r\ntransfer-encoding: chunked" in head.lower():
        body = joined(body)
    return {
        "status": lines[0].split(" ")[1],
        "reason": lines[0].partition(" ")[2].partition(" ")[2],
        "headers": sorted((name, value.strip()) for name, value in named if name.lower() not in BETWEEN),
        **_told(body),
    }


def _told(body: bytes) -> Meeting:
    start, end = body.find(b"{"), body.rfind(b"}")
    with suppress(ValueError, KeyError):
        told = json.loads(body[start : end + 1])
        headers = [(name, value) for name, value in told["headers"] if name.lower() not in BETWEEN]
        line = re.sub(r"HTTP/[0-9.]+$", "", told["line"])
        return {"sent line": line, "sent headers": sorted(map(tuple, headers)), "sent length": told["length"]}
    return {"body": re.sub(rb"[0-9a-f]{20,}", b"", body)[:200]}


def joined(body: bytes) -> bytes:
    """What was sent in chunks."""
    found = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size.split(b";")[0] or b"0", 16)
        found, body = found + rest[:length], rest[length + 2 :] if length else b""
    return found


def exchange(port: int, sent: bytes, *, seconds: float) -> bytes:
    """All bytes that come back for these, until the other side closes."""
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as client:
        with suppress(ConnectionError):
            client.sendall(sent)
        with suppress(TimeoutError, ConnectionError):
            while piece := client.recv(65536):
                found += piece
    return found


# What takes its time ------------------------------------------------------------------------------------------


def expecting(port: int, *, size: int) -> str:
    """The first status that somebody gets who asks before sending a body."""
    more = f"Expect: 100-continue\r\nContent-Length: {size}\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request(method="POST", more=more))
        return client.recv(300).split(b"\r\n")[0].split()[1].decode()


def expected_body(port: int) -> tuple[str, int]:
    """The status and the length that arrived of somebody who waited for 100 and then sent the body."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request(method="POST", more="Expect: 100-continue\r\nContent-Length: 5\r\n"))
        first = client.recv(300)
        client.sendall(b"hello")
        rest = first.partition(b"\r\n\r\n")[2]
        with suppress(TimeoutError):
            while piece := client.recv(65536):
                rest += piece
    return first.split()[1].decode(), json.loads(rest[rest.index(b"{") : rest.rindex(b"}") + 1])["length"]


def events(port: int, *, gap: float = 0.6) -> list[int]:
    """When each event of a stream arrived, in gaps."""
    began, found = time.monotonic(), []
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request(f"/api/sse?n=3&gap={gap}"))
        while piece := client.recv(4096):
            found += [round((time.monotonic() - began) / gap)] * piece.count(b"data:")
    return found


def upgraded(port: int, *, more: str = "") -> socket.socket:
    """A WebSocket that is open."""
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    key = base64.b64encode(os.urandom(16)).decode()
    wanted = f"Upgrade: websocket\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{more}"
    client.sendall(request("/api/ws", close="Connection: Upgrade\r\n", more=wanted))
    head = b""
    while b"\r\n\r\n" not in head:
        piece = client.recv(4096)
        assert piece, head
        head += piece
    assert b" 101 " in head[:20], head[:80]
    return client


def echoed(client: socket.socket, text: bytes = b"hi") -> bytes:
    """What the other side of a WebSocket says to this."""
    mask = os.urandom(4)
    client.sendall(
        bytes((0x81, 0x80 | len(text))) + mask + bytes(one ^ mask[at % 4] for at, one in enumerate(text))
    )
    return client.recv(100)[2:]


def spoken(port: int) -> bytes:
    """The answer over a WebSocket."""
    with upgraded(port) as client:
        return echoed(client)


def half_closed(port: int) -> str:
    """The status that a client gets who closes its side after asking."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(request("/api/echo?sleep=0.5"))
        client.shutdown(socket.SHUT_WR)
        with suppress(ConnectionError):
            return (client.recv(300).split() or [b"", b"none"])[1].decode()
    return "none"


def pipelined(port: int) -> int:
    """How many of two requests sent at once are answered."""
    both = request("/", close="") + request("/docs/")
    return exchange(port, both, seconds=5).count(b" 200 ")


def dripped(port: int) -> str:
    """The status of a body that comes a byte at a time."""
    with socket.create_connection(("127.0.0.1", port), timeout=9) as client:
        client.sendall(request(method="POST", more="Content-Length: 4\r\n"))
        for _ in range(4):
            time.sleep(0.4)
            client.sendall(b"a")
        return client.recv(300).split()[1].decode()


SLOW: dict[str, Callable[[int], Any]] = {
    "Expect, a body that is taken": expected_body,
    "Expect, a body that is refused": lambda port: expecting(port, size=12_000_000),
    "events": events,
    "a WebSocket": spoken,
    "a client that closes its side": half_closed,
    "two requests at once": pipelined,
    "a body that drips": dripped,
}
