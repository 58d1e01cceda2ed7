"""What a router does now, for somebody who has nothing but its directory."""

from dataclasses import dataclass
from pathlib import Path

from unfelt.adapters.routers import Position, RetryableRouterError
from unfelt.adapters.routers.envoy import admin, tables
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.place import Place


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A router that was started here; `position` is None while it does not answer."""

    directory: Path
    runs: bool
    position: Position | None
    lease_alive: bool
    requests: int
    plainly: bool = False
    """It serves everybody from one arm, by its last resort: its own files are damaged or cannot be written."""


def glimpse(directory: Path) -> Glimpse | None:
    """The router of that directory, or None where none was started or it was stopped for good."""
    place = Place(directory.absolute())
    journal = read_journal(place)
    if journal is None:
        return None
    try:
        position = tables.position_of(admin.table_in_force(place.admin), lease=None)
        alive, requests = admin.is_lease_alive(place.admin), admin.requests_seen(place.admin)
    except RetryableRouterError:
        return Glimpse(directory, journal.envoy.is_alive(), None, False, 0, _is_plain(place))
    return Glimpse(directory, True, position, alive, requests)


def _is_plain(place: Place) -> bool:
    try:
        return admin.plain_arm(place.admin) is not None
    except RetryableRouterError:
        return False
