"""Nobody on `new`: by renames alone, so that it works with a full disk, and from any process."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from unfelt.adapters.routers import Position, RetryableRouterError, RouterError
from unfelt.adapters.routers.envoy import admin, tables
from unfelt.adapters.routers.envoy.place import DamagedFileError, Place, locked, read, write_atomically
from unfelt.adapters.routers.lease import close_lease
from unfelt.conf.language import _

APPLIED_WITHIN = 2.0
PATIENCE = 0.3
"""How long to wait for the lock: whoever is frozen with it in hand must not keep customers on `new`."""


def utc_now() -> datetime:
    """The time of day."""
    return datetime.now(UTC)


def take_back(directory: Path, *, now: Callable[[], datetime] = utc_now) -> datetime:
    """Nobody is on `new` at the time returned, and nobody comes there before `clear_latch`.

    It needs neither the worker nor a database nor room on the disk: the lease is closed by a request, the latch
    and the routes are renamed. RetryableRouterError if Envoy has not applied it within 2 s; the latch holds.
    """
    place = Place(directory.absolute())
    if not place.routes.exists():
        raise RouterError(_("There is no router in {path}: nothing to take back.").format(path=directory))
    # Side by side: a frozen worker keeps the request waiting, and customers must not wait for it.
    closing = threading.Thread(target=close_lease, args=(place.directory,), daemon=True)
    closing.start()
    latch(place)
    with locked(place.writing, patience=PATIENCE):
        put_spare(place)
    await_routes(place, within=APPLIED_WITHIN)
    since = now()
    closing.join()
    return since


def latch(place: Place) -> None:
    """From here on only share 0 is accepted."""
    if place.latched.exists():
        return
    try:
        place.unlatched.rename(place.latched)
    except FileNotFoundError:
        place.latched.touch(mode=0o600)


def put_latch(directory: Path) -> None:
    """From here on only share 0 is accepted there, and the spare routes are what a router would begin with."""
    place = Place(directory.absolute())
    latch(place)
    put_spare(place)


def is_latched(directory: Path) -> bool:
    """Whether only share 0 is accepted."""
    return Place(directory.absolute()).latched.exists()


def clear_latch(directory: Path) -> None:
    """The share may be above 0 again; it stays 0 until the next move."""
    place = Place(directory.absolute())
    if place.latched.exists():
        place.latched.rename(place.unlatched)


def put_spare(place: Place) -> None:
    """The spare routes (share 0) are in force; where there are none they already are; where damaged, made anew.

    Where no router was ever begun there is nothing to put.
    """
    if place.spare.exists() and tables.is_sound(told(place.spare)):
        place.spare.replace(place.routes)
    elif place.tables.is_dir() and not tables.is_sound(told(place.routes)):
        nobody = Position(epoch=0, phase=tables.OFF, share=0.0, salt="", lease=None)
        write_atomically(place.routes, tables.routes(nobody), beside=place.directory)


def told(path: Path) -> Any:  # noqa: ANN401  (anything JSON can hold)
    """What the file holds; None where it is damaged too."""
    try:
        return read(path)
    except DamagedFileError:
        return None


def is_for_good(place: Place) -> bool:
    """Whether customers are on `new` without a lease; a damaged table has nobody there."""
    table = told(place.routes)
    return tables.is_sound(table) and tables.is_for_good(table["resources"][0])


def is_settled(directory: Path) -> bool:
    """Whether customers are on `new` for good there."""
    place = Place(directory.absolute())
    return place.routes.exists() and is_for_good(place)


def make_safe(place: Place) -> None:
    """Before Envoy is started again: nobody on `new`, unless the rollout has given up its lease for good.

    Past the point of no return `old` may no longer hold the customers' data, so there the position stays.
    """
    with locked(place.writing, patience=PATIENCE):
        if not is_for_good(place):
            put_spare(place)


def await_routes(place: Place, *, within: float) -> None:
    """Envoy has applied the routes as they are written."""
    table = read(place.routes)
    wanted, share = str(table["version_info"]), tables.position_of(table["resources"][0], lease=None).share

    def is_applied() -> bool:
        in_force = admin.routes_in_force(place.admin).get("version_info")
        return str(in_force) == wanted or (
            share == 0 and in_force is None and admin.plain_arm(place.admin) == "old"
        )

    await_applied(is_applied, within=within)


def await_clusters(place: Place, *, within: float) -> None:
    """Envoy has applied the clusters as they are written, and the lease has been asked for once."""
    wanted = str(read(place.clusters)["version_info"])
    await_applied(
        lambda: str(admin.clusters_in_force(place.admin).get("new", {}).get("version_info")) == wanted,
        within=within,
    )


def await_applied(is_applied: Callable[[], bool], *, within: float) -> None:
    """It is applied; RetryableRouterError if not within that many seconds."""
    end = time.monotonic() + within
    while True:
        try:
            if is_applied():
                return
        except RetryableRouterError:
            if time.monotonic() >= end:
                raise
        if time.monotonic() >= end:
            raise RetryableRouterError(
                _(
                    "Envoy did not apply its new routes within {seconds:g} s. Look into envoy.log; try again."
                ).format(seconds=within)
            )
        time.sleep(0.005)
