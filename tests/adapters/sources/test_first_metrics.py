"""The metrics that a new plan begins with, on the lines of the router's log."""

import pytest
from test_live_source import Bench, cells, line

from unfelt.documents.load import CHANGE, load_text
from unfelt.documents.starting import starting_change

MET = [
    ({"status": 200}, ()),
    ({"status": 0, "flags": "DC"}, ("aborted",)),
    ({"status": 200, "flags": "UC"}, ("aborted",)),
    ({"status": 0, "flags": "UF"}, ("failed",)),
    ({"status": 503, "flags": "URX"}, ("failed",)),
    ({"status": 413}, ("refused",)),
    ({"status": 404, "path": "/docs/"}, ("refused",)),
    ({"status": 404, "path": "/favicon.ico"}, ()),
    ({"status": 401}, ()),
    ({"status": 200, "duration_ms": 900}, ("slow",)),
]
"""An answer, and what it is bad for."""


def first_plan():
    text = starting_change(name="a", title="A", owner="lin", old="http://127.0.0.1:1", new="http://127.0.0.1:2")
    return load_text(text, CHANGE, file="change.yaml").document


@pytest.fixture
def bench(tmp_path):
    metrics = [one.model_dump(mode="json", exclude_none=True) for one in first_plan().experience.metrics]
    made = Bench(tmp_path, metrics=metrics, later=[])
    yield made
    made.source.close()


def test_each_answer_is_bad_for_what_it_is(bench):
    """Refused, failed, slow and aborted are told apart; nothing is left unknown."""
    met = [line(n / 100, f"c{n}", **({"flags": "-"} | answer)) for n, (answer, _) in enumerate(MET)]
    bench.collect(*met)
    batch = bench.collect(line(90, "c99", "old", flags="-"))
    for metric in ("refused", "failed", "slow", "aborted"):
        bad = sum(metric in wrong for _, wrong in MET)
        assert cells(batch.tallies, metric) == {"new": (len(MET), bad)}, metric
    assert batch.intake.unknown == 0


def test_a_request_that_hangs_is_bad_for_what_it_may_become(bench):
    """Nobody knows how it would have ended: it counts as failed, as before."""
    bench.collect(line(0, kind="start", status=None, duration_ms=None))
    batch = bench.collect(line(90, "c99", "old", flags="-"))
    assert cells(batch.tallies, "failed") == {"new": (1, 1)}
    assert cells(batch.tallies, "refused") == {"new": (1, 0)}
