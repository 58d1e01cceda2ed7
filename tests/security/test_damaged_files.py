"""The router's own files, edited or torn: customers are served from old, what is wrong is said, nothing loops."""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from router_site import Site

from unfelt.adapters.routers import Position, RouterError
from unfelt.adapters.routers.envoy import log, safety, tables
from unfelt.adapters.routers.envoy.journal import read_journal
from unfelt.adapters.routers.envoy.looking import glimpse
from unfelt.adapters.routers.envoy.pins import pinned
from unfelt.adapters.routers.envoy.place import Place, prepare
from unfelt.adapters.routers.envoy.safety import take_back
from unfelt.adapters.routers.lease import LEASE_FILE, close_lease
from unfelt.rollout.places import Places

ODD = (
    "",
    " ",
    "{",
    "[]",
    "{}",
    "null",
    "0",
    '"a"',
    "\x00" * 40,
    '{"resources": []}',
    '{"resources": [{}]}',
    '{"resources": {"0": 1}}',
    '{"host": 7, "port": "x", "token": null}',
    '{"host": "127.0.0.1", "port": 1e9, "token": "t"}',
    '{"host": "127.0.0.1", "port": -1, "token": "\\n"}',
    '{"host": "a\\u0000", "port": 9, "token": "ä"}',
    '{"rollout": 1, "change": [], "router": {}}',
    '{"keeper": {"pid": "x"}, "envoy": {}, "again": null}',
    "[" * 20_000,
    "NaN",
)


def mutants(text: str, *, seed: int, count: int) -> list[str]:
    """That text with something cut, doubled, swapped or retyped."""
    chance, found = random.Random(seed), []
    for _ in range(count):
        at, length = chance.randrange(len(text)), chance.randrange(1, 40)
        piece = chance.choice(
            ["", text[at : at + length] * 2, "null", "-1", '"x"', "1e999", "\ufffd", "{}", "true"]
        )
        found.append(text[:at] + piece + text[at + length :])
    return found


def a_table() -> str:
    """A route table as it is written."""
    return json.dumps(tables.routes(Position(3, "watch", 0.25, "salt", "/lease/1")))


def test_no_odd_file_is_more_than_a_sentence(tmp_path: Path) -> None:
    """Every reader of a router's file answers, or says in one sentence which file is damaged."""
    place = prepare(tmp_path / "router")
    readers: dict[Path, Callable[[], Any]] = {
        place.journal: lambda: read_journal(place),
        place.pins: lambda: pinned(place.directory),
        place.routes: lambda: (safety.is_for_good(place), safety.told(place.routes)),
        place.restarts: lambda: log.gaps(place),
        place.directory / LEASE_FILE: lambda: close_lease(place.directory, timeout=0.1),
    }
    said = set()
    for path, ask in readers.items():
        for text in (*ODD, *mutants(a_table(), seed=1, count=60)):
            path.write_text(text)
            try:
                ask()
            except RouterError as error:
                said.add(str(error).partition(" is damaged")[0])
    assert said == {str(place.pins)}


def test_a_damaged_table_is_never_taken_for_one(tmp_path: Path) -> None:
    """Of 400 torn or edited tables each is either the spare afterwards, or one that can be read."""
    place = prepare(tmp_path / "router")
    spare = tables.routes(tables.nobody(Position(3, "watch", 0.25, "salt", "/lease/1")))
    for text in (*ODD, *mutants(a_table(), seed=2, count=400)):
        place.routes.write_text(text)
        place.spare.write_text(json.dumps(spare))
        safety.make_safe(place)
        assert (
            safety.is_for_good(place)
            or tables.position_of(safety.told(place.routes)["resources"][0], lease=None).share == 0
        )


def test_a_spare_that_is_damaged_too_is_made_anew(tmp_path: Path) -> None:
    """Nobody is on new, in no epoch."""
    place = prepare(tmp_path / "router")
    for text in ODD:
        place.routes.write_text(text)
        place.spare.write_text(text)
        safety.make_safe(place)
        position = tables.position_of(safety.told(place.routes)["resources"][0], lease=None)
        assert (position.share, position.phase) == (0.0, "off")


