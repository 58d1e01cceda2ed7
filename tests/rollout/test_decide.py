"""What the rollout does next."""

from datetime import UTC, datetime, timedelta

import pytest

from plans import plan
from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.engines.guard import Affected, Decision, SplitView
from unfelt.rollout.decide import Order, Standing, State, next_order

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SAID = Message("so it is")


def says(action: str, *, share: float | None = 0.1) -> Decision:
    """A decision of the guard."""
    affected = Affected(at_most=0, estimate=0.0, of=0, confidence=0.99)
    return Decision(action, share, SAID, affected, None, None, NOON, (), SplitView(ok=True, e_value=1.0))


def stands(state: State, *, share: float = 0.1, step: int = 0, promoted: bool = False) -> Standing:
    """In that state since noon."""
    return Standing(state, NOON, share, step=step, promoted=promoted)


def order(
    standing: Standing, decision: Decision, *, after: float = 1, change: Change | None = None
) -> Order | None:
    """What is due so many seconds after noon."""
    return next_order(standing, decision, change or plan(), now=NOON + timedelta(seconds=after))


def test_nothing_is_due_while_the_guard_holds():
    """Holding is no step."""
    assert order(stands(State.WATCHING), says("hold")) is None


def test_widening_is_an_order_for_the_share_that_the_guard_names():
    """The guard says how far."""
    assert order(stands(State.WATCHING), says("widen", share=0.2)) == Order(State.WATCHING, 0.2, SAID)


def test_a_short_budget_narrows_the_share():
    """A hold at a smaller share moves customers back to it."""
    assert order(stands(State.WATCHING, share=0.5), says("hold", share=0.2)) == Order(State.WATCHING, 0.2, SAID)


@pytest.mark.parametrize("state", [State.WATCHING, State.PROMOTING, State.SOAKING, State.UNMEASURED])
def test_back_is_final_in_every_state(state: State):
    """Whatever the rollout does, back ends it."""
    due = order(stands(state, promoted=state is State.SOAKING), says("back"))
    assert (due, due and due.final) == (Order(State.BACK, 0.0, SAID), True)


def test_the_baseline_lasts_as_long_as_the_plan_says():
    """Nobody is moved before."""
    assert order(stands(State.BASELINE), says("widen"), after=4.9) is None
    due = order(stands(State.BASELINE), says("widen"), after=5)
    assert (due and due.state, due and due.share) == (State.WATCHING, 0.0)


def test_groups_that_differ_in_the_baseline_stop_the_rollout():
    """A difference before anybody moved is not this change's doing, and spoils the comparison."""
    due = order(stands(State.BASELINE), says("back"))
    assert (due and due.state, str(due and due.because)) == (
        State.BACK,
        "stopped before anybody was moved: so it is",
    )


def test_unmeasured_holds_the_share():
    """Customers stay where they are while nothing can be said."""
    assert order(stands(State.WATCHING, share=0.3), says("unmeasured")) == Order(State.UNMEASURED, 0.3, SAID)


def test_measured_again_it_goes_on():
    """The state ends when the telemetry is back."""
    assert order(stands(State.UNMEASURED), says("hold")) == Order(State.WATCHING, 0.1, SAID)


def test_after_promotion_the_share_climbs_step_by_step():
    """Capacity is watched between the steps."""
    assert order(stands(State.WATCHING), says("promote")) == Order(State.PROMOTING, 0.75, SAID)
    proved = stands(State.PROMOTING, share=0.75, promoted=True)
    assert order(proved, says("hold"), after=1.9) is None
    due = order(proved, says("hold"), after=2)
    assert due is not None
    assert (due.state, due.share, due.step) == (State.PROMOTING, 0.95, 1)


def test_the_soak_follows_the_last_step_and_ends_the_rollout():
    """Everybody is on new for good only after the soak."""
    top = order(stands(State.PROMOTING, share=0.95, step=1, promoted=True), says("hold"), after=2)
    assert top is not None
    assert (top.state, top.share) == (State.SOAKING, 0.95)
    soaking = stands(State.SOAKING, share=0.95, step=1, promoted=True)
    assert order(soaking, says("hold"), after=9) is None
    done = order(soaking, says("hold"), after=10)
    assert done is not None
    assert (done.state, done.share, done.final) == (State.DONE, 1.0, True)


def test_after_an_interruption_the_climb_begins_where_it_was():
    """A lapse put everybody on old; what was proved stays proved."""
    due = order(stands(State.SOAKING, share=0.0, step=1, promoted=True), says("hold"))
    assert due is not None
    assert (due.state, due.share, due.step) == (State.PROMOTING, 0.95, 1)


def test_a_spent_budget_takes_customers_back_or_asks():
    """As the plan says."""
    assert order(stands(State.WATCHING), says("spent")) == Order(State.BACK, 0.0, SAID)
    asking = plan(when_spent="hold")
    assert order(stands(State.WATCHING), says("spent"), change=asking) == Order(State.SPENT, 0.0, SAID)
    assert order(stands(State.SPENT, share=0.0), says("spent"), change=asking) is None


@pytest.mark.parametrize(
    ("mode", "action", "asks"),
    [
        ("auto", "back", False),
        ("auto", "widen", False),
        ("auto", "promote", False),
        ("back", "back", False),
        ("back", "widen", True),
        ("back", "promote", True),
        ("advise", "back", True),
        ("advise", "widen", True),
        ("advise", "promote", True),
    ],
)
def test_the_mode_says_who_acts(mode: str, action: str, *, asks: bool):
    """Advise: a person; back: a person widens and promotes; auto: nobody is asked."""
    due = order(stands(State.WATCHING), says(action, share=0.2), change=plan(mode=mode))
    assert due is not None
    assert due.asks is asks


DIFFERS = (Message("a route answers 413"),)


def differing(standing, action, *, unregistered=None, after=1):
    """What is due while something differs that no metric names."""
    guard = plan().guard.model_copy(update={"unregistered": unregistered})
    change = plan().model_copy(update={"guard": guard})
    now = NOON + timedelta(seconds=after)
    return next_order(standing, says(action, share=0.2), change, now=now, differing=DIFFERS)


def test_what_no_metric_names_holds_the_promotion():
    """Proved is not enough; watching and widening go on."""
    assert differing(stands(State.WATCHING), "promote") is None
    assert differing(stands(State.WATCHING), "widen").state is State.WATCHING


def test_what_no_metric_names_holds_the_next_share_the_soak_and_the_end():
    """Found after promotion it goes no further; where it was before an interruption it goes again."""
    later = 10**6
    again = differing(stands(State.UNMEASURED, share=0.0, step=1, promoted=True), "hold", after=later)
    assert (again.state, again.step) == (State.PROMOTING, 1)
    assert differing(stands(State.PROMOTING, share=0.75, promoted=True), "hold", after=later) is None
    assert differing(stands(State.SOAKING, share=0.95, step=1, promoted=True), "hold", after=later) is None


def test_a_plan_can_go_back_by_what_no_metric_names():
    """At once, for what it says."""
    due = differing(stands(State.WATCHING), "widen", unregistered="back")
    assert due == Order(State.BACK, 0.0, DIFFERS[0])


def test_a_plan_can_have_it_reported_only():
    """Then the promotion goes on."""
    assert differing(stands(State.WATCHING), "promote", unregistered="report").state is State.PROMOTING


@pytest.mark.parametrize("action", ["back", "spent", "unmeasured"])
def test_what_the_guard_says_against_new_is_done_all_the_same(action):
    """A difference never keeps customers on new."""
    assert differing(stands(State.WATCHING), action).state in (State.BACK, State.UNMEASURED)
