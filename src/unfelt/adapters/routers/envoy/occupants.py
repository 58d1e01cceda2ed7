"""Who listens on a port already: it is said by name, as far as the system tells."""

import os
import re
import socket
from contextlib import suppress
from pathlib import Path

from unfelt.adapters.routers import RouterError
from unfelt.adapters.routers.envoy.addresses import Address
from unfelt.conf.language import _

LISTENING = "0A"
LOOPBACKS = ("127.0.0.1", "::1")
LOCAL = (*LOOPBACKS, "localhost", "0.0.0.0", "::")  # noqa: S104
"""Where who listens is met by who asks for localhost."""


def must_be_free(listen: Address) -> None:
    """Nobody answers where customers would come: neither there, nor where `localhost` leads beside it."""
    trouble = _cannot_bind(listen)
    beside = [one for one in LOOPBACKS if _answers(one, listen.port)] if listen.host in LOCAL else []
    if trouble is None and not beside:
        return
    who = occupant(listen.port) or _("a program that the system does not name")
    if trouble is not None:
        said = _(
            "The router cannot listen on {host}:{port} ({error}): {who} is there. "
            "Stop what listens there, or choose another address in rollout.listen."
        )
        raise RouterError(said.format(host=listen.host, port=listen.port, error=trouble, who=who))
    said = _(
        "On port {port} of this machine {who} answers already, at {other}: who asks for localhost would meet it "
        "and not the router. Stop it, or choose another port in rollout.listen."
    )
    raise RouterError(said.format(port=listen.port, who=who, other=beside[0]))


def _cannot_bind(listen: Address) -> str | None:
    with socket.socket(socket.AF_INET6 if ":" in listen.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen.host, listen.port))
            probe.listen(1)
        except OSError as error:
            return os.strerror(error.errno) if error.errno else str(error)
    return None


def _answers(host: str, port: int) -> bool:
    with suppress(OSError), socket.create_connection((host, port), timeout=0.5):
        return True
    return False


def occupant(port: int) -> str | None:
    """The program that listens on that port, with its number; None where the system does not tell."""
    sockets = _listening(port)
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for handle in (process / "fd").iterdir():
                with suppress(OSError):
                    found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(handle))
                    if found and found[1] in sockets:
                        return f"{(process / 'comm').read_text().strip()} ({process.name})"
    return None


def _listening(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path("/proc/net", table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                    found.add(words[9])
    return found
