"""unfelt is upgraded in the middle of a rollout: a guard of another version goes on with it."""

import json
import signal
import sqlite3
import sys
from pathlib import Path

import pytest
from living import HERE, Library, library, readers, until
from tampering import bodies, rewrite, tampered

from unfelt.engines.guard import VERSION


def older(place: Library) -> list[str]:
    """`unfelt run` as the version before had it."""
    script = str(HERE / "older_unfelt.py")
    return [sys.executable, script, "run", str(place.plan), "--json", "--home", str(place.home)]


def told(place: Library) -> tuple[int, dict[str, object]]:
    """The exit code and the findings of `unfelt verify`."""
    answer = place.ask("verify", "--json")
    return answer.returncode, json.loads(answer.stdout)


def one_more_customer(records: sqlite3.Connection) -> None:
    """An early tally, of which the older guard made a decision, is another one."""
    sequence, body = next((one, body) for one, body in bodies(records, "decision") if body["tallies"])
    body["tallies"][0][5] += 1
    rewrite(records, sequence, body)


@pytest.mark.slow
def test_a_rollout_goes_on_under_a_newer_guard_and_loses_nothing(tmp_path: Path):
    """Taken over from the inputs on record: no decision is lost or doubled, and the report is of the whole.

    Inputs of the older one that are changed afterwards show where the newer one took over.
    """
    with library(tmp_path / "home", margin="3%", budget="500", baseline="1s") as place:
        guard = place.start(older(place))
        until(lambda: place.state() == "baseline", what="baseline")
        with readers(place.listen, place.home / "met.txt", rate=60):
            until(place.moving, what="customers on new")
            before = len(place.batches())
            until(lambda: len(place.batches()) > before + 8, what="looks of the older guard")
            guard.send(signal.SIGKILL)
            guard.end()
            made = len(place.batches())
            code, verified = told(place)
            assert (code, verified["faults"], verified["decisions"]) == (3, [], 0)
            assert verified["undecided"] == made

            newer = place.run()
            assert newer.end() == 0, newer.err.read_text()
        assert place.batches() == list(range(1, len(place.batches()) + 1))
        assert [(body["from"], body["to"]) for body in place.entries("upgraded")] == [(1, VERSION)]
        assert (newer.report()["final"], len(place.rows("SELECT id FROM records_rollout"))) == ("done", 1)
        code, verified = told(place)
        assert (code, verified["faults"], verified["undecided"]) == (3, [], made)
        assert verified["decisions"] + made == len(place.entries("decision"))

        tampered(place.home / "records.db", one_more_customer, is_fitted=True)
        code, verified = told(place)
        (row,) = place.rows("SELECT sequence FROM records_entry WHERE kind = 'upgraded'")
        assert (code, row["sequence"] in [fault["sequence"] for fault in verified["faults"]]) == (1, True)
