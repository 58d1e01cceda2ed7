"""Going back once a rollout is done: said first, done only when it is asked for once more, and on record."""

from pathlib import Path

import pytest
from living import Library, library, until, visited
from serving import Served, served


def plainly_refused(place: Library, console: Served) -> None:
    """Nobody is moved, and what going back would do is said: by command, by API, by page."""
    share = place.last_on_new()
    answer = place.ask("back")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "catalogue-1 is done: its customers are on new for good, and nobody was moved." in answer.stderr
    assert "To do it all the same: unfelt back catalogue-1 --reopen" in answer.stderr
    machine = console.stranger(Authorization=f"Bearer {console.token}")
    told = machine.post("/api/rollouts/catalogue-1/back/")
    assert (told.status_code, told.json()["ok"], told.json()["reopens"]) == (409, False, True)
    client = console.known()
    assert "says first what would happen" in client.get("/rollouts/catalogue-1/").text
    fields = {"csrfmiddlewaretoken": client.cookies["csrftoken"]}
    page = client.post("/rollouts/catalogue-1/back/", data=fields)
    assert (page.status_code, "Reopen and go back" in page.text) == (409, True)
    assert place.state() == "done"
    until(lambda: place.last_on_new() > share, what="customers on new still")


@pytest.mark.slow
def test_a_rollout_that_is_done_goes_back_only_when_it_is_reopened(tmp_path: Path):
    """With --reopen everybody is on old; state, report and ledger say so, and the ledger holds."""
    with library(tmp_path / "home", margin="30%", baseline="1s", soak="1s") as place, visited(place) as (guard, _):
        assert guard.end() == 0
        with served(place.home) as console:
            plainly_refused(place, console)
        answer = place.ask("back", "--reopen")
        assert (answer.returncode, answer.stderr) == (0, "")
        last = place.last_on_new()
        assert place.state() == "back"
        because = place.entries("taken_back")[-1]["because"]["text"]
        assert because == "reopened by hand after it was done: everybody was put back on old"
        report = place.ask("report", "--json")
        assert '"final": "back"' in report.stdout
        assert place.ask("verify").returncode == 0
        until(lambda: len(place.log()) and place.ask("back").returncode == 1, what="a second one")
        assert place.last_on_new() <= last + 2
