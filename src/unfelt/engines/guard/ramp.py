"""To which share, so that what is exposed before anybody can know fits into the budget."""

from dataclasses import dataclass
from datetime import datetime
from math import exp, inf, log, sqrt

from unfelt.documents.change import Change
from unfelt.engines.guard.impact import Impact
from unfelt.engines.guard.pace import Pace, lead_seconds, observe_seconds

TRICKLE = 4
"""Customers in flight on new before any window has closed well."""

GROWTH = 8
"""In flight, for each customer whose window closed well: about ninefold per window."""

SAFETY = 0.5
"""The part of the budget's room that a widening may plan with: customers do not come evenly, nor does evidence."""

STEP = 1.5
"""A smaller widening is not worth the windows that straddle it."""

UNHURRIED = 0.25
"""The part of the time that the proof is likely to take in which the share may grow from the first to the largest:
small shares are where harm costs least."""

SHORT = 0.5
"""With this part of the budget used and no proof, the budget is what is short, not the time."""

FRUGAL = 0.3
"""The share while the budget is short. What a customer on new tells goes with 1 - share, what a second tells with
share · (1 - share): against half, 1.4 times as much for each customer, and 0.84 times as much each second."""

RARELY = 0.1
"""So many failures on new in a window while something hits both: it may last, and old says when it is over."""

TELLING = 0.1
"""The same where something looks worse on new, or FRUGAL would not be enough: 1.3 times as much as there."""

SLOWER = (FRUGAL, TELLING)

CAUTION = 0.4
"""With evidence of harm this far towards going back, nobody more is let in."""


@dataclass(frozen=True, slots=True)
class Room:
    """What the ramp knows. good: customers on new whose window closed well. more: customers still needed.

    before: the share before it was lowered to wait for something to be over; 0 where it was not. limit: the
    largest share at which the budget is enough for the proof.
    """

    impact: Impact
    good: float
    suspicion: float
    more: float | None
    before: float = 0.0
    limit: float = 1.0


def widest(plan: Change, pace: Pace, room: Room) -> float:
    """The largest share at which those in flight fit the budget (always) and the trickle (above first_share).

    Until the rate of arrival is known it is the first share of the plan.
    """
    rollout = plan.rollout
    if rollout is None:
        return 0.0
    if not pace.rate:
        return rollout.first_share
    flow = pace.rate * lead_seconds(plan)
    gentle = max(rollout.first_share, max(TRICKLE, GROWTH * room.good) / flow)
    largest = _frugal(rollout.largest_share, room) if room.impact.used > SHORT / 2 else rollout.largest_share
    return max(0.0, min(gentle, SAFETY * room.impact.headroom / flow, largest))


def widening(plan: Change, pace: Pace, room: Room, *, share: float, at: datetime) -> float | None:
    """The share to widen to, or None: too soon, suspicious, not worth it, or the budget does not allow it."""
    target = widest(plan, pace, room)
    if share == 0:
        return _first(plan, room, target) or None
    if _has_waited(plan, room, share=share) and target >= STEP * share and room.suspicion <= CAUTION:
        return min(target, room.before)
    target = min(target, share * _growth(plan, pace, room, at))
    if target <= share or room.suspicion > CAUTION or _is_too_soon(plan, pace, at):
        return None
    top = plan.rollout is not None and target >= plan.rollout.largest_share
    worth = target >= STEP * share or top
    return target if worth and _is_faster(plan, pace, room, share=share, target=target) else None


def _has_waited(plan: Change, room: Room, *, share: float) -> bool:
    """The share was lowered to wait for something to be over, and not because the budget is short."""
    return plan.rollout is not None and share <= plan.rollout.first_share and room.before >= STEP * share


def _first(plan: Change, room: Room, target: float) -> float:
    """Before anybody was well on new, no more than the plan's first share: the trickle waits for the next step."""
    return target if room.good or plan.rollout is None else min(target, plan.rollout.first_share)


def _growth(plan: Change, pace: Pace, room: Room, at: datetime) -> float:
    """How many times what it was at its last change the share may be; infinite where nothing is known."""
    rollout = plan.rollout
    if rollout is None or room.more is None or not pace.rate or pace.changed is None:
        return inf
    proof = room.more / (pace.rate * rollout.largest_share)
    whole = max(rollout.largest_share / rollout.first_share, 1.0)
    passed = (at - pace.changed).total_seconds()
    return exp(min(log(whole) * passed / (UNHURRIED * proof), 700.0)) if proof > 0 else inf


def _is_too_soon(plan: Change, pace: Pace, at: datetime) -> bool:
    lasts = observe_seconds(plan) + lead_seconds(plan)
    return pace.changed is not None and (at - pace.changed).total_seconds() < lasts


def _is_faster(plan: Change, pace: Pace, room: Room, *, share: float, target: float) -> bool:
    """A change of share costs the windows that straddle it; near the end it is quicker to stay."""
    if room.more is None or not pace.rate:
        return True
    return room.more / (pace.rate * share) > lead_seconds(plan) + room.more / (pace.rate * target)


def narrowing(plan: Change, pace: Pace, room: Room, *, share: float, at: datetime) -> float | None:
    """None while the budget holds until evidence can come; else the share that fits, 0.0 when none is left.

    A budget that is half used is spent more slowly, and one that is not enough otherwise as soon as that is known.

    Evidence comes with the next tick, or after a change of share with the first windows opened since.
    """
    headroom = room.impact.headroom
    if not pace.rate or share == 0:
        return 0.0 if headroom < 0 else None
    tick = plan.guard.tick.total_seconds()
    flow = pace.rate * share
    if headroom >= _at_worst(flow * max(tick, _until_evidence(plan, pace, at))):
        frugal = _frugal(share, room)
        is_short = room.impact.used >= SHORT or room.limit < share
        return frugal if is_short and frugal < share else None
    in_flight_then = SAFETY * headroom
    fits = in_flight_then / (pace.rate * lead_seconds(plan))
    if in_flight_then >= 1 and fits <= share / STEP:
        return fits
    return 0.0 if headroom < _at_worst(flow * tick) else None


def waiting(plan: Change, pace: Pace, *, share: float, rate: float) -> float:
    """The share while something hits old and new alike: the first one, or about one failure on new in ten windows.

    It is more than 0, so that old is still compared with: whether it is over can be seen.
    """
    first = plan.rollout.first_share if plan.rollout else 0.0
    flow = (pace.rate or 0.0) * lead_seconds(plan) * rate
    low = min(first, RARELY / flow if flow else first)
    return low if share >= STEP * low else share


def _frugal(share: float, room: Room) -> float:
    """The share while the budget is short, where that is worth the windows that straddle the change."""
    frugal = TELLING if room.suspicion > CAUTION else min(FRUGAL, room.limit)
    return frugal if share >= STEP * frugal else share


def _at_worst(customers: float) -> float:
    """How many may come where so many are expected: three standard deviations more."""
    return customers + 3 * sqrt(customers)


def _until_evidence(plan: Change, pace: Pace, at: datetime) -> float:
    since = (at - pace.changed).total_seconds() if pace.changed is not None else 0.0
    return lead_seconds(plan) - since
