"""What is left on this machine after a part was stopped."""

import os
import socket
import subprocess
from pathlib import Path


def is_free(port: int) -> bool:
    """Somebody else could listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def processes_of(directory: Path) -> list[str]:
    """The command lines of processes, other than this one, that name the directory."""
    return [one for number, one in _commands() if str(directory) in one and number != os.getpid()]


def _commands() -> list[tuple[int, str]]:
    proc = Path("/proc")
    if not (proc / "self" / "cmdline").exists():
        told = subprocess.run(["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True, check=True)
        pairs = (line.split(None, 1) for line in told.stdout.splitlines())
        return [(int(number), command) for number, command in pairs]
    return [(int(one.name), _command(one)) for one in proc.iterdir() if one.name.isdecimal()]


def _command(process: Path) -> str:
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:  # It has ended meanwhile.
        return ""
