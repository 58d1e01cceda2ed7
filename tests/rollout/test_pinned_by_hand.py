"""Single customers who are pinned to old while the rollout goes on: by command, by page and by API."""

import signal
from http.client import HTTPConnection
from pathlib import Path

import pytest
from living import Library, library, until, visited
from scripting import scripted
from serving import Served, served

from unfelt.adapters.routers.envoy.pins import name_for

PAGE = "/rollouts/catalogue-1/"


def served_by(place: Library, card: str) -> tuple[str, str]:
    """The arm in the log and the version that served the holder of that card, who asks once."""
    name = name_for(place.router, card)
    before = len(lines_of(place, name))
    connection = HTTPConnection(*place.listen.split(":"), timeout=10)
    connection.request("GET", "/", headers={"cookie": f"card={card}"})
    connection.getresponse().read()
    connection.close()
    until(lambda: len(lines_of(place, name)) > before, what="the line of this request")
    line = lines_of(place, name)[-1]
    return line["arm"], line["served"]


def lines_of(place: Library, name: str) -> list[dict[str, str]]:
    """What the log has of that customer, once answered."""
    return [line for line in place.log() if line.get("customer") == name and line.get("served")]


def some_on_new(place: Library, n: int) -> list[str]:
    """The first so many guests whom new serves."""
    found: list[str] = []
    number = 0
    while len(found) < n:
        if served_by(place, f"guest-{number}") == ("new", "new"):
            found.append(f"guest-{number}")
        number += 1
    return found


def through_the_page(console: Served, **fields: str) -> int:
    """The status of the form's answer."""
    client = console.known()
    client.get(PAGE)
    return client.post(
        f"{PAGE}pin/", data={"csrfmiddlewaretoken": client.cookies["csrftoken"], **fields}
    ).status_code


@pytest.mark.slow
def test_pinned_customers_are_on_old_whoever_pinned_them_and_the_rollout_goes_on(tmp_path: Path):
    """Also once the guard is dead; it is on record under pseudonyms alone, and the ledger verifies."""
    settings = {"margin": "0.02%", "budget": "2000", "baseline": "1s"}
    with library(tmp_path / "home", **settings) as place, visited(place) as (guard, _met):
        until(place.moving, what="customers on new")
        one, two, three, other = some_on_new(place, 4)
        with served(place.home) as console:
            assert place.ask("pin", one).returncode == 0
            assert through_the_page(console, pin=f"{two}\n") == 302
            answer = scripted(console, "ann", "move").post(
                "/api/rollouts/catalogue-1/pins/", json={"pin": [three]}
            )
            assert (answer.status_code, len(answer.json()["pins"])) == (200, 3)
            old = ("pinned", "old")
            assert [served_by(place, card) for card in (one, two, three, other)] == [old, old, old, ("new", "new")]

            page = console.known().get(PAGE).text
            assert name_for(place.router, two)[:12] in page
            assert two not in page
            assert through_the_page(console, unpin=name_for(place.router, two)) == 302
            assert served_by(place, two) == ("new", "new")

            guard.send(signal.SIGKILL)
            guard.end()
            assert place.ask("pin", other).returncode == 0
            assert served_by(place, other) == old
            assert place.ask("unpin", "--all").returncode == 0
        said = place.entries("pinned", "unpinned")
        assert [len(body["customers"]) for body in said] == [1, 1, 1, 1, 1, 3]
        assert not any(b"guest" in path.read_bytes() for path in place.home.glob("records.db*"))
        verified = place.ask("verify")
        assert verified.returncode == 0, verified.stdout


@pytest.mark.slow
def test_what_cannot_be_pinned_is_said(tmp_path: Path):
    """No rollout under way, nothing typed, not the JSON that is asked for: nothing is changed."""
    with library(tmp_path / "home", margin="0.02%", budget="2000", baseline="1s") as place:
        nobody = place.ask("pin", "anybody")
        assert (nobody.returncode, "Which rollout? Under way: –" in nobody.stderr) == (2, True)
        with visited(place), served(place.home) as console:
            api = scripted(console, "ann", "read", "move")
            assert through_the_page(console, pin=" \n ") == 409
            for sent in ("", "[]", "{}", '{"pin": "a"}', '{"pin": [""]}', '{"pin": ["a"], "share": 1}'):
                assert api.post("/api/rollouts/catalogue-1/pins/", content=sent).status_code == 422
            gone = api.post("/api/rollouts/other-1/pins/", json={"pin": ["a"]})
            assert (gone.status_code, gone.json()["known"]) == (404, ["catalogue-1"])
            assert api.get("/api/rollouts/catalogue-1/pins/").json() == {"pins": []}
            assert place.ask("unpin").returncode == 2
