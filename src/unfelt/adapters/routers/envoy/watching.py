"""The watch over the keeper: nobody else would notice that it died."""

import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.place import Place

EVERY = 0.1
"""Seconds between two looks whether the keeper lives."""


@contextmanager
def keeper_watched(place: Place, keep_on: Callable[[], None]) -> Iterator[None]:
    """Within the block a keeper that dies is replaced by `keep_on`, from a thread of its own."""
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(place, keep_on, ended), name="keeper watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _watch(place: Place, keep_on: Callable[[], None], ended: threading.Event) -> None:
    while not ended.wait(EVERY):
        journal = read_journal(place)
        if journal is not None and not journal.keeper.is_alive():
            with suppress(RouterError, OSError, subprocess.TimeoutExpired):  # The next look says what is wrong.
                keep_on()
