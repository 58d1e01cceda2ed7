"""What the router does now: as Envoy itself tells it, or, with Envoy away, by its directory."""

from collections.abc import Callable
from datetime import datetime

from unfelt.adapters.routers import Position, RetryableRouterError, RouterState
from unfelt.adapters.routers.envoy import admin, log, safety, tables
from unfelt.adapters.routers.envoy.place import Place


def state_of(place: Place, *, at: Callable[[], datetime]) -> RouterState:
    """As it is at that time, asked once Envoy has answered; with Envoy away, nobody is on `new`."""
    try:
        return _told(place, at)
    except RetryableRouterError:
        return _silent(place, at)


def _told(place: Place, at: Callable[[], datetime]) -> RouterState:
    path = place.admin
    cluster = admin.clusters_in_force(path).get("new", {}).get("cluster", {})
    lease = tables.lease_of(cluster)
    return RouterState(
        position=tables.position_of(admin.table_in_force(path), lease=lease),
        alive=admin.is_ready(path),
        lease_alive=lease is not None and admin.is_lease_alive(path),
        restarts=admin.times_started_again(path),
        requests=admin.requests_seen(path),
        at=at(),
    )


def _silent(place: Place, at: Callable[[], datetime]) -> RouterState:
    told = safety.told(place.routes)
    empty = Position(epoch=0, phase=tables.OFF, share=0.0, salt="", lease=None)
    position = empty if not tables.is_sound(told) else tables.position_of(told["resources"][0], lease=None)
    return RouterState(
        position=tables.nobody(position),
        alive=False,
        lease_alive=False,
        restarts=len(log.gaps(place)),
        requests=0,
        at=at(),
    )
