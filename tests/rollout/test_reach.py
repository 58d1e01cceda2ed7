"""What is asked of both versions before anybody is moved."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from unfelt.rollout.reach import must_answer, shared_answers
from unfelt.rollout.refusal import CannotStart


@contextmanager
def service(cache_control: str | None) -> Iterator[str]:
    """A service whose front page comes with that header."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            if cache_control:
                self.send_header("Cache-Control", cache_control)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("kept", "warned"),
    [("public, max-age=60", 1), ("s-maxage=60", 1), ("private, max-age=60", 0), ("no-store", 0), (None, 0)],
)
def test_an_answer_that_shared_caches_may_keep_is_warned_of(kept, warned):
    """A cache in front of the router would mix the versions."""
    with service(kept) as address:
        said = shared_answers(address)
    assert [str(one).startswith(f"{address} lets shared caches keep") for one in said] == [True] * warned


def test_who_does_not_answer_is_not_warned_of_but_refused():
    """The start says so, with the address."""
    assert shared_answers("http://127.0.0.1:1") == []
    with pytest.raises(CannotStart, match=r"http://127\.0\.0\.1:1 does not accept connections"):
        must_answer("http://127.0.0.1:1")
