"""What is still open on `new` once everybody is back: it goes on as long as the plan says, and is then ended.

Envoy ends a stream on `new` when it has been silent for a time that nobody waits for (LONGEST_SILENCE); under
pressure, told by a file, that time shrinks to nothing, and every stream on `new` ends. `old` has no such time.
Renames are all it takes.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from unfelt.adapters.routers.envoy import safety, tables
from unfelt.adapters.routers.envoy.place import Place, locked
from unfelt.adapters.routers.envoy.tables import BASELINE

AFTER_BACK = "longest_stream"
EVERY = 0.25
"""Seconds between two looks of Envoy at the pressure."""
HELD = 3 * EVERY
MONITOR = "envoy.resource_monitors.injected_resource"


def prepare_pressure(place: Place) -> bool:
    """Whether there is no pressure, and the files are there that make it by renames."""
    try:
        place.pressing.mkdir(mode=0o700, exist_ok=True)
        release(place)
        for name, told in ((place.pressure, "0"), (_other(place, "on"), "1")):
            if not name.exists() or name.read_text() != told:
                name.write_text(told)
    except OSError:
        return False
    return True


def press(place: Place) -> None:
    """Streams on `new` end from Envoy's next look on."""
    place.pressure.rename(_other(place, "off"))
    _other(place, "on").rename(place.pressure)


def is_pressed(place: Place) -> bool:
    """Whether streams on `new` are being ended."""
    return _other(place, "off").exists()


def release(place: Place) -> None:
    """Streams on `new` go on again."""
    if not is_pressed(place):
        return
    with suppress(FileNotFoundError):
        place.pressure.rename(_other(place, "on"))
    _other(place, "off").rename(place.pressure)


def await_release(place: Place) -> None:
    """Before anybody goes to `new`: nothing there is being ended, and Envoy has seen it."""
    if not is_pressed(place):
        return
    release(place)
    time.sleep(2 * EVERY)


def _other(place: Place, state: str) -> Path:
    return place.pressure.with_suffix(f".{state}")


def pressure(place: Place) -> dict[str, Any]:
    """The pressure and what it does, as parts of Envoy's overload manager."""
    types = "type.googleapis.com/envoy"
    injected = f"{types}.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig"
    idle = {"timer": "HTTP_DOWNSTREAM_STREAM_IDLE", "min_timeout": "0s"}
    return {
        "refresh_interval": f"{EVERY}s",
        "resource_monitors": [
            {"name": MONITOR, "typed_config": {"@type": injected, "filename": str(place.pressure)}}
        ],
        "actions": [
            {
                "name": "envoy.overload_actions.reduce_timeouts",
                "triggers": [{"name": MONITOR, "threshold": {"value": 0.5}}],
                "typed_config": {
                    "@type": f"{types}.config.overload.v3.ScaleTimersOverloadActionConfig",
                    "timer_scale_factors": [idle],
                },
            }
        ],
    }


@dataclass(slots=True)
class Streams:
    """Watches the routes for going back, and ends in time what then is still open on `new`."""

    place: Place
    now: Callable[[], float] = time.monotonic
    _seen: tuple[int, int] | None = field(init=False, default=None)
    _due: float | None = field(init=False, default=None)
    _until: float | None = field(init=False, default=None)

    def look(self) -> None:
        """To be called often: it takes a microsecond while nothing happens."""
        with suppress(OSError):
            self._notice()
            if self._until is not None and self.now() >= self._until:
                self._until = None
                release(self.place)
            elif self._due is not None and self.now() >= self._due:
                self._due = None
                self._end_them()

    def _notice(self) -> None:
        found = self.place.routes.stat()
        mark = (found.st_ino, found.st_mtime_ns)
        if mark == self._seen:
            return
        self._seen = mark
        self._due = self.now() + self._allowed() if self._is_back() else None

    def _is_back(self) -> bool:
        table = safety.told(self.place.routes)
        if not tables.is_sound(table):
            return False
        position = tables.position_of(table["resources"][0], lease=None)
        return position.share == 0 and position.phase != BASELINE

    def _allowed(self) -> float:
        config = safety.told(self.place.bootstrap)
        told = config.get("node", {}).get("metadata", {}) if isinstance(config, dict) else {}
        return float(told.get(AFTER_BACK, float("inf")))

    def _end_them(self) -> None:
        with locked(self.place.writing, patience=safety.PATIENCE) as alone:
            if not alone:
                self._due = self.now()  # Somebody writes the routes: looked at again once that is done.
            elif self._is_back():
                press(self.place)
                self._until = self.now() + HELD
