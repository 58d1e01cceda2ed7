"""How often somebody may try: by account and address together, and by address; never by the account alone.

Only codes of a second factor are counted by account too: whoever tries them has the password already.
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

from unfelt.web.access.proxies import neighbourhood


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures within so many seconds are free; each one more waits twice as long, up to `most`."""

    free: int
    within: float
    first: float
    most: float


PAIR = Limit(free=5, within=900, first=10, most=900)
ADDRESS = Limit(free=60, within=600, first=10, most=600)
CODES = Limit(free=30, within=3600, first=10, most=120)
MOST_KEYS = 100_000
Keys = Mapping[str, Limit]


def wait(failures: Sequence[float], limit: Limit, *, now: float) -> float:
    """Seconds until the next try is taken; 0 if it is now.

    >>> wait([0, 1, 2, 3, 4], PAIR, now=5), wait([0, 1, 2, 3, 4], PAIR, now=14), wait([0] * 7, PAIR, now=0)
    (9.0, 0.0, 40.0)
    """
    recent = [at for at in failures if now - at < limit.within]
    if len(recent) < limit.free:
        return 0.0
    pause = min(limit.first * 2.0 ** (len(recent) - limit.free), limit.most)
    return float(max(0.0, recent[-1] + pause - now))


@dataclass
class Throttle:
    """The failures of late by key. A try counts as failed until it is forgiven: many at once are many."""

    clock: Callable[[], float] = time.monotonic
    _failures: dict[str, deque[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, keys: Keys) -> float:
        """0, and the try is counted; or the seconds to wait, and it is not."""
        with self._lock:
            now = self.clock()
            due = max(wait(self._failures.get(key, ()), limit, now=now) for key, limit in keys.items())
            if not due:
                for key in keys:
                    self._failures.setdefault(key, deque(maxlen=200)).append(now)
                self._forget(now)
            return due

    def forgive(self, keys: Keys) -> None:
        """The try was good: the pair begins anew, an address has one failure less."""
        with self._lock:
            for key, limit in keys.items():
                found = self._failures.get(key)
                if found and limit is not ADDRESS:
                    del self._failures[key]
                elif found:
                    found.pop()

    def _forget(self, now: float) -> None:
        if len(self._failures) > MOST_KEYS:
            stale = [key for key, found in self._failures.items() if not found or now - found[-1] > 3600]
            for key in stale or list(self._failures)[: MOST_KEYS // 2]:
                del self._failures[key]


TRIES = Throttle()
"""Those of this console."""


def password_keys(login: str, address: str) -> Keys:
    """What a password that somebody types for that login is counted under."""
    here = neighbourhood(address)
    return {_key("password", login.strip().lower(), here): PAIR, _key("address", here): ADDRESS}


def code_keys(member: int, address: str) -> Keys:
    """What a code of a second factor is counted under."""
    here = neighbourhood(address)
    return {
        _key("code", str(member), here): PAIR,
        _key("address", here): ADDRESS,
        _key("codes", str(member)): CODES,
    }


def link_keys(address: str) -> Keys:
    """What a link that nobody made is counted under."""
    return {_key("address", neighbourhood(address)): ADDRESS}


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
