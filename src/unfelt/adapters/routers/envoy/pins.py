"""Customers who are pinned to `old` while the router runs: in its tables, and in a file that they are made with.

Like going back it needs neither worker nor database. It opens no epoch: who was drawn before stays drawn, and what
happens to them until their window closes still counts for the arm that they were on.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from unfelt.adapters.pseudonyms import load_secret, pseudonym
from unfelt.adapters.routers import RetryableRouterError, RouterError
from unfelt.adapters.routers.envoy import safety
from unfelt.adapters.routers.envoy.place import Place, locked, read, write_atomically
from unfelt.adapters.routers.envoy.tables import with_pins
from unfelt.conf.language import _

MOST = 1000
"""Pins are for single customers; whole groups are kept out by the plan."""
WAIT = 5.0
"""Seconds for which another writer of the tables is waited for."""

Pins = Mapping[str, Mapping[str, str]]


def pinned(directory: Path) -> Pins:
    """Who is pinned, as pseudonyms: each with `at` and `by`."""
    found: Pins = read(Place(directory.absolute()).pins) or {}
    return found


def name_for(directory: Path, customer: str) -> str:
    """The pseudonym of the customer at this router."""
    place = _place(directory)
    return pseudonym(load_secret(place.secret), customer)


def pin(directory: Path, names: Collection[str], *, by: str, at: datetime) -> None:
    """These customers are on `old` from their next request on, until `unpin`; doing it twice is doing it once.

    RetryableRouterError if the router has not applied it within 2 s; the pins then hold from its next table on.
    """

    def more(known: Pins) -> Pins:
        return {**{name: {"at": at.isoformat(), "by": by} for name in names}, **known}

    _change(directory, more)


def unpin(directory: Path, names: Collection[str]) -> None:
    """These customers are drawn like everybody else again."""
    _change(directory, lambda known: {name: told for name, told in known.items() if name not in names})


def _place(directory: Path) -> Place:
    place = Place(directory.absolute())
    if not place.routes.exists():
        raise RouterError(_("There is no router in {path}: nobody to pin.").format(path=directory))
    return place


def _change(directory: Path, change: Any) -> None:  # noqa: ANN401
    place = _place(directory)
    with locked(place.writing, patience=WAIT) as got:
        if not got:
            raise RetryableRouterError(_("Somebody else is writing the router's tables. Try again."))
        wanted = change(read(place.pins) or {})
        if len(wanted) > MOST:
            raise RouterError(
                _("{n} customers would be pinned; at most {most} can be. Keep groups out by the plan.").format(
                    n=len(wanted), most=MOST
                )
            )
        try:
            _write(place, wanted)
        except OSError as error:
            raise RetryableRouterError(
                _("Cannot write {path} ({error}). Make room or give access, then try again.").format(
                    path=place.pins, error=error.strerror
                )
            ) from error
    safety.await_routes(place, within=safety.APPLIED_WITHIN)


def _write(place: Place, wanted: Pins) -> None:
    write_atomically(place.pins, wanted, beside=place.directory)
    for path in (place.spare, place.routes):
        table = read(path)
        if table is not None:
            write_atomically(path, with_pins(table, wanted), beside=place.directory)
    if place.latched.exists():
        safety.put_spare(place)  # Somebody took customers back meanwhile, and has the last word.
