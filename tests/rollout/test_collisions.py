"""Two changes that reach the same touchpoints do not move customers at the same time."""

from datetime import UTC, datetime

import pytest

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.rollout.decide import Order, State
from unfelt.rollout.journal import Journal
from unfelt.rollout.places import Places
from unfelt.rollout.preconditions import must_not_collide
from unfelt.rollout.refusal import CannotStart
from unfelt.rollout.start import begin

NOW = datetime(2026, 11, 27, tzinfo=UTC)
NOTHING = Message("nothing")


def change(name: str, port: int, touches: list[str], *, emergency: bool = False) -> Change:
    """A change that touches these."""
    return Change.model_validate(
        {
            "unfelt": 1,
            "change": {"id": name, "title": name, "owner": "lin", "emergency": emergency},
            "touches": touches,
            "experience": {
                "customer": "cookie:u",
                "metrics": [{"id": "f", "bad": "status >= 500", "margin": "1%"}],
            },
            "guard": {"impact_budget": "40 customers"},
            "rollout": {
                "listen": f"127.0.0.1:{port}",
                "old": "http://127.0.0.1:9001",
                "new": "http://127.0.0.1:9002",
            },
        }
    )


@pytest.fixture
def moving(tmp_path):
    """A rollout that has assigned customers of checkout and cart, until the test ends."""
    row = begin(change("collides-first", 8101, ["checkout", "cart"]), places=Places(tmp_path), at=NOW)
    Journal(row.id).enter(Order(State.BASELINE, 0.0, NOTHING), at=NOW)
    yield row
    Journal(row.id).enter(Order(State.BACK, 0.0, NOTHING), at=NOW)


def test_a_change_waits_for_another_on_the_same_touchpoints(moving):
    """It names the other, what they share, and what to do."""
    with pytest.raises(CannotStart, match="collides-first is moving customers of cart too"):
        must_not_collide(change("collides-second", 8102, ["cart", "orders"]))


def test_other_touchpoints_the_same_change_and_an_emergency_do_not_wait(moving):
    """Nor a change that says of nothing what it touches."""
    must_not_collide(change("collides-second", 8102, ["orders"]))
    must_not_collide(change("collides-second", 8102, []))
    must_not_collide(change("collides-first", 8101, ["checkout"]))
    must_not_collide(change("collides-second", 8102, ["cart"], emergency=True))


def test_once_the_other_has_ended_nobody_waits(tmp_path):
    """Whatever its end."""
    row = begin(change("collides-third", 8103, ["search"]), places=Places(tmp_path), at=NOW)
    must_not_collide(change("collides-second", 8102, ["search"]))  # Prepared: nobody was assigned yet.
    Journal(row.id).enter(Order(State.BASELINE, 0.0, NOTHING), at=NOW)
    with pytest.raises(CannotStart):
        must_not_collide(change("collides-second", 8102, ["search"]))
    Journal(row.id).enter(Order(State.BACK, 0.0, NOTHING), at=NOW)
    must_not_collide(change("collides-second", 8102, ["search"]))
