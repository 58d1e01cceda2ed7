"""The console's server lets a client go that sends half of a request and waits."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_WITHIN = 10.0
"""Seconds from a connection, or from a request's first byte, to the end of its headers."""
MOST_CONNECTIONS = 2000
"""Connections at once; who comes later is told to try again (503)."""


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's own, with a time for headers, which it has none of."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:  # noqa: ANN401
        """The first request is due."""
        super().connection_made(transport)
        self._await_headers()

    def on_message_begin(self) -> None:
        """Another request has begun."""
        super().on_message_begin()
        self._await_headers()

    def on_headers_complete(self) -> None:
        """They came in time."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_headers(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEADERS_WITHIN, self._let_go)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _let_go(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.abort()
