"""Small real services on this machine, for parts to be driven against."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer, ThreadingUDPServer
from typing import Any

from unfelt.adapters.http import Answer, Policy, fetch
from unfelt.conf.settings import Network

HERE = Policy((Network("here", ip_network("127.0.0.0/8")),))
"""This machine may be called, and every public address."""


class _Web(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def server_bind(self) -> None:
        """Bound without asking for the host's name, which may take seconds where there is no name service."""
        ThreadingTCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing is said."""


@contextmanager
def _served(server: Any) -> Iterator[int]:  # noqa: ANN401  (each kind of server)
    with server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@contextmanager
def saying(text: str) -> Iterator[int]:
    """The port of a service that answers every request with that text."""

    class Page(_Quiet):
        def do_GET(self) -> None:
            self._answer(200, text.encode())

    with _served(_Web(("127.0.0.1", 0), Page)) as port:
        yield port


class Sink:
    """What came to a server: the bodies, and to whom; it answers with that status and body."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.recipients: list[str] = []
        self.status = 200
        self.body = b'{"ok": true, "code": 0, "errcode": 0}'
        self.port = 0


def fetch_to(port: int) -> Callable[..., Answer]:
    """As adapters.http.fetch; whatever is called, that port answers."""

    def fetch_here(method: str, _url: str, **asked: Any) -> Answer:  # noqa: ANN401
        return fetch(method, f"http://127.0.0.1:{port}/", **{**asked, "policy": HERE})

    return fetch_here


@contextmanager
def web_sink() -> Iterator[Sink]:
    """A server on the web that keeps what it is sent."""
    sink = Sink()

    class Taking(_Quiet):
        def do_POST(self) -> None:
            sink.taken.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            self._answer(sink.status, sink.body)

        def do_PUT(self) -> None:
            self.do_POST()

    with _served(_Web(("127.0.0.1", 0), Taking)) as sink.port:
        yield sink


@contextmanager
def mail_sink() -> Iterator[Sink]:
    """A mail server that keeps what it is sent; with a status other than 200 it takes no mail."""
    sink = Sink()

    class Taking(StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            while line := self.rfile.readline():
                if not self._answer(line.strip()):
                    return

        def _answer(self, line: bytes) -> bool:
            word = line[:4].upper()
            if word == b"RCPT":
                sink.recipients.append(line.decode("ascii", "replace"))
            if word == b"DATA":
                self._take()
            else:
                self._say("221 bye" if word == b"QUIT" else "250 taken")
            return word != b"QUIT"

        def _take(self) -> None:
            self._say("354 go on")
            lines = list(iter(self.rfile.readline, b".\r\n"))
            if sink.status != 200:
                self._say("554 not taken")
                return
            sink.taken.append(b"".join(lines))
            self._say("250 taken")

        def _say(self, text: str) -> None:
            self.wfile.write(text.encode() + b"\r\n")

    server = ThreadingTCPServer(("127.0.0.1", 0), Taking, bind_and_activate=True)
    server.daemon_threads = True
    with _served(server) as sink.port:
        yield sink


def closed_port() -> int:
    """A port of this machine at which nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextmanager
def silent() -> Iterator[int]:
    """A port, of TCP and of UDP, that takes what comes and says nothing."""

    class Nothing(BaseRequestHandler):
        def handle(self) -> None:
            """No word."""

    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        port = server.getsockname()[1]
        with suppress(OSError), _served(ThreadingUDPServer(("127.0.0.1", port), Nothing)):
            yield port
            return
        yield port
