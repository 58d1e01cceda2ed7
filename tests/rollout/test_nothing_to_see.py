"""Nothing to look at: the rollout waits, says for whom, and ends cleanly."""

import signal
import time
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from living import Library, library, until

from unfelt.documents.change import Change
from unfelt.rollout.decide import Standing, State
from unfelt.rollout.waiting import given_up, silence, waited_for


def a_change(*segments: dict[str, object], **guard: object) -> Change:
    """A plan with these segments."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": "split", "title": "Split", "owner": "lin"},
            "experience": {
                "customer": ["header:x-user", "cookie:uid"],
                "columns": {"region": "query:region"},
                "segments": list(segments),
                "metrics": [{"id": "failed", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "10 customers", **guard},
            "rollout": {"old": "http://127.0.0.1:1", "new": "http://127.0.0.1:2"},
        }
    )


def test_without_customers_it_is_said_where_they_come_and_how_they_are_known():
    """So that whoever forgot to send them there finds out."""
    said = str(waited_for(a_change(), customers=0, seen={}))
    assert said == (
        "no customer has come yet: they come through the router on 127.0.0.1:8080, and are known by "
        "header:x-user, cookie:uid"
    )


@pytest.mark.parametrize(
    ("by", "seen", "said"),
    [
        ("device", (), "no customer with a device was seen to the end yet (phone, tablet or desktop, by"),
        ("device", ("other",), "every customer so far is “other” there (phone, tablet or desktop"),
        ("region", (), "no customer with a region was seen to the end yet (query:region)"),
        ("tier", ("other",), "every customer so far is “other” there (header:x-tier)"),
    ],
)
def test_a_segment_that_must_be_proved_is_named_with_what_it_is_read_from(by, seen, said):
    """And what stands there so far."""
    change = a_change({"by": by, "margin": "2%"})
    wanted = str(waited_for(change, customers=5, seen={by: seen}))
    assert f"segment {by} must be proved" in wanted
    assert said in wanted


@pytest.mark.parametrize(
    ("segment", "seen"),
    [
        ({"by": "device"}, ()),
        ({"by": "device", "margin": "2%"}, ("other", "phone")),
        ({"by": "device", "margin": "2%", "values": ["phone"]}, ()),
    ],
)
def test_nothing_is_waited_for_where_something_can_be_proved(segment, seen):
    """Without a margin, with a value, or with values that the plan names."""
    assert waited_for(a_change(segment), customers=5, seen={"device": seen}) is None


def test_a_rollout_gives_up_when_its_plan_says_so():
    """After the baseline and the wait that the plan allows; without one it waits."""
    since = datetime(2026, 11, 30, tzinfo=UTC)
    standing = Standing(State.BASELINE, since, 0.0)
    wanted = waited_for(a_change(), customers=0, seen={})
    assert wanted is not None
    late = since + timedelta(minutes=5, hours=1)
    assert given_up(a_change(), standing, wanted, now=late) is None
    limited = a_change(unseen="1h")
    assert given_up(limited, standing, wanted, now=late - timedelta(seconds=1)) is None
    order = given_up(limited, standing, wanted, now=late)
    assert order is not None
    assert (order.state, order.share, order.asks) == (State.BACK, 0.0, False)
    assert str(order.because).startswith(
        "ended before anybody was moved, after 1h of waiting: no customer has come"
    )


def test_silence_is_said_early_at_first_and_later_after_a_minute():
    """A rollout that nobody comes to and one to which nobody comes any more."""
    change = a_change()
    assert silence(change, customers=0, seconds=9) is None
    assert "no customer has come yet" in str(silence(change, customers=0, seconds=10))
    assert silence(change, customers=3, seconds=59) is None
    assert "no new customer came for 60 s" in str(silence(change, customers=3, seconds=60))


# With a real router -------------------------------------------------------------------------------------------


def said_by(place: Library) -> str:
    """All that the newest guard has said."""
    return place.guards[-1].err.read_text()


def visit(place: Library, card: str, agent: str) -> None:
    """One request of one reader."""
    connection = HTTPConnection(place.listen, timeout=10)
    connection.request("GET", "/", headers={"Cookie": f"card={card}", "User-Agent": agent})
    connection.getresponse().read()
    connection.close()


@pytest.mark.slow
def test_without_traffic_it_waits_says_so_and_is_interrupted_cleanly(tmp_path: Path):
    """The listener is named; nothing breaks after the baseline; the router serves on."""
    with library(tmp_path / "home", baseline="1s", segments="{by: device, margin: 20%}") as place:
        guard = place.run()
        until(lambda: "the baseline goes on: no customer has come yet" in said_by(place), what="the wait")
        assert f"The router listens on http://{place.listen}: customers come through it." in said_by(place)
        assert place.state() == "baseline"
        guard.send(signal.SIGINT)
        assert guard.end() == 128 + signal.SIGINT
        assert "Traceback" not in said_by(place)
        assert f"unfelt router --stop {place.listen}" in said_by(place)
        visit(place, "ann", "curl/8")


@pytest.mark.slow
def test_customers_of_no_known_device_are_waited_with_until_the_plan_gives_up(tmp_path: Path):
    """Scripts came, and no browser: that was a traceback once. It ends taken back, and customers are on old."""
    settings = {"segments": "{by: device, margin: 20%}", "waits": ", unseen: 12s"}
    with library(tmp_path / "home", baseline="1s", **settings) as place:
        guard = place.run()
        until(lambda: place.state() == "baseline", what="baseline")
        for number in range(40):
            visit(place, f"card-{number}", "python-requests/2")
            time.sleep(0.05)
        until(lambda: "every customer so far is “other” there" in said_by(place), what="the wait")
        assert guard.end() == 1
        assert "Traceback" not in said_by(place)
        assert place.state() == "back"
        visit(place, "ann", "curl/8")
