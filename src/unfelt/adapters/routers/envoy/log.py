"""The files that Envoy and its keeper write: the access log begun anew, and the times Envoy was away."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from unfelt.adapters.routers import RetryableRouterError
from unfelt.adapters.routers.envoy import admin
from unfelt.adapters.routers.envoy.place import Place
from unfelt.conf.language import _


def gaps(place: Place) -> tuple[dict[str, Any], ...]:
    """Each time Envoy had to be started again; a line that is not written to its end does not count yet."""
    if not place.restarts.exists():
        return ()
    lines = place.restarts.read_text(encoding="utf-8", errors="replace").splitlines()
    return tuple(found for line in lines if line.endswith("}") for found in _whole(line))


def _whole(line: str) -> tuple[dict[str, Any], ...]:
    try:
        return (json.loads(line),)
    except ValueError:
        return ()


def sweep(place: Place) -> None:
    """The logs that were begun anew are gone."""
    for finished in place.log.parent.glob(f"{place.log.stem}-*{place.log.suffix}"):
        finished.unlink(missing_ok=True)


def rotate(place: Place, *, beat: Callable[[], None], timeout: float) -> Path:
    """The file that holds the log so far. `beat` makes Envoy write a line, without which it opens no new one."""
    finished = place.log.with_name(f"access-{time.time_ns()}.jsonl")
    place.log.rename(finished)
    admin.reopen_log(place.admin)
    end = time.monotonic() + timeout
    while not place.log.exists():
        if time.monotonic() >= end:
            raise RetryableRouterError(
                _("Envoy still writes to {path}. Read it to its end before you delete it.").format(path=finished)
            )
        beat()
        time.sleep(0.05)
    return finished
