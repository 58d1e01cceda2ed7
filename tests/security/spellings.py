"""Ways to write an address that is not public, and a trap that notices whoever comes."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

HOSTS = (
    *("127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "017700000001", "0x7f000001", "0x7f.1"),
    *("0177.0.0.1", "0x7f.0x0.0x0.0x1", "127.0.0.01", "127.0.0.1.", "0", "0.0.0.0", "0.0.0.1", "localhost"),  # noqa: S104
    *("LOCALHOST", "localhost.", "１２７.0.0.1", "127。0。0。1", "127．0．0．1", "127｡0｡0｡1", "①②⑦.0.0.1"),
    *(
        "ⓛocalhost",
        "127.0.0.1%00.example",
        "127.0.0.1%2e",
        "%31%32%37.0.0.1",
        "user@127.0.0.1",
        "1.1.1.1@127.0.0.1",
    ),
    *(
        "1.1.1.1@127.0.0.1",
        "127.0.0.1\\@1.1.1.1",
        "127.0.0.1\t",
        "127.0.0.1\n",
        "127.\t0.0.1",
        "1.1.1.1 127.0.0.1",
    ),
    *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "169.254.0.1", "2852039166"),
    *(
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.1",
        "192.0.0.192",
        "198.18.0.1",
        "198.19.255.255",
    ),
    *("192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::127.0.0.1]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::ffff:0:127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]"),
    *("[2002:a00:1::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[fe80::1]", "[fe80::1%25lo]", "[fe80::1%lo]"),
    *("[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]", "[100::1]", "[3fff::1]"),
)
"""None of them is a public address that is written plainly."""


@contextmanager
def trap() -> Iterator[tuple[int, "Trap"]]:
    """A port on every address of this machine, and how many came there."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        server.setblocking(False)
        yield server.getsockname()[1], Trap(server)


class Trap:
    """Counts who came."""

    def __init__(self, server: socket.socket) -> None:
        self._server = server

    def came(self) -> int:
        """Since the last time."""
        number = 0
        while True:
            try:
                self._server.accept()[0].close()
            except BlockingIOError:
                return number
            number += 1
