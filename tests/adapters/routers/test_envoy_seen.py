"""What the log tells of answers, for differences that no metric names: names, sorts, counts, and nothing said."""

import http.client
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from router_site import Site, a_change

ANSWERS: dict[str, tuple[dict[str, str], bytes]] = {}
"""By path: the headers and the body."""
JSON = {"content-type": "application/json"}
ORDER = {
    "id": 17,
    "paid": True,
    "total": 12.5,
    "free": 0,
    "note": None,
    "buyer": {"name": "Lin", "mail": ""},
    "on": "2026-11-30T12:00:00Z",
    "items": [{"sku": "a-1"}, {"sku": "b-2"}, {"sku": "c-3"}],
    "by_id": {"4711": 1},
}
SHAPE = {
    ". object",
    ".id number",
    ".paid yes or no",
    ".total decimal",
    ".free 0",
    ".note null",
    ".buyer object",
    ".buyer.name text",
    ".buyer.mail text0",
    ".on text=9999-99-99T99:99:99Z",
    ".items list of 3",
    ".items[] object",
    ".items[].sku text",
    ".by_id object",
    ".by_id.* number",
}


class Answering(BaseHTTPRequestHandler):
    """Answers what the table says."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """As the table says, in pieces where it gives no length."""
        headers, body = ANSWERS[self.path.partition("?")[0]]
        self.send_response(int(headers.get("x-status", "200")))
        for name, value in headers.items():
            self.send_header(name, value)
        is_whole = "transfer-encoding" not in headers
        if is_whole:
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        for start in range(0, len(body), 100):
            piece = body[start : start + 100]
            self.wfile.write(piece if is_whole else b"%x\r\n%s\r\n" % (len(piece), piece))
        if not is_whole:
            self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_args: object) -> None:
        """Nothing is said."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A router before that server, with everybody on old."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    made = Site(a_change(address, address), tmp_path_factory.mktemp("seen") / "router")
    made.router.start()
    made.move(0.0)
    yield made
    made.close()
    server.shutdown()
    server.server_close()


def told(site: Site, path: str, headers: dict[str, str], body: bytes, *, query: str = "") -> dict[str, Any]:
    """The line of the log of such an answer, and that it came through as it was."""
    ANSWERS[path] = headers, body
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    connection.request("GET", path + query, headers={"x-user": "lin"})
    answer = connection.getresponse()
    assert (answer.read(), answer.getheader("set-cookie")) == (body, headers.get("set-cookie"))
    connection.close()
    return site.lines(at_least=1, where=lambda line: line["path"] == path)[-1]


def shape(line: dict[str, Any]) -> set[str]:
    return set(line["_shape"].split("|"))


def test_json_is_told_by_its_members_and_their_sorts(site: Site) -> None:
    """Keys that name one thing are masked, and no text or number stands there as it was."""
    line = told(site, "/order", JSON, json.dumps(ORDER).encode())
    assert shape(line) == SHAPE
    assert "Lin" not in json.dumps(line)


def test_an_answer_in_pieces_is_told_like_a_whole_one(site: Site) -> None:
    """Without a length; one in four of them is read."""
    headers = {**JSON, "transfer-encoding": "chunked"}
    for _ in range(8):
        told(site, "/pieces", headers, json.dumps(ORDER).encode())
    lines = site.lines(at_least=8, where=lambda line: line["path"] == "/pieces")
    assert [shape(one) for one in lines if one["_shape"]] == [SHAPE] * 2


def test_long_lists_are_told_by_their_rough_length(site: Site) -> None:
    """To a factor of two."""
    line = told(site, "/list", JSON, json.dumps([1] * 100).encode())
    assert shape(line) == {"[] number", ". list of 65-128"}


def test_a_page_is_told_by_its_title_and_what_is_on_it(site: Site) -> None:
    """The title as a hash that does not depend on numbers in it."""
    page = (
        b'<!doctype html><html lang="zh-Hans"><title>Parcel 17</title><form><input><input></form><a href="/">x</a>'
    )
    html = {"content-type": "text/html; charset=utf-8"}
    line = told(site, "/page", html, page)
    assert {"lang zh-Hans", "form 1", "input 2", "a 1", "script 0"} <= shape(line)
    title = next(one for one in shape(line) if one.startswith("title "))
    assert title in shape(told(site, "/page2", html, page.replace(b"17", b"18")))
    assert title not in shape(told(site, "/page3", html, page.replace(b"Parcel", b"Error")))


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({**JSON, "content-encoding": "gzip"}, b"\x1f\x8b" + b"x" * 50),
        ({"content-type": "text/event-stream"}, b"data: {}\n\n"),
        ({"content-type": "image/png"}, b"{}"),
        (JSON, b'{"a": "' + b"x" * 20_000 + b'"}'),
        (JSON, b""),
    ],
)
def test_what_cannot_be_read_is_left_alone(site: Site, headers: dict[str, str], body: bytes) -> None:
    """Packed, streamed, pictures, long, empty: it passes as it is."""
    path = f"/alone/{abs(hash((str(headers), body)))}"
    assert told(site, path, headers, body)["_shape"] is None


def test_headers_are_told_by_their_names_and_cookies_by_their_attributes(site: Site) -> None:
    """Values stand only where they say how the answer is to be treated, without their numbers."""
    headers = {
        "content-type": "text/plain",
        "etag": '"secret-17"',
        "cache-control": "max-age=3600, public",
        "set-cookie": "sid=secret; Path=/; HttpOnly; SameSite=Lax",
    }
    line = told(site, "/headers", headers, b"x", query="?page=3&q=secret&page=2&7f3a=1")
    names = line["_headers"].split("|")
    assert {"etag", "cache-control=max-age=N, public", "set-cookie:sid;path;httponly;samesite=lax"} <= set(names)
    assert (line["_query"], line["_type"]) == ("*&page&q", "text/plain")
    assert "secret" not in json.dumps(line)


def test_where_a_redirect_leads_is_told(site: Site) -> None:
    """With the host that was asked."""
    line = told(site, "/away", {"x-status": "302", "location": "http://other.example/x"}, b"")
    assert (line["_location"], line["_host"]) == ("http://other.example/x", f"127.0.0.1:{site.port}")


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | TEXTS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXTS, inner, max_size=6),
    max_leaves=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=VALUES, cut=st.integers(0, 200))
def test_whatever_json_it_is_passes_as_it_was(site: Site, value: Any, cut: int) -> None:
    """Cut short, nested, with any text: the customer gets every byte, and the log its line."""
    body = json.dumps(value, ensure_ascii=False).encode()
    told(site, "/any", JSON, body[: len(body) - cut] if cut < len(body) else body)
