"""Routers: what moves customers between the arms."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Position:
    """Where the router is to put customers. `share` is a fraction of all customers, in millionths at the finest.

    phase: `baseline` assigns and logs both arms and serves all from old; any other phase serves `new` from new.
    salt: opaque text; the same salt keeps every customer in place.
    lease: the path of the lease that must be alive for anybody to be served by `new`; None serves `new`
    without a lease (after the point of no return and at close).
    """

    epoch: int
    phase: str
    share: float
    salt: str
    lease: str | None


@dataclass(frozen=True, slots=True)
class RouterState:
    """What the router does now, read from the router itself and not from what it was told."""

    position: Position
    alive: bool
    lease_alive: bool
    restarts: int
    """How often the keeper had to start it again; each restart begins at share 0."""
    requests: int
    """Requests it has seen since it started: telemetry that stands still while this grows is stale."""
    at: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """How many requests a router has ended since it started, as it counts them itself: answered or broken off."""

    restarts: int
    """Which of its starts is counted from."""
    least: int
    most: int
    """Between these, since it goes on while it is asked."""


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


class Router(Protocol):
    """A router of one rollout."""

    def start(self) -> RouterState:
        """Running, either adopted as it is or started at share 0; raises RouterError when it cannot."""

    def move(self, position: Position) -> datetime:
        """The router applied the position at the time returned; raises RouterError when it did not within 2 s.

        After `close_for_good` only share 0 is accepted.
        """

    def state(self) -> RouterState:
        """What it does now."""


class WatchedRouter(Router, Protocol):
    """A router that the guard can watch: it proves that telemetry flows, and says how much of it there must be."""

    log_form: str
    """The form of its log: which of those that are registered as `log_form`."""

    @property
    def log(self) -> Path:
        """The access log: at least one line for each request, and one for each heartbeat."""

    def ended(self) -> Ended | None:
        """How many requests it has ended, each of them with a line in the log; None while it cannot say."""

    def heartbeat(self) -> None:
        """One request that it answers and logs itself, in no arm."""

    def forget_log(self) -> None:
        """The log begins here."""

    def tend_log(self) -> None:
        """The log is begun anew where it has become long: renamed to `stem-….suffix`, and read on from there."""

    def watched(self) -> AbstractContextManager[None]:
        """Within the block it is kept running, whatever else this process waits for."""

    def stop(self) -> None:
        """Nothing of it runs, and the port is free."""


class RouterError(Exception):
    """The router cannot do it, and says why and what to do."""


class RetryableRouterError(RouterError):
    """It may work on another try."""
