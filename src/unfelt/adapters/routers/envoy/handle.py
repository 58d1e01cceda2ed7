"""Envoy by its directory alone."""

from collections.abc import Callable
from pathlib import Path

from unfelt.adapters.routers import Glimpse
from unfelt.adapters.routers.envoy import pins, safety
from unfelt.adapters.routers.envoy.stopping import stop_router


class EnvoyHandle:
    """As `unfelt.adapters.routers.handles.Handle` says; going back loads nothing that it does not need."""

    take_back = staticmethod(safety.take_back)
    put_latch = staticmethod(safety.put_latch)
    is_settled = staticmethod(safety.is_settled)
    is_latched = staticmethod(safety.is_latched)
    clear_latch = staticmethod(safety.clear_latch)
    pinned = staticmethod(pins.pinned)
    name_for = staticmethod(pins.name_for)
    pin = staticmethod(pins.pin)
    unpin = staticmethod(pins.unpin)
    stop = staticmethod(stop_router)

    def glimpse(self, directory: Path) -> Glimpse | None:
        """What it does now, asked of Envoy itself."""
        from unfelt.adapters.routers.envoy.looking import glimpse

        return glimpse(directory)

    def keep(self, directory: Path, *, say: Callable[[str], None]) -> None:
        """Envoy as it was written down last, with nobody on new, begun again whenever it ends."""
        from unfelt.adapters.routers.envoy.foreground import keep_in_foreground
        from unfelt.adapters.routers.envoy.launch import WORKERS, binary_of_the_wheel

        keep_in_foreground(directory, binary=binary_of_the_wheel(), workers=WORKERS, say=say)
