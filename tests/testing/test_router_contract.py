"""What a router keeps to: ours do, and one that does not is named."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from unfelt.adapters.routers import Position
from unfelt.adapters.routers.envoy.handle import EnvoyHandle
from unfelt.adapters.routers.envoy.router import EnvoyRouter
from unfelt.conf import plugins
from unfelt.testing.contracts import router_faults, routers

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", plugins.names("router"))
def test_every_router_keeps_the_contract(tmp_path: Path, name: str):
    """All of it."""
    assert router_faults(name, directory=tmp_path / "router") == []


class Unlatched(EnvoyRouter):
    """Heeds no latch."""

    def _refuse_if_latched(self, position: Position) -> None:
        """It is accepted."""


class Redrawing(EnvoyRouter):
    """Draws customers anew whenever the share is moved."""

    def move(self, position: Position) -> datetime:
        """As if the salt were another."""
        return super().move(replace(position, salt=f"{position.salt}{position.epoch}"))


class Boasting(EnvoyRouter):
    """Says what it was told to do, and does nothing."""

    told = Position(0, "off", 0.0, "", None)

    def move(self, position: Position) -> datetime:
        """Nobody is moved."""
        self.told = position
        return datetime.now(UTC)

    def state(self):
        """The share that it was told."""
        return replace(super().state(), position=self.told, lease_alive=True)


class Selfish(EnvoyRouter):
    """Needs no lease."""

    def move(self, position: Position) -> datetime:
        """Customers stay on new whatever becomes of the guard."""
        return super().move(replace(position, lease=None))


class Pinless(EnvoyHandle):
    """Keeps no pin."""

    def pin(self, directory, names, *, by, at):
        """Nothing."""


class Lazy(EnvoyHandle):
    """Takes nobody back."""

    def take_back(self, directory):
        """Nothing is done."""
        return datetime.now(UTC)


class Leaving(EnvoyHandle):
    """Leaves a process behind."""

    def stop(self, directory):
        """One of its own."""
        super().stop(directory)
        code = "import time; print(flush=True); time.sleep(60)"
        self.left = subprocess.Popen([sys.executable, "-c", code, str(directory)], stdout=subprocess.PIPE)
        self.left.stdout.readline()  # From here on the system says by what command it was begun.


@pytest.mark.parametrize(
    ("router", "handle", "fault"),
    [
        (Unlatched, EnvoyHandle, routers.latch_holds),
        (Redrawing, EnvoyHandle, routers.keeps_its_place),
        (Boasting, EnvoyHandle, routers.moves_a_share),
        (Selfish, EnvoyHandle, routers.lease_ends),
        (EnvoyRouter, Pinless, routers.pins_hold),
        (EnvoyRouter, Lazy, routers.is_taken_back),
        (EnvoyRouter, Leaving, routers.stops_for_good),
    ],
)
def test_a_router_that_breaks_it_is_named(tmp_path: Path, monkeypatch, router, handle, fault):
    """By the sentence that does not hold."""
    before = [routers.starts_at_nobody, routers.moves_a_share, routers.is_taken_back]
    checks = [one for one in routers.CHECKS if one is fault or one in before]
    monkeypatch.setattr(routers, "CHECKS", checks[: checks.index(fault) + 1])
    monkeypatch.setattr(routers, "HOLDS", 3.0)
    made = handle()
    found = router_faults(router, handle=made, directory=tmp_path / "router")
    if hasattr(made, "left"):
        made.left.kill()
        made.left.communicate()
    assert any(one.startswith(fault.__doc__) for one in found), found
