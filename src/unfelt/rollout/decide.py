"""What the rollout does next: pure, from where it stands and what the guard says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from unfelt.conf.language import Message
from unfelt.documents.change import Change
from unfelt.documents.rolling import RolloutPlan
from unfelt.engines.guard import Decision


class State(StrEnum):
    """Where a rollout can stand."""

    PREPARED = "prepared"
    BASELINE = "baseline"
    WATCHING = "watching"
    HELD = "held"
    PROMOTING = "promoting"
    SOAKING = "soaking"
    DONE = "done"
    BACK = "back"
    SPENT = "spent"
    UNMEASURED = "unmeasured"


FINAL = frozenset({State.DONE, State.BACK})
"""Nothing follows these."""
MILLION = 1_000_000
"""The finest step of a share is a millionth."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the rollout stands: its state since when, and what the router does."""

    state: State
    since: datetime
    share: float
    step: int = 0
    """Of the shares after promotion, the one it is at."""
    promoted: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done: the state to be in, and the share to be at."""

    state: State
    share: float
    because: Message
    step: int = 0
    asks: bool = False
    """A person has to confirm it first."""

    @property
    def final(self) -> bool:
        """The rollout ends with it."""
        return self.state in FINAL


def next_order(
    standing: Standing, decision: Decision, change: Change, *, now: datetime, differing: Sequence[Message] = ()
) -> Order | None:
    """The order that follows from the guard's decision, or None while there is nothing to do.

    differing: what no metric of the plan names, can be met by customers, and was accepted by nobody.
    """
    plan = rollout_of(change)
    if standing.state is State.BASELINE:
        order = _after_baseline(standing, decision, plan, now=now)
    elif decision.action == "back":
        order = Order(State.BACK, 0.0, decision.because)
    elif decision.action == "spent":
        order = _spent(standing, decision, change)
    elif decision.action == "unmeasured":
        order = _hold(standing, State.UNMEASURED, decision)
    elif differing and change.guard.unregistered == "back":
        order = Order(State.BACK, 0.0, differing[0])
    elif standing.promoted:
        order = _after_promotion(standing, plan, now=now)
    else:
        order = _watching(standing, decision, plan)
    if differing and order is not None and holds(change, standing, order):
        order = None
    return order and _asking(order, standing, decision, mode=change.guard.mode)


def holds(change: Change, standing: Standing, order: Order) -> bool:
    """Whether that order waits for a person while something differs that no metric names.

    Going on where it was before an interruption goes no further, and waits for nobody.
    """
    if standing.promoted:
        is_end = order.state in (State.SOAKING, State.DONE) and order.state is not standing.state
        further = is_end or order.step > standing.step
    else:
        further = order.state is State.PROMOTING
    return further and change.guard.unregistered in (None, "hold")


def rollout_of(change: Change) -> RolloutPlan:
    """The rollout part of a plan that has one."""
    if change.rollout is None:
        raise ValueError("This plan has no `rollout`: it can only be used for judging.")
    return change.rollout


def _after_baseline(standing: Standing, decision: Decision, plan: RolloutPlan, *, now: datetime) -> Order | None:
    if decision.action == "back":
        why = Message("stopped before anybody was moved: {why}", why=decision.because)
        return Order(State.BACK, 0.0, why)
    if decision.action == "unmeasured":
        return None
    if now - standing.since < plan.baseline:
        return None
    return Order(State.WATCHING, 0.0, Message("the baseline is taken: both groups alike, telemetry complete"))


def _watching(standing: Standing, decision: Decision, plan: RolloutPlan) -> Order | None:
    if decision.action == "promote":
        return Order(State.PROMOTING, plan.promoting[0], decision.because)
    share = standing.share if decision.share is None else _whole(decision.share)
    if share != _whole(standing.share):
        return Order(State.WATCHING, share, decision.because)
    return _hold(standing, State.WATCHING, decision) if standing.state is State.UNMEASURED else None


def _after_promotion(standing: Standing, plan: RolloutPlan, *, now: datetime) -> Order | None:
    wanted = plan.promoting[standing.step]
    if standing.share != wanted or standing.state is State.UNMEASURED:
        why = Message("on at {share:.0%}, where it was before the interruption", share=wanted)
        return Order(State.PROMOTING, wanted, why, step=standing.step)
    if standing.state is State.PROMOTING and now - standing.since >= plan.step:
        return _climb(standing, plan)
    if standing.state is State.SOAKING and now - standing.since >= plan.soak:
        return Order(State.DONE, 1.0, Message("the soak is over and nothing spoke against it"))
    return None


def _climb(standing: Standing, plan: RolloutPlan) -> Order:
    step = standing.step + 1
    if step < len(plan.promoting):
        share = plan.promoting[step]
        return Order(State.PROMOTING, share, Message("proved unfelt: on to {share:.0%}", share=share), step=step)
    why = Message("everybody who is to move has moved: the soak begins")
    return Order(State.SOAKING, standing.share, why, step=standing.step)


def _spent(standing: Standing, decision: Decision, change: Change) -> Order | None:
    if change.guard.when_spent == "back":
        return Order(State.BACK, 0.0, decision.because)
    return None if standing.state is State.SPENT else Order(State.SPENT, 0.0, decision.because)


def _hold(standing: Standing, state: State, decision: Decision) -> Order | None:
    return None if standing.state is state else Order(state, standing.share, decision.because)


def _whole(share: float) -> float:
    """The share in whole millionths, rounded down: the router takes no finer ones."""
    return int(share * MILLION + 1e-3) / MILLION


def _asking(order: Order, standing: Standing, decision: Decision, *, mode: str) -> Order:
    """In advise mode a person acts; in back mode the guard goes back by itself and a person does the rest.

    What puts nobody more on `new` needs no leave, nor does going on where it was before an interruption.
    """
    goes_back = order.state in (State.BACK, State.SPENT)
    wider = order.share > standing.share and decision.action in ("widen", "promote")
    asks = mode == "advise" if goes_back else mode != "auto" and wider
    return Order(order.state, order.share, order.because, step=order.step, asks=asks)
