"""Ending a router for good: nobody may depend on it any more."""

import signal
from pathlib import Path

from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.place import Place

STOP_WITHIN = 10.0


def stop_router(directory: Path) -> None:
    """Neither the keeper nor Envoy of that directory runs, and the port is free."""
    place = Place(directory.absolute())
    journal = read_journal(place)
    if journal is None:
        return
    journal.keeper.send(signal.SIGTERM)
    if not journal.keeper.has_ended(within=STOP_WITHIN):
        journal.keeper.end(grace=1.0)
    last = read_journal(place)
    for envoy in {one.envoy for one in (journal, last) if one and one.envoy}:
        envoy.end(grace=1.0)
