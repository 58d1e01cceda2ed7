"""The one client for what unfelt asks of others over HTTP: checked addresses, no proxy, a time and a size."""

import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, cast
from urllib.parse import urljoin

from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from unfelt.adapters.addresses import (
    OutgoingError,
    Place,
    Policy,
    RefusedError,
    Resolver,
    place_of,
)
from unfelt.adapters.reaching import Bounded, Reach, TooMuchError, trusting
from unfelt.conf.language import Message
from unfelt.conf.settings import settings

__all__ = ["Answer", "OutgoingError", "Policy", "RefusedError", "allowed", "fetch"]

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
HEADERS_MOST = 65_536
"""Bytes of status line and headers that are read."""
OWN_HEADERS = ("host", "content-length", "transfer-encoding", "connection", "proxy-authorization")
"""Headers that the client itself writes."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_whole: bool = True
    """False where the body is longer than was read."""


def fetch(
    method: str,
    url: str,
    *,
    policy: Policy,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    within: float = 10.0,
    most: int = 1_000_000,
    resolve: Resolver | None = None,
) -> Answer:
    """The answer, whatever its status; OutgoingError where there is none.

    within: seconds for everything, redirects too. most: bytes of the body that are kept.
    resolve: who is asked for addresses; the system if left out.
    """
    reach = Reach(policy, time.monotonic() + within, resolve)
    place, sent = place_of(url, "http", "https"), _headers(method, headers or {})
    answer = _once(reach, place, _Asked(method, body, sent, most))
    for _redirect in range(policy.redirects):
        if method not in ("GET", "HEAD") or answer.status not in (301, 302, 303, 307, 308):
            break
        before, place = place, _next(place, answer)
        kept = sent if (before.host, before.port) == (place.host, place.port) else {}
        answer = _once(reach, place, _Asked(method, None, kept, most))
    return answer


def allowed() -> Policy:
    """What this installation allows: public addresses and the networks in its settings."""
    return Policy(settings().networks)


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    body: bytes | None
    headers: Mapping[str, str]
    most: int


def _headers(method: str, given: Mapping[str, str]) -> dict[str, str]:
    """As they are sent; ValueError where they are not plain headers."""
    if method not in METHODS:
        raise ValueError(f"method {method!r}; allowed: {', '.join(METHODS)}")
    for name, value in given.items():
        if (
            name.lower() in OWN_HEADERS
            or not _TOKEN.fullmatch(name)
            or not (value.isascii() and value.isprintable())
        ):
            raise ValueError(f"header {name!r} cannot be sent")
    return {"User-Agent": "unfelt", "Accept-Encoding": "identity", **given}


def _next(place: Place, answer: Answer) -> Place:
    """Where a redirect leads: the same scheme, and a place that is checked as the first was."""
    given = answer.headers.get("location", "")
    if not given.isprintable() or not given.isascii():
        raise RefusedError
    return place_of(urljoin(f"{place.scheme}://{place.authority}{place.path}", given), place.scheme)


def _once(reach: Reach, place: Place, asked: _Asked) -> Answer:
    with _told(), closing(_connection(reach, place)) as connection:
        connection.connect()
        socket = cast(Bounded, connection.sock)
        socket.until, socket.most = reach.until, HEADERS_MOST
        connection.request(
            asked.method,
            place.path,
            body=asked.body,
            headers={"Host": place.authority, **asked.headers},
            preload_content=False,
            decode_content=False,
        )
        answer = connection.getresponse()
        socket.most = 2 * asked.most + HEADERS_MOST
        kept = _read(answer, asked.most + 1)
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, named, kept[: asked.most], len(kept) <= asked.most)


def _read(answer: BaseHTTPResponse, most: int) -> bytes:
    kept = bytearray()
    while len(kept) < most:
        more = answer.read(min(65_536, most - len(kept)))
        if not more:
            break
        kept += more
    return bytes(kept)


def _connection(reach: Reach, place: Place) -> HTTPConnection:
    """Its socket is made by `reach`; the certificate is checked for the name."""
    if place.scheme == "http":
        return _Plain(reach, place.host, place.port, timeout=reach.left)
    context = trusting(ssl.create_default_context(), until=reach.until)
    more = {"ssl_context": context, "server_hostname": place.host, "cert_reqs": "CERT_REQUIRED"}
    return _Encrypted(reach, place.host, place.port, timeout=reach.left, **more)


class _Reaching:
    """A connection of urllib3 over a socket to a checked address."""

    def __init__(self, reach: Reach, *given: Any, **more: Any) -> None:  # noqa: ANN401  (urllib3's own)
        super().__init__(*given, **more)
        self._reach = reach

    def _new_conn(self) -> Bounded:
        """urllib3 asks here for the socket, and asks nobody else for an address."""
        return self._reach.connected(self.host, self.port)  # type: ignore[attr-defined]


class _Plain(_Reaching, HTTPConnection):
    """http"""


class _Encrypted(_Reaching, HTTPSConnection):
    """https"""


@contextmanager
def _told() -> Iterator[None]:
    """Failures within the block are told by their class."""
    try:
        yield
    except (HTTPError, HTTPException, TooMuchError, OSError, ValueError) as error:
        raise _classed(error) from None


def _classed(error: Exception) -> OutgoingError:
    """urllib3 wraps what went wrong, sometimes twice."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, TimeoutError):
            return OutgoingError(Message("no answer in time"))
        if isinstance(inner, TooMuchError):
            return OutgoingError(Message("the answer is too large"))
        if isinstance(inner, ssl.SSLCertVerificationError):
            return OutgoingError(Message("the certificate is not trusted here"))
        inner = inner.__cause__ or inner.__context__
    if isinstance(error, ssl.SSLError):
        return OutgoingError(Message("no encrypted connection"))
    return OutgoingError(Message("no answer that is HTTP"))
