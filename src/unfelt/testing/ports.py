"""Ports for servers that are told where to listen."""

import itertools
import os
import socket

LOWEST, HIGHEST = 10_000, 30_000
"""Below those that systems give to outgoing connections (Linux: from 32768), which take a port at any moment."""

_next = itertools.count(os.getpid() * 37)


def free_port() -> int:
    """A port on the loopback that nobody has now; the same process is never given it twice in 20,000 times."""
    for number in itertools.islice(_next, HIGHEST - LOWEST):
        port = LOWEST + number % (HIGHEST - LOWEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError("every port is taken")
