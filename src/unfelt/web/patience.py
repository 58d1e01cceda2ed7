"""The console's server lets a client go that sends half of a request and waits."""

import asyncio
import resource
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_WITHIN = 10.0
"""Seconds from a connection, or from the answer before, to the end of a request's headers."""
BODY_WITHIN = 30.0
"""Seconds for which a body that has not come to its end may pause."""
MOST_CONNECTIONS = 2000


def most_connections() -> int:
    """Connections at once; who comes later is told to try again (503). Half of the files are for the records."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft // 2)


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own, with a time for what a client has to send; it has none. An answer may take long."""

    _watch: asyncio.TimerHandle | None = None
    _awaited_since = 0.0
    _heard = 0.0

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        """The first request is due."""
        super().connection_made(transport)
        self._awaited_since = self.loop.time()
        self._look_after(HEADERS_WITHIN)

    def data_received(self, data: bytes) -> None:
        """The client has gone on."""
        self._heard = self.loop.time()
        super().data_received(data)

    def on_response_complete(self) -> None:
        """The next request is due; who sends none is let go by uvicorn sooner."""
        self._awaited_since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def _look_after(self, seconds: float) -> None:
        self._watch = self.loop.call_later(max(seconds, 0.05), self._look)

    def _look(self) -> None:
        end = self._deadline()
        if end is None:
            self._look_after(HEADERS_WITHIN)
        elif end > self.loop.time():
            self._look_after(end - self.loop.time())
        elif not self.transport.is_closing():
            self.transport.abort()

    def _deadline(self) -> float | None:
        """Until when the client must have gone on; None while the answer is awaited."""
        if self.cycle is None or self.cycle.response_complete:
            return self._awaited_since + HEADERS_WITHIN
        return self._heard + BODY_WITHIN if self.cycle.more_body else None
