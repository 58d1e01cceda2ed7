"""What a router does now, for somebody who has nothing but its directory."""

from pathlib import Path

from unfelt.adapters.routers import Glimpse, RetryableRouterError
from unfelt.adapters.routers.envoy import admin, tables
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.place import Place


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
