"""Ending a router for good: nobody may depend on it any more."""

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
    # First of all: whoever waits to take over from that keeper must see that nothing is to be kept.
    place.journal.unlink(missing_ok=True)
    journal.keeper.end(grace=STOP_WITHIN)
    # A keeper that was about to start Envoy again has written down another one.
    last = read_journal(place) or journal
    for envoy in (journal.envoy, last.envoy):
        envoy.end(grace=1.0)
    place.journal.unlink(missing_ok=True)
