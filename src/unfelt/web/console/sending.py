"""Telling and delivering, beside the console's pages: one thread that looks every few seconds."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import Error, connection

from unfelt.conf.settings import settings
from unfelt.engines.ledger.publishing import keep_up
from unfelt.engines.teamwork.telling import House, deliver, tell_everybody

EVERY = 2.0
"""Seconds between two looks."""


@contextmanager
def sending(house: House) -> Iterator[None]:
    """Within the block members are told and webhooks are served."""
    stopped = threading.Event()

    def work() -> None:
        while not stopped.wait(EVERY):
            now = datetime.now(UTC)
            try:
                tell_everybody(house, now=now)
                deliver(now=now)
            except Error:
                pass  # The records do not answer: the next look finds the same.
            try:
                keep_up(settings(), now=now)
            except Error:
                pass  # Nor can they be signed for.
            finally:
                connection.close()

    thread = threading.Thread(target=work, name="sending", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(5)