def test_a_damaged_note_hides_no_other_rollout(tmp_path: Path) -> None:
    """The others are found; the records know the damaged one."""
    places = Places(tmp_path)
    places.remember("good-1", change="good", directory="/there")
    places.remember("bad-1", change="bad", directory="/here")
    for text in ODD:
        places.note("bad-1").write_text(text)
        assert [note["rollout"] for note in places.under_way()] == ["good-1"]


def kill_envoy(site: Site) -> None:
    """Envoy has to begin again by what lies there."""
    journal = read_journal(site.router.place)
    assert journal is not None
    os.kill(journal.envoy.pid, signal.SIGKILL)
    journal.envoy.has_ended(within=5)


def served_again(site: Site, *, within: float = 30) -> float:
    """Seconds until a customer was answered, from old."""
    began = time.monotonic()
    while time.monotonic() < began + within:
        try:
            status, sent, _cookie = site.get(x_user="lin")
        except OSError:
            time.sleep(0.05)
            continue
        if status == 200:
            assert sent["arm"] == "old"
            return time.monotonic() - began
    pytest.fail(f"nobody was served within {within} s")


def torn(path: Path) -> None:
    """Cut in the middle."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    """Nothing is left in it."""
    path.write_bytes(b"")


def edited(path: Path) -> None:
    """It is JSON that Envoy does not take."""
    path.write_text(
        json.dumps({"version_info": "1", "resources": [{"@type": "type.googleapis.com/no.such.Type"}]})
    )


def a_directory(path: Path) -> None:
    """Nothing can be written there."""
    path.unlink()
    path.mkdir()


DAMAGES: dict[str, tuple[Callable[[Place], Path], Callable[[Path], None], bool]] = {
    "routes torn": (lambda place: place.routes, torn, False),
    "routes edited": (lambda place: place.routes, edited, False),
    "routes gone": (lambda place: place.routes, Path.unlink, False),
    "clusters torn": (lambda place: place.clusters, torn, True),
    "clusters edited": (lambda place: place.clusters, edited, True),
    "bootstrap torn": (lambda place: place.bootstrap, torn, True),
    "bootstrap gone": (lambda place: place.bootstrap, Path.unlink, True),
    "secret emptied": (lambda place: place.secret, emptied, True),
    "secret torn": (lambda place: place.secret, torn, True),
    "log cannot be written": (lambda place: place.log, a_directory, True),
    "Envoy's own log cannot be written": (lambda place: place.envoy_log, a_directory, False),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", DAMAGES)
def test_customers_are_served_from_old_whatever_file_is_damaged(site: Site, what: str) -> None:
    """Envoy begins again by what is sound, at the worst plainly; which is said, and going back still works."""
    which, damage, plainly = DAMAGES[what]
    site.move(0.9, lease=site.open())
    site.get(x_user="lin")
    damage(which(site.router.place))
    kill_envoy(site)
    took = served_again(site)
    print(f"{what}: served again after {took:.1f} s")
    assert took < 15
    assert {site.arm(f"user-{number}") for number in range(20)} == {"old"}
    seen = glimpse(site.directory)
    assert seen is not None
    assert (seen.runs, seen.plainly) == (True, plainly)
    restarts = read_journal(site.router.place)
    time.sleep(1.5)
    assert read_journal(site.router.place) == restarts  # It does not begin again and again.
    if plainly:
        with pytest.raises(RouterError):
            site.move(0.5, lease=site.open())
    take_back(site.directory)


@pytest.mark.slow
def test_a_router_that_serves_plainly_is_whole_again_after_a_new_start(site: Site) -> None:
    """Stopped and begun, everything that was damaged is written anew."""
    torn(site.router.place.bootstrap)
    kill_envoy(site)
    served_again(site)
    site.router.start()
    site.move(1.0, lease=site.open())
    assert site.arm("lin") == "new"


@pytest.mark.slow
def test_past_the_point_of_no_return_the_last_resort_is_new(site: Site) -> None:
    """Where old may no longer hold the customers' data, nobody is sent there by a torn file."""
    site.move(1.0, phase="settled")
    torn(site.router.place.bootstrap)
    kill_envoy(site)
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            arm = site.arm("lin")
            break
        except OSError:
            time.sleep(0.05)
    assert arm == "new"
