"""Connections to checked addresses: what was checked is what is called, within a time and a size."""

import errno
import math
import queue
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from unfelt.adapters.addresses import OutgoingError, Policy, RefusedError, Resolver, checked, literal
from unfelt.conf.language import Message

_SHORTEST = 0.001


@dataclass(frozen=True, slots=True)
class Reach:
    """By what is called: what is allowed, who is asked for addresses, until when (monotonic)."""

    policy: Policy
    until: float
    resolve: Resolver | None = None

    @property
    def left(self) -> float:
        """Seconds that are left, never less than a moment."""
        return max(self.until - time.monotonic(), _SHORTEST)

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """What the host leads to, all of it allowed; each call asks once."""
        if literal(host) is not None:
            return checked([host], self.policy)
        try:
            return checked((self.resolve or self._by_system)(host, port), self.policy)
        except (OSError, UnicodeError):
            raise RefusedError from None

    def _by_system(self, host: str, port: int) -> Sequence[str]:
        """As the system knows it, within the time: its own call knows none."""
        answers: queue.SimpleQueue[Sequence[str] | OSError | UnicodeError] = queue.SimpleQueue()
        threading.Thread(target=_ask, args=(host, port, answers), name="resolving", daemon=True).start()
        try:
            answer = answers.get(timeout=min(self.left, 30.0))
        except queue.Empty:
            raise TimeoutError(host) from None
        if isinstance(answer, OSError | UnicodeError):
            raise answer
        return answer

    def connected(self, host: str, port: int) -> "Bounded":
        """A connection to one of the addresses that were checked; OutgoingError where none takes it.

        UnreachableError where this machine has no way to any of them: nothing was seen of them.
        """
        numbers = set()
        for address in self.addresses(host, port):
            try:
                return _connected(address, port, self.left, self.until)
            except OSError as error:
                numbers.add(error.errno)
        raise UnreachableError if numbers and numbers <= NO_WAY else NoConnectionError


NO_WAY = frozenset(
    (errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
)
"""What this machine says of itself, and not the other side."""


class UnreachableError(OutgoingError):
    """There is no way from here to there: whatever is there was not asked."""

    def __init__(self) -> None:
        super().__init__(Message("there is no way there from this machine"))


class NoConnectionError(OutgoingError):
    """Nothing takes connections there, or not in time."""

    def __init__(self) -> None:
        super().__init__(Message("no connection"))


class TooMuchError(Exception):
    """The other side sends more than is read."""


class _Limits:
    """Reads until a moment and so many bytes, however slowly they come."""

    until: float = math.inf
    most: float = math.inf

    def recv_into(self, buffer: object, nbytes: int | None = None, flags: int = 0) -> int:
        """As a socket does it."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        if left < math.inf:
            self.settimeout(left)  # type: ignore[attr-defined]
        got: int = super().recv_into(buffer, nbytes or 0, flags)  # type: ignore[misc]
        self.most -= got
        if self.most < 0:
            raise TooMuchError
        return got


class Bounded(_Limits, socket.socket):
    """A plain connection."""


class BoundedTls(_Limits, ssl.SSLSocket):
    """An encrypted one."""


def trusting(context: ssl.SSLContext, *, until: float) -> ssl.SSLContext:
    """The context, whose connections are read until that moment at most."""
    context.sslsocket_class = type("BoundedTls", (BoundedTls,), {"until": until})
    return context


def _ask(host: str, port: int, answers: "queue.SimpleQueue[Sequence[str] | OSError | UnicodeError]") -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        answers.put(error)
    else:
        answers.put(list(dict.fromkeys(str(one[4][0]) for one in found)))


def _connected(address: str, port: int, left: float, until: float) -> Bounded:
    made = Bounded(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    made.until = until
    try:
        made.settimeout(left)
        made.connect((address, port))
    except BaseException:
        made.close()
        raise
    return made
