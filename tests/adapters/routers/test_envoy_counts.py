"""What Envoy counts itself and what its log holds are the same, whatever clients do; what is changed is found."""

import contextlib
import json
import os
import random
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from router_site import Load, Site

from unfelt.adapters.sources.tail import Place, read_on
from unfelt.engines.guard.balance import Balance, Counted

SENT = (
    b"GET / HTTP/1.1\r\nHost: x\r\nx-us",
    b"GE",
    b"NONSENSE\x00\x01\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nx-user: me\r\ncontent-length: 100\r\n\r\nabc",
    b"GET /?sleep=0.4 HTTP/1.1\r\nHost: x\r\nx-user: me\r\n\r\n",
    b"GET / HTTP/1.1\r\nx-user: me\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 5,
    b"GET / HTTP/1.1\r\nHost: x\r\nx-big: " + b"a" * 200_000 + b"\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    b"",
)
"""What clients send that then close."""


def left(site: Site, what: bytes, after: float) -> None:
    """A client that has sent this and does not wait for an answer."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", site.port)) as client:
        client.sendall(what)
        time.sleep(after)


@dataclass
class Looks:
    """The looks of a guard at this router, without source and guard."""

    site: Site
    into: Path
    place: Place = field(default_factory=Place)
    balance: Balance = field(default_factory=Balance)
    found: list[dict[tuple[str, str], int]] = field(default_factory=list)
    number: int = 0

    def look(self) -> None:
        at, before = time.monotonic(), self.site.router.ended()
        self.site.router.heartbeat(timeout=10)
        length, self.place = read_on(self.site.router.log, self.place, most=10**8, into=self.into)
        if not length and self.place.inode == 0:
            length, self.place = read_on(self.site.router.log, self.place, most=10**8, into=self.into)
        lines = [json.loads(line) for line in self.into.read_bytes().splitlines()] if length else []
        read, after = sum(line["type"] == "end" for line in lines), self.site.router.ended()
        counted = Counted(at, before, after, read, is_whole=not self.place.behind)
        self.balance = self.balance.after(counted)
        self.number += 1
        self.found += [dict(self.balance.found)] if self.balance.found else []

    def until_found(self, *, within: int = 20) -> dict[tuple[str, str], int]:
        for _ in range(within):
            self.look()
            if self.found:
                return self.found.pop()
            time.sleep(0.5)
        return {}


@pytest.mark.slow
def test_what_envoy_counts_is_what_its_log_holds_and_what_is_changed_is_found(site: Site, tmp_path: Path):
    """No alarm in 25 seconds of clients of all kinds, moves and rotations; then lines added, and lines cut off."""
    lease, draw, over = site.open(), random.Random(5), threading.Event()
    looks = Looks(site, tmp_path / "chunk")

    def rude() -> None:
        while not over.wait(0.03):
            left(site, draw.choice(SENT), draw.choice((0.0, 0.005, 0.1)))

    def watching() -> None:
        while not over.wait(0.4):
            looks.look()

    threads = [threading.Thread(target=one) for one in (rude, rude, watching)]
    for thread in threads:
        thread.start()
    steps = [(2.0 + 2 * number, lambda: site.move(draw.random(), lease=lease)) for number in range(10)]
    steps += [(5.5, site.router.rotate), (13.5, site.router.rotate)]
    Load(site.port, rate=120).during(25, *sorted(steps, key=lambda step: step[0]))
    over.set()
    for thread in threads:
        thread.join()
    assert looks.number > 20
    assert looks.found == []
    lines = site.router.log.read_bytes().splitlines(keepends=True)
    ends = [line for line in lines if b'"type":"end"' in line][-80:]
    with site.router.log.open("ab") as log:
        log.writelines(ends)
    ((kind, _arm),) = looks.until_found()
    assert kind == "excess"
    Load(site.port, rate=100).during(1)
    time.sleep(0.5)
    os.truncate(site.router.log, looks.place.offset)
    ((kind, _arm),) = looks.until_found()
    assert kind == "missing"
