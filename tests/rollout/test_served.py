"""`unfelt serve PLAN`: console and guard in one process tree."""

import signal
import sys
import time
from pathlib import Path

import httpx
import pytest
from living import Guarded, Library, library, readers, until


def begin(place: Library) -> tuple[Guarded, str]:
    """The tree and the address of its console."""
    command = [sys.executable, "-m", "unfelt", "serve", str(place.plan), "--home", str(place.home)]
    tree = place.start([*command, "--listen", "127.0.0.1:0"])
    said = until(lambda: "/login/" in tree.out.read_text() and tree.out.read_text(), what="the link")
    link = next(word for word in said.split() if "/login/" in word)
    return tree, link[: link.index("/login/")]


@pytest.mark.slow
def test_the_guard_ends_with_its_console_and_customers_are_on_old(tmp_path: Path):
    """Asked to end, the tree leaves no guard behind; begun again, the rollout goes on to its end."""
    with library(tmp_path / "home", baseline="1s") as place:
        tree, base = begin(place)
        until(lambda: place.state() == "baseline", what="baseline")
        with readers(place.listen, place.home / "met.txt"):
            until(place.moving, what="customers on new")
            assert httpx.get(base, headers={"Accept-Language": "en"}).status_code == 401
            at = tree.send(signal.SIGTERM)
            assert tree.end() == 0
            with pytest.raises(httpx.ConnectError):
                httpx.get(base)
            until(lambda: time.time() > at + 18)
            assert place.last_on_new() - at < 15
            again = place.run()
            assert (again.end(), again.report()["final"]) == (0, "done")


@pytest.mark.slow
def test_a_console_that_is_killed_takes_no_guard_with_it(tmp_path: Path):
    """The guard goes on by itself, and another console shows it."""
    with library(tmp_path / "home", baseline="1s") as place:
        tree, _base = begin(place)
        until(lambda: place.state() == "baseline", what="baseline")
        with readers(place.listen, place.home / "met.txt"):
            until(place.moving, what="customers on new")
            tree.send(signal.SIGKILL)
            tree.end()
            until(lambda: place.state() == "done", what="the end of the rollout")
        assert place.batches() == list(range(1, len(place.batches()) + 1))
