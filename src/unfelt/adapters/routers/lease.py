"""The lease: the right to keep customers on `new`, which runs out by itself."""

import hmac
import http.client
import ipaddress
import json
import os
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from unfelt.adapters.routers import RouterError
from unfelt.conf.language import _

LEASE_FILE = "lease.json"
SILENCE = 2.5
"""Not asked for so long after the first time: the router may have given the lease up, so it must not come back."""


class LeaseLapsedError(RouterError):
    """The lease cannot be extended: write share 0, then open a new one."""


def uptime() -> float:
    """Seconds that also pass while the machine sleeps, where the system can say."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


class Lease:
    """One path that answers 200 until it lapses, and never again afterwards."""

    def __init__(self, path: str, *, silence: float) -> None:
        self.path = path
        self._silence = silence
        self._until: float | None = None
        self._asked: float | None = None
        self._lapsed = False
        self._lock = threading.Lock()

    def extend(self, seconds: float) -> None:
        """It runs for that many seconds from now; LeaseLapsedError if it had run out."""
        with self._lock:
            if self._has_lapsed():
                raise LeaseLapsedError(
                    _("The lease has lapsed: customers are on old. Write share 0, then open a new lease.")
                )
            self._until = uptime() + seconds

    def ask(self) -> bool:
        """Whether it runs; the router asks."""
        with self._lock:
            running = self._until is not None and not self._has_lapsed()
            self._asked = uptime()
            return running

    def lapse(self) -> None:
        """It never runs again."""
        with self._lock:
            self._lapsed = True

    def remaining(self) -> float:
        """Seconds it still runs: 0 once lapsed or before it was first extended."""
        with self._lock:
            return 0.0 if self._has_lapsed() or self._until is None else self._until - uptime()

    def _has_lapsed(self) -> bool:
        now = uptime()
        ran_out = self._until is not None and now >= self._until
        forgotten = self._asked is not None and self._until is not None and now - self._asked > self._silence
        self._lapsed = self._lapsed or ran_out or forgotten
        return self._lapsed


class LeaseServer:
    """Serves the lease on the loopback, and closes it for whoever knows the word in the directory."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, directory: Path | None = None, silence: float = SILENCE
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise RouterError(
                _("The lease may only be served on the loopback, not on {host}. Use 127.0.0.1.").format(host=host)
            )
        self._silence = silence
        self._lease: Lease | None = None
        self._taken_back = threading.Event()
        self._token = secrets.token_hex(16)
        self._server = _bound(host, port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="lease", daemon=True)
        self._thread.start()
        if directory is not None:
            self.publish(directory)

    def publish(self, directory: Path) -> None:
        """`close_lease` finds the lease from that directory; only its owner can read the word."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        host, port = self.address
        _write_privately(directory / LEASE_FILE, {"host": host, "port": port, "token": self._token})

    @property
    def address(self) -> tuple[str, int]:
        """Where it is served."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def open(self) -> str:
        """The path of a new lease, closed until it is first extended; the one before has lapsed."""
        self.close()
        self._taken_back.clear()
        self._lease = Lease(f"/lease/{secrets.token_hex(16)}", silence=self._silence)
        return self._lease.path

    def extend(self, seconds: float) -> None:
        """It runs for that many seconds from now; LeaseLapsedError if it had run out, was closed or forgotten."""
        if self._lease is None:
            raise LeaseLapsedError(_("There is no lease to extend. Open one first."))
        self._lease.extend(seconds)

    def close(self) -> None:
        """The lease has lapsed: at its next question, within a second, the router sends everybody to old."""
        if self._lease is not None:
            self._lease.lapse()

    def alive(self) -> bool:
        """Whether the lease runs."""
        return self.remaining() > 0

    def remaining(self) -> float:
        """Seconds the lease still runs."""
        return 0.0 if self._lease is None else self._lease.remaining()

    def is_taken_back(self) -> bool:
        """Whether somebody outside this process closed the lease since it was opened."""
        return self._taken_back.is_set()

    def shutdown(self) -> None:
        """The lease has lapsed and nothing is served any more."""
        self.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answers(self, path: str) -> bool:
        """Whether the router may serve customers from `new` by the lease of that path."""
        lease = self._lease
        return lease is not None and lease.path == path and lease.ask()

    def take_back(self, word: str) -> bool:
        """Whether the word was right; then the lease has lapsed."""
        if not hmac.compare_digest(word.encode(), self._token.encode()):
            return False
        self._taken_back.set()
        self.close()
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024
    leases: LeaseServer

    def server_bind(self) -> None:
        """Bound without asking for the host's name, which may take seconds where there is no name service."""
        TCPServer.server_bind(self)

    def handle_error(self, request: object, client_address: object) -> None:
        """A router that hangs up is not news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10.0
    """Seconds that a question may take to come; the router asks every second."""
    server: _Server

    def do_GET(self) -> None:
        """200 while the lease of that path runs, 503 otherwise."""
        self._answer(200 if self.server.leases.answers(self.path) else 503)

    def do_POST(self) -> None:
        """`/back` with the word closes the lease at once."""
        word = self.headers.get("authorization", "").removeprefix("Bearer ")
        if self.path != "/back":
            self._answer(404)
        else:
            self._answer(200 if self.server.leases.take_back(word) else 403)

    def _answer(self, status: int) -> None:
        self.send_response_only(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Health checks are not news."""


def _bound(host: str, port: int, leases: LeaseServer) -> _Server:
    try:
        server = _Server((host, port), _Handler)
    except OSError as error:
        raise RouterError(
            _("The lease cannot be served on {host}:{port} ({error}). Choose another port.").format(
                host=host, port=port, error=error
            )
        ) from error
    server.leases = leases
    return server


def _write_privately(path: Path, value: dict[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(value, file)
    draft.replace(path)


def close_lease(directory: Path, *, timeout: float = 0.5) -> bool:
    """Whether the process that holds the lease has closed it; a dead or frozen one loses it anyway."""
    try:
        where = json.loads((directory / LEASE_FILE).read_text(encoding="utf-8"))
        host, port, token = str(where["host"]), int(where["port"]), str(where["token"])
        connection = http.client.HTTPConnection(host, port, timeout=timeout)
    except (FileNotFoundError, http.client.InvalidURL, ValueError, LookupError, TypeError, RecursionError):
        return False  # A damaged file leaves the lease to run out by itself; the routes are put back all the same.
    try:
        connection.request("POST", "/back", headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException, ValueError, OverflowError):
        return False
    finally:
        connection.close()
