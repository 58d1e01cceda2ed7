"""A router by its directory alone: what can be done with it while its worker is dead, and no database answers.

Each kind of router registers one as `router_handle`. The directory names its kind in the file KIND.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from unfelt.adapters.routers import Glimpse
from unfelt.conf import plugins

KIND = "kind"
"""The file that says which kind of router it is; where there is none, it is Envoy."""
Pins = Mapping[str, Mapping[str, str]]


class Handle(Protocol):
    """One kind of router, for whoever has its directory."""

    def take_back(self, directory: Path) -> datetime:
        """Nobody is on `new` at the time returned, and nobody comes there before `clear_latch`.

        RetryableRouterError if it was not applied within 2 s; the latch holds.
        """

    def put_latch(self, directory: Path) -> None:
        """From here on only share 0 is accepted, and the router would begin with it."""

    def is_settled(self, directory: Path) -> bool:
        """Whether customers are on `new` for good, without a lease; by its files alone, which may be damaged."""

    def is_latched(self, directory: Path) -> bool:
        """Whether only share 0 is accepted."""

    def clear_latch(self, directory: Path) -> None:
        """The share may be above 0 again; it stays 0 until the next move."""

    def pinned(self, directory: Path) -> Pins:
        """Who is pinned, as pseudonyms: each with `at` and `by`."""

    def name_for(self, directory: Path, customer: str) -> str:
        """The pseudonym of the customer at this router."""

    def pin(self, directory: Path, names: Collection[str], *, by: str, at: datetime) -> None:
        """These customers are on `old` from their next request on, until `unpin`."""

    def unpin(self, directory: Path, names: Collection[str]) -> None:
        """These customers are drawn like everybody else again."""

    def glimpse(self, directory: Path) -> Glimpse | None:
        """What it does now; None where none was started, or it was stopped for good."""

    def stop(self, directory: Path) -> None:
        """Nothing of it runs, and the port is free."""

    def keep(self, directory: Path, *, say: Callable[[str], None]) -> None:
        """It is kept in the foreground until it is told to end; `say` is told what happens."""


def handle(directory: Path) -> Handle:
    """The handle of the router in that directory; UnknownPartError where its kind is not registered."""
    named = directory / KIND
    found: Handle = plugins.part("router_handle", named.read_text().strip() if named.exists() else "envoy")()
    return found


def all_routers(home: Path) -> list[Path]:
    """The directory of every router of the installation."""
    return sorted(path for path in (home / "routers").glob("*") if path.is_dir())
